-- Codes for completion: nothing about people, so nothing to record. Rules and plans are those that this login may see.
CREATE FUNCTION desk.names(kind text) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off
AS $$
  SELECT desk.require_open('completion');
  SELECT a.code FROM lms.authority AS a WHERE names.kind = 'authority'
  UNION ALL
  SELECT b.code FROM lms.branch AS b WHERE names.kind = 'branch'
  UNION ALL
  SELECT c.code FROM lms.category AS c WHERE names.kind = 'category'
  UNION ALL
  SELECT r.name
  FROM patronctl.rule AS r
  WHERE names.kind = 'rule'
    AND CASE WHEN r.authority IS NULL THEN EXISTS (SELECT FROM desk.my_rights('retention list')) ELSE desk.administers('retention list', r.authority) END
  UNION ALL
  SELECT l.id::text
  FROM patronctl.plan AS l
  WHERE names.kind = 'plan' AND l.state = 'open' AND l.hash IS NOT NULL
    AND desk.refuses_to_show(l) IS NULL
  ORDER BY 1
  LIMIT 500
$$;
