INSERT INTO lms.card (number, patron, issued_on, status)
SELECT s.number, p.id, s.issued_on, coalesce(s.status, 'active')
FROM pg_temp.card AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron;
