INSERT INTO lms.credential (patron, authority, secret_hash, set_at, one_time_until, must_change, failed_attempts, locked_until)
SELECT p.id, home.authority, s.secret_hash, s.set_at, s.one_time_until, coalesce(s.must_change, FALSE),
  coalesce(s.failed_attempts, 0), s.locked_until
FROM pg_temp.credential AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN lms.patron AS home ON home.id = p.id
ORDER BY p.id;
