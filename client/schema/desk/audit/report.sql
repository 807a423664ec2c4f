-- Reports on the access records: counts in plain words, which accuse nobody.

-- The month of a day, NULL for this one, at the authority of this login, or in UTC.
CREATE FUNCTION desk.month(operation text, day date, OUT since timestamptz, OUT until timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT u.first AT TIME ZONE z.name, (u.first + interval '1 month') AT TIME ZONE z.name
  FROM (SELECT coalesce((SELECT a.time_zone FROM lms.authority AS a WHERE a.code = desk.only_authority(operation)), 'UTC') AS name) AS z,
    LATERAL (SELECT date_trunc('month', coalesce(day::timestamp, clock_timestamp() AT TIME ZONE z.name)) AS first) AS u
$$;

-- The authority whose people and logins a report is about; NULL for all of them.
CREATE FUNCTION desk.report_home() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN NOT bool_or(r.reach = 'any') THEN min(r.authority) FILTER (WHERE r.reach = 'logins') END
  FROM desk.my_rights('audit report') AS r
$$;

-- What was opened in a month, by login and operation: under a login (NULL: one's own, when one may see no others), and for an
-- officer what was opened about home patrons, whoever did it.
CREATE FUNCTION desk.report_month(access bigint, day date, login text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'report_month');
  home     text := desk.report_home();
  only_own boolean := (SELECT bool_and(r.reach = 'own') FROM desk.my_rights('audit report') AS r);
BEGIN
  IF only_own AND login <> session_user::text OR home IS NOT NULL AND login <> session_user::text AND NOT EXISTS (
    SELECT FROM patronctl.staff AS s WHERE s.login = report_month.login AND s.authority = home
  ) THEN
    PERFORM desk.fail('LB403', 'the records of this login are not yours to read', 'leave --login out');
  ELSIF only_own THEN
    login := session_user;
  END IF;
  RETURN (
    SELECT coalesce(jsonb_agg(to_jsonb(u) ORDER BY u.login, u.operation), '[]')
    FROM (
      SELECT r.login, coalesce(min(r.authority), '') AS authority, r.operation, count(*) AS accesses,
        count(*) FILTER (WHERE r.outcome = 'denied') AS denied, count(DISTINCT r.at::date) AS days, sum(r.people) AS people
      FROM (
        SELECT o.login, o.authority, o.operation, o.outcome, o.at, (
          SELECT count(*) FROM lms.patron AS p
          WHERE p.id = ANY (o.patrons || o.others) AND (home IS NULL OR report_month.login IS NOT NULL OR p.authority = home)
        ) AS people
        FROM desk.month('audit report', day) AS m
        JOIN patronctl.access AS o ON o.at >= m.since AND o.at < m.until
        WHERE (report_month.login IS NULL OR o.login = report_month.login) AND o.id < a.id
      ) AS r
      WHERE home IS NULL OR report_month.login IS NOT NULL OR r.people > 0
      GROUP BY r.login, r.operation
    ) AS u
  );
END
$$;

-- When and why one person's record was opened, without staff names: what the person may be told.
CREATE FUNCTION desk.report_subject(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'report_subject');
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(to_jsonb(u) ORDER BY u.day DESC, u.authority, u.purpose), '[]')
    FROM (
      SELECT to_char(o.at AT TIME ZONE coalesce(h.time_zone, 'UTC'), 'YYYY-MM-DD') AS day, coalesce(o.authority, '') AS authority,
        o.purpose, count(*) AS accesses
      FROM patronctl.access AS o
      LEFT JOIN lms.patron AS p ON p.id = a.patrons[1]
      LEFT JOIN lms.authority AS h ON h.code = p.authority
      WHERE (o.patrons @> a.patrons OR o.others @> a.patrons) AND o.outcome = 'allowed' AND o.id < a.id
        AND o.operation NOT IN (SELECT desk.marked('untold')) -- this is for the person, whom it may not warn
        AND o.id NOT IN (SELECT desk.read_for_others(a.patrons[1]))
      GROUP BY 1, 2, 3
    ) AS u
  );
END
$$;

-- Whether anything happened to a patron's record from a moment on: lent, returned, placed, closed, raised, paid, written.
CREATE FUNCTION desk.came_of_it(patron bigint, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM lms.loan AS l WHERE l.patron = came_of_it.patron AND greatest(l.lent_at, l.returned_at) >= since)
    OR EXISTS (SELECT FROM lms.hold AS h WHERE h.patron = came_of_it.patron AND greatest(h.placed_at, h.closed_at) >= since)
    OR EXISTS (SELECT FROM lms.fee AS f WHERE f.patron = came_of_it.patron AND f.raised_on >= since::date)
    OR EXISTS (SELECT FROM lms.payment AS y
      WHERE (y.patron = came_of_it.patron AND y.paid_by IS NULL OR y.paid_by = came_of_it.patron) AND y.paid_on >= since::date)
    OR EXISTS (
      SELECT FROM patronctl.access AS o JOIN patronctl.result AS r ON r.access = o.id
      WHERE o.patrons @> ARRAY[came_of_it.patron] AND r.at >= since)
$$;

-- Lookups of single people in a month, by login: how many, how many of them at home elsewhere, and how many after which
-- nothing happened to that person's record. There are good reasons for each.
CREATE FUNCTION desk.report_unusual(access bigint, day date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'report_unusual');
  home     text := desk.report_home();
  only_own boolean := (SELECT bool_and(r.reach = 'own') FROM desk.my_rights('audit report') AS r);
  looks    text[] := ARRAY(SELECT desk.marked('look'));
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(to_jsonb(u) ORDER BY u.elsewhere DESC, u.without_event DESC, u.login), '[]')
    FROM (
      SELECT r.login, coalesce(min(r.authority), '') AS authority, sum(r.times) AS lookups, count(*) AS people,
        coalesce(sum(r.times) FILTER (WHERE p.authority <> r.authority), 0) AS elsewhere,
        coalesce(sum(r.times) FILTER (WHERE NOT desk.came_of_it(r.patron, r.first)), 0) AS without_event
      FROM (
        SELECT o.login, o.authority, o.patrons[1] AS patron, count(*) AS times, min(o.at) AS first
        FROM desk.month('audit report', day) AS m
        JOIN patronctl.access AS o ON o.at >= m.since AND o.at < m.until
        WHERE o.operation = ANY (looks)
          AND o.outcome = 'allowed' AND cardinality(o.patrons) = 1 AND o.id < a.id
          AND (NOT only_own OR o.login = session_user::text)
          AND (only_own OR home IS NULL OR EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = o.login AND s.authority = home))
        GROUP BY 1, 2, 3
      ) AS r
      JOIN lms.patron AS p ON p.id = r.patron
      GROUP BY r.login
    ) AS u
  );
END
$$;
