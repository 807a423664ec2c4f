-- Codes for completion: nothing about people, so nothing to record. Rules, plans, requests and
-- disclosures are those that this login may see.
CREATE FUNCTION desk.names(kind text) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
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
    AND CASE WHEN r.authority IS NULL THEN EXISTS (SELECT FROM desk.my_rights('retention list'))
      ELSE desk.administers('retention list', r.authority) END
  UNION ALL
  SELECT l.id::text
  FROM patronctl.plan AS l
  WHERE names.kind = 'plan' AND l.state = 'open' AND l.hash IS NOT NULL
    AND desk.refuses_to_show(l) IS NULL
  UNION ALL
  SELECT r.id::text
  FROM patronctl.request AS r
  WHERE names.kind = 'request'
    AND (desk.administers('request list', r.authority) OR desk.is_answered_by(r, desk.authorities_at('request decide', NULL)))
    AND NOT EXISTS (SELECT FROM patronctl.request_step AS s WHERE s.request = r.id AND s.step = 'close')
  UNION ALL
  SELECT d.id::text
  FROM patronctl.disclosure AS d
  WHERE names.kind = 'disclosure' AND d.needs_second
    AND desk.administers('disclosure list', d.authority)
    AND NOT EXISTS (SELECT FROM patronctl.disclosure_step AS s WHERE s.disclosure = d.id)
  ORDER BY 1
  LIMIT 500
$$;
