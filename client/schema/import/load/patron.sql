INSERT INTO lms.patron (
  id, authority, branch, category, birth_year, status, registered_on, expires_on, last_fee_on, deleted_on,
  last_activity_on, keeps_history, login, protected, guardian_patron
)
SELECT p.id, s.authority, s.branch, s.category, coalesce(s.birth_year, extract(year FROM n.birth_date)),
  coalesce(s.status, 'active'), s.registered_on, s.expires_on, s.last_fee_on, s.deleted_on, s.last_activity_on,
  coalesce(s.keeps_history, FALSE), coalesce(s.login, 'local'), coalesce(s.protected, FALSE), g.id
FROM pg_temp.patron AS s
JOIN patronctl.imported_patron AS p ON p.source = s.id
LEFT JOIN patronctl.imported_patron AS g ON g.source = s.guardian_patron
LEFT JOIN pg_temp.identity AS n ON n.patron = s.id
ORDER BY p.id;
