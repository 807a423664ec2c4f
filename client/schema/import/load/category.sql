INSERT INTO lms.category (code, name)
SELECT s.code, coalesce(s.name, s.code)
FROM pg_temp.category AS s;
