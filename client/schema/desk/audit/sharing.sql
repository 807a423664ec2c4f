-- Who looked at whose people: counts across authorities, which lead to nobody.

-- The moments at which a period of whole days begins and ends, at the authority of this login, or in UTC. Infinity is today.
CREATE FUNCTION desk.days(
  operation text, since date, until date, OUT begins timestamptz, OUT ends timestamptz, OUT first date, OUT last date
)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT desk.begins(d.first, z.name), desk.begins(d.last + 1, z.name), d.first, d.last
  FROM (SELECT coalesce((SELECT a.time_zone FROM lms.authority AS a WHERE a.code = desk.only_authority(operation)), 'UTC') AS name) AS z,
    LATERAL (SELECT (clock_timestamp() AT TIME ZONE z.name)::date AS today) AS t,
    LATERAL (SELECT
      CASE WHEN isfinite(since) THEN since ELSE t.today END AS first,
      CASE WHEN isfinite(until) THEN until ELSE t.today END AS last
    ) AS d
$$;

-- Lookups of people whose home is another authority than that of who looked, by pair of authorities and purpose: how many, of
-- how many people, and of how many of them debts were told (debt check and patron show tell them). Numbers of fewer than
-- five people are left out, and so are numbers that leave fewer than five when taken from others; who adds up, adds up what
-- is there, so that no sum gives away what is not. A consortium's own staff, such as jobs, look for ''.
CREATE FUNCTION desk.report_sharing(access bigint, since date, until date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'report_sharing');
  period record := desk.days('report sharing', since, until);
  mine   text[] := ARRAY(SELECT r.authority FROM desk.my_rights('report sharing') AS r);
  debts  text[] := ARRAY(SELECT desk.marked('debts'));
  shared text[] := ARRAY(SELECT r.operation FROM patronctl.rights AS r
    WHERE r.reach = 'any' AND r.operation IN (SELECT desk.marked('shows')));
BEGIN
  IF since IS NULL OR until IS NULL OR period.first > period.last THEN
    PERFORM desk.fail('LB400', 'a period goes from a day to the same day or a later one');
  END IF;
  IF array_position(mine, NULL) IS NOT NULL THEN
    mine := ARRAY(SELECT c.code FROM lms.authority AS c);
  END IF;
  RETURN (
    WITH person AS (
      SELECT p.authority AS home, coalesce(o.authority, '') AS looked, o.purpose, p.id, count(*) AS lookups,
        bool_or(o.operation = ANY (debts)) AS debts
      FROM patronctl.access AS o, LATERAL unnest(o.patrons || o.others) AS u(patron), lms.patron AS p
      WHERE o.at >= period.begins
        AND o.at < period.ends
        AND o.outcome = 'allowed'
        AND o.operation = ANY (shared)
        AND p.id = u.patron
        AND p.authority IS DISTINCT FROM o.authority
        AND (p.authority = ANY (mine) OR o.authority = ANY (mine))
      GROUP BY 1, 2, 3, 4
    ), cell AS (
      SELECT p.home, p.looked, p.purpose, sum(p.lookups) AS lookups, count(*) AS people, count(*) FILTER (WHERE p.debts) AS debts
      FROM person AS p
      GROUP BY 1, 2, 3
    )
    SELECT jsonb_build_object('from', period.first, 'to', period.last,
      'authorities', (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name) ORDER BY c.code) FROM lms.authority AS c),
      'rows', coalesce(jsonb_agg(jsonb_build_object(
        'home', c.home, 'looked', c.looked, 'purpose', c.purpose, 'hidden', c.people < 5,
        'lookups', CASE WHEN c.people >= 5 THEN c.lookups END,
        'people', CASE WHEN c.people >= 5 THEN c.people END,
        'debts', CASE WHEN c.people >= 5 AND c.debts NOT BETWEEN 1 AND 4 AND c.people - c.debts NOT BETWEEN 1 AND 4 THEN c.debts END
      ) ORDER BY c.home, c.looked, c.purpose), '[]'))
    FROM cell AS c
  );
END
$$;
