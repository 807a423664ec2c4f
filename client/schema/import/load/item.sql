INSERT INTO lms.item (id, barcode, title, branch)
SELECT i.id, s.barcode, coalesce(s.title, ''), s.branch
FROM pg_temp.item AS s
JOIN patronctl.imported_item AS i ON i.source = s.id
ORDER BY i.id;
