INSERT INTO lms.block (id, patron, authority, level, reason_code, placed_on, lifted_on)
SELECT b.id, p.id, s.authority, s.level, s.reason_code, s.placed_on, s.lifted_on
FROM pg_temp.block AS s
JOIN patronctl.imported_block AS b ON b.source = s.id
JOIN patronctl.imported_patron AS p ON p.source = s.patron
ORDER BY b.id;
