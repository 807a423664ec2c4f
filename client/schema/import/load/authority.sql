SELECT lms.add_authority(s.code, s.name, s.currency, s.time_zone)
FROM pg_temp.authority AS s
ORDER BY s.line;
