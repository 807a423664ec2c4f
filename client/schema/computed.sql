-- A fingerprint of the functions that the indexes of lms are computed with, and of those that they call.
WITH RECURSIVE used AS (
  SELECT d.refobjid AS id
  FROM pg_depend AS d
  JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('i', 'I') AND c.relnamespace::regnamespace::text = 'lms'
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_proc'::regclass
  UNION
  SELECT d.refobjid
  FROM used AS u
  JOIN pg_depend AS d ON (d.classid, d.objid, d.refclassid) = ('pg_proc'::regclass, u.id, 'pg_proc'::regclass)
)
SELECT coalesce(md5(string_agg(pg_get_functiondef(u.id), E'\n' ORDER BY u.id)), '')
FROM used AS u
