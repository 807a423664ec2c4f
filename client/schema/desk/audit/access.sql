-- Reading the access records, as far as a login may.

-- One record as people read it. Support sees no patrons.
CREATE FUNCTION desk.access_json(a patronctl.access, patrons boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'access', a.id, 'at', a.at, 'login', a.login, 'authority', coalesce(a.authority, ''), 'operation', a.operation,
    'purpose', a.purpose, 'reason', coalesce(a.reason, ''), 'outcome', a.outcome, 'because', coalesce(a.because, ''),
    'patrons', CASE WHEN patrons THEN array_remove(a.patrons, NULL) || a.others ELSE '{}' END,
    'result', (SELECT r.counts FROM patronctl.result AS r WHERE r.access = a.id))
$$;

-- Whether this login may see a record: its own, those of its authorities' logins and patrons, or all.
CREATE FUNCTION desk.may_see(a patronctl.access, all_of_them boolean, authorities text[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT all_of_them
    OR a.login = session_user::text
    OR authorities <> '{}' AND (
      EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = a.login AND s.authority = ANY (authorities))
      OR EXISTS (SELECT FROM lms.patron AS p WHERE p.id = ANY (a.patrons || a.others) AND p.authority = ANY (authorities))
    )
$$;

-- Records, newest first. NULL leaves a filter out.
CREATE FUNCTION desk.list_accesses(
  access bigint, login text, patron bigint, operation text, outcome text, since timestamptz, until timestamptz, most integer
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan -- each filter has an index of its own
AS $$
DECLARE
  about       bigint[]; -- a patron's records: one has few of them, which the planner cannot know
  opened      patronctl.access := desk.use_access(access, 'list_accesses');
  reaches     text[] := ARRAY(SELECT r.reach FROM desk.my_rights('audit list') AS r);
  authorities text[] := ARRAY(SELECT r.authority FROM desk.my_rights('audit list') AS r WHERE r.reach = 'logins');
BEGIN
  IF list_accesses.operation NOT IN (SELECT o.name FROM patronctl.operation AS o) THEN
    PERFORM desk.fail('LB400', 'unknown operation; use one of {operations}',
      params => jsonb_build_object('operations', desk.operations()));
  END IF;
  IF reaches <@ ARRAY['own'] THEN -- the filter that the index serves
    IF login <> session_user::text THEN
      RETURN '[]';
    END IF;
    login := session_user;
  END IF;
  IF patron IS NOT NULL THEN
    about := ARRAY(SELECT r.id FROM patronctl.access AS r WHERE r.patrons @> ARRAY[patron] OR r.others @> ARRAY[patron]);
  END IF;
  RETURN (
    SELECT coalesce(jsonb_agg(desk.access_json(a, TRUE) ORDER BY a.at DESC, a.id DESC), '[]')
    FROM (
      SELECT *
      FROM patronctl.access AS r
      WHERE (list_accesses.login IS NULL OR r.login = list_accesses.login)
        AND (about IS NULL OR r.id = ANY (about))
        AND (list_accesses.operation IS NULL OR r.operation = list_accesses.operation)
        AND (list_accesses.outcome IS NULL OR r.outcome = list_accesses.outcome)
        AND (list_accesses.since IS NULL OR r.at >= list_accesses.since)
        AND (list_accesses.until IS NULL OR r.at < list_accesses.until)
        AND r.id < opened.id
        AND desk.may_see(r, 'any' = ANY (reaches), authorities)
      ORDER BY r.at DESC, r.id DESC
      LIMIT greatest(1, least(10000, list_accesses.most))
    ) AS a
  );
END
$$;

-- One record with what came of it, which answers whether a write of unknown outcome was done.
CREATE FUNCTION desk.show_access(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  opened      patronctl.access := desk.use_access(access, 'show_access');
  reaches     text[] := ARRAY(SELECT r.reach FROM desk.my_rights('audit show') AS r);
  authorities text[] := ARRAY(SELECT r.authority FROM desk.my_rights('audit show') AS r WHERE r.reach = 'logins');
  a           patronctl.access;
BEGIN
  SELECT * INTO a FROM patronctl.access AS r WHERE r.id = opened.subject;
  IF NOT FOUND OR NOT desk.may_see(a, reaches && ARRAY['any', 'id'], authorities) THEN
    PERFORM desk.fail('LB404', 'no access record {record} that you may see',
      params => jsonb_build_object('record', opened.subject));
  END IF;
  RETURN desk.access_json(a, a.login = session_user::text OR NOT reaches <@ ARRAY['id']);
END
$$;
