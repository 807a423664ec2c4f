INSERT INTO lms.branch (code, authority, name)
SELECT s.code, s.authority, coalesce(s.name, s.code)
FROM pg_temp.branch AS s;
