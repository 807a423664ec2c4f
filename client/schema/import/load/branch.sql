INSERT INTO lms.branch (code, authority, name)
SELECT s.code, s.authority, s.name
FROM pg_temp.branch AS s;
