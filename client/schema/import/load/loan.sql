INSERT INTO lms.loan (id, patron, item, authority, branch, lent_at, due_at, returned_at, renewals)
SELECT l.id, p.id, i.id, coalesce(s.authority, b.authority), s.branch, s.lent_at, s.due_at, s.returned_at,
  coalesce(s.renewals, 0)
FROM pg_temp.loan AS s
JOIN patronctl.imported_loan AS l ON l.source = s.id
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN patronctl.imported_item AS i ON i.source = s.item
LEFT JOIN lms.branch AS b ON b.code = s.branch
ORDER BY l.id;
