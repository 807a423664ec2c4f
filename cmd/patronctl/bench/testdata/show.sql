-- The two calls of patron show.
SELECT desk.open_access('patron show', '', '', jsonb_build_object('ref', :'card')) AS access \gset
SELECT desk.show_patron(:access, FALSE);
