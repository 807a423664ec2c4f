-- What the functions, indexes and triggers of this database are made of: functions by a hash of all that decides what they
-- do, indexes and triggers by the statement that makes them. definitions.csv says how it must be; any login can ask this.
SELECT 'function' AS kind, p.oid::regprocedure::text COLLATE "C" AS object,
  encode(sha256(convert_to(concat_ws(E'\n', l.lanname, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.provolatile,
    array_to_string(p.proconfig, ','), pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proowner::regrole,
    coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)), 'UTF8')), 'hex') AS definition
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk')
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
UNION ALL
SELECT 'index', i.indexrelid::regclass::text, coalesce(
  (SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
   FROM pg_constraint AS k
   WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')),
  replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '))
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
WHERE c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
UNION ALL
SELECT 'trigger', format('%I ON %s', t.tgname, t.tgrelid::regclass), pg_get_triggerdef(t.oid)
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid AND NOT c.relispartition
WHERE NOT t.tgisinternal
  AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
ORDER BY 1, 2
