INSERT INTO lms.category (code, name)
SELECT s.code, s.name
FROM pg_temp.category AS s;
