-- A loan that was moved to the anonymous since has no number any more, and one of somebody else is not this patron's.
INSERT INTO lms.fee (id, patron, authority, kind, amount, raised_on, loan)
SELECT f.id, p.id, s.authority, s.kind, s.amount, s.raised_on, l.id
FROM pg_temp.fee AS s
JOIN patronctl.imported_fee AS f ON f.source = s.id
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN patronctl.imported_loan AS m ON m.source = s.loan
LEFT JOIN lms.loan AS l ON (l.patron, l.id) = (p.id, m.id)
ORDER BY f.id;
