-- What the functions, indexes and triggers of this database are made of: functions by a hash of all that decides what they
-- do, indexes and triggers by the statement that makes them. And what patronctl has none of, because it would divert rows or
-- run unseen: rules, policies, event triggers. definitions.csv says how it must be; any login can ask this.
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
JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal
  AND t.tgparentid = 0 -- not the one that a partition has of its table
  AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
UNION ALL
SELECT 'rule', format('%I ON %s', r.rulename, c.oid::regclass), pg_get_ruledef(r.oid)
FROM pg_rewrite AS r
JOIN pg_class AS c ON c.oid = r.ev_class
WHERE r.rulename <> '_RETURN' -- which makes a view
  AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
UNION ALL
SELECT 'policy', format('%I ON %s', p.polname, c.oid::regclass),
  coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), 'true')
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
WHERE c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
UNION ALL
SELECT 'row security', c.oid::regclass::text,
  concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'enabled' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END)
FROM pg_class AS c
WHERE (c.relrowsecurity OR c.relforcerowsecurity)
  AND c.relnamespace::regnamespace::text IN ('lms', 'patronctl')
UNION ALL
SELECT 'event trigger', quote_ident(e.evtname), format('%s %s', e.evtevent, e.evtfoid::regprocedure)
FROM pg_event_trigger AS e
WHERE NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = e.oid AND d.classid = 'pg_event_trigger'::regclass AND d.deptype = 'e')
ORDER BY 1, 2
