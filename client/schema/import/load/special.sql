INSERT INTO lms.special (patron, authority, faith, sexuality, disability, ethnic_origin)
SELECT p.id, home.authority, s.faith, s.sexuality, s.disability, s.ethnic_origin
FROM pg_temp.special AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN lms.patron AS home ON home.id = p.id
ORDER BY p.id;
