INSERT INTO lms.hold (id, patron, kind, item, title, authority, branch, placed_at, ready_at, closed_at, outcome)
SELECT h.id, p.id, coalesce(s.kind, 'reservation'), i.id, s.title, s.authority, s.branch, s.placed_at, s.ready_at, s.closed_at, s.outcome
FROM pg_temp.hold AS s
JOIN patronctl.imported_hold AS h ON h.source = s.id
JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN patronctl.imported_item AS i ON i.source = s.item
ORDER BY h.id;
