INSERT INTO lms.address (patron, authority, kind, lines, town, postcode, country)
SELECT p.id, home.authority, s.kind, s.lines, s.town, s.postcode, s.country
FROM pg_temp.address AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN lms.patron AS home ON home.id = p.id
ORDER BY p.id;
