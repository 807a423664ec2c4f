-- patron show without the gate.
SELECT bench.show_patron(:'card', FALSE);
