INSERT INTO lms.membership (patron, authority, basis, joined_on, expires_on)
SELECT p.id, s.authority, s.basis, s.joined_on, s.expires_on
FROM pg_temp.membership AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
ORDER BY p.id;
