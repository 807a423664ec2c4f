-- Incidents: what is known of them, the clock of a breach, and telling officers.

-- A breach is to be told to the supervisory authority within 72 hours, not three days: no change to summer time lengthens
-- them. The hours are whole ones, below zero when the time is over, and NULL once the clock has stopped.
CREATE FUNCTION desk.breach_clock(
  noticed timestamptz, notified timestamptz, needless boolean, now timestamptz, OUT due_at timestamptz, OUT clock text,
  OUT hours_left integer
)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT d.due_at, CASE
      WHEN notified <= d.due_at THEN 'told'
      WHEN notified > d.due_at THEN 'told late'
      WHEN needless THEN 'not needed'
      WHEN now <= d.due_at THEN 'running'
      ELSE 'overdue'
    END,
    CASE WHEN notified IS NULL AND NOT needless THEN floor(extract(epoch FROM d.due_at - now) / 3600)::integer END
  FROM (SELECT noticed + interval '72 hours' AS due_at) AS d
$$;

-- What holds of an incident. `pressing`: the clock runs, and less than a day is left.
CREATE FUNCTION desk.incident_json(i patronctl.incident) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH last AS (
    SELECT
      min(e.at) FILTER (WHERE e.action = 'reported') AS reported_at,
      max(e.at) FILTER (WHERE e.action = 'closed') AS closed_at,
      (array_agg(e.categories ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.categories IS NOT NULL))[1] AS categories,
      (array_agg(e.people ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.people IS NOT NULL))[1] AS people,
      (array_agg(e.records ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.records IS NOT NULL))[1] AS records,
      (array_agg(e.consequences ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.consequences IS NOT NULL))[1] AS consequences,
      (array_agg(e.measures ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.measures IS NOT NULL))[1] AS measures,
      (array_agg(e.notified ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.notified IS NOT NULL))[1] AS notified,
      min(e.told_at) FILTER (WHERE e.notified IS NOT NULL) AS notified_at,
      (array_agg(e.not_notified ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.not_notified IS NOT NULL))[1] AS not_notified,
      (array_agg(e.people_told ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.people_told IS NOT NULL))[1] AS people_told,
      (array_agg(e.told_at ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.people_told IS NOT NULL))[1] AS people_told_at,
      (array_agg(e.accesses_of ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.accesses_of IS NOT NULL))[1] AS accesses_of,
      (array_agg(e.accesses_from ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.accesses_of IS NOT NULL))[1] AS accesses_from,
      (array_agg(e.accesses_to ORDER BY e.at DESC, e.access DESC) FILTER (WHERE e.accesses_of IS NOT NULL))[1] AS accesses_to
    FROM patronctl.incident_entry AS e
    WHERE e.incident = i.id
  ), told AS (
    SELECT code, min(e.told_at) AS at
    FROM patronctl.incident_entry AS e, unnest(e.told) AS code
    WHERE e.incident = i.id
    GROUP BY code
  )
  SELECT to_jsonb(l) || jsonb_build_object(
    'incident', i.id, 'kind', i.kind, 'authority', coalesce(i.authority, ''), 'noticed_at', i.noticed_at,
    'due_at', d.due_at, 'clock', coalesce(d.clock, ''), 'hours_left', d.hours_left,
    'pressing', d.hours_left IS NOT NULL AND d.hours_left < 24,
    'told', (SELECT coalesce(jsonb_agg(jsonb_build_object('authority', t.code, 'at', t.at) ORDER BY t.code), '[]') FROM told AS t),
    'untold', (
      SELECT coalesce(jsonb_agg(a.code ORDER BY a.code), '[]')
      FROM lms.authority AS a
      WHERE a.code IS DISTINCT FROM i.authority AND a.code NOT IN (SELECT t.code FROM told AS t)
    )
  )
  FROM last AS l
  LEFT JOIN LATERAL desk.breach_clock(i.noticed_at, l.notified_at, l.not_notified IS NOT NULL, patronctl.clock()) AS d ON i.kind = 'breach'
$$;

CREATE FUNCTION desk.is_open(i patronctl.incident) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT FROM patronctl.incident_entry AS e WHERE e.incident = i.id AND e.action = 'closed')
$$;

-- An incident, locked, so that one entry is written after the other.
CREATE FUNCTION desk.lock_incident(incident bigint) RETURNS patronctl.incident
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  i patronctl.incident;
BEGIN
  SELECT * INTO i FROM patronctl.incident AS o WHERE o.id = lock_incident.incident FOR UPDATE;
  IF i.id IS NULL THEN
    PERFORM desk.fail('LB404', 'no such incident', 'list them: patronctl incident list');
  ELSIF NOT desk.is_open(i) THEN
    PERFORM desk.fail('LB409', 'incident {incident} is closed',
      'report what has happened since as a new one: patronctl incident report', jsonb_build_object('incident', i.id));
  END IF;
  RETURN i;
END
$$;

-- Refuses what an incident cannot have.
CREATE FUNCTION desk.require_entry(a patronctl.access, i patronctl.incident, e patronctl.incident_entry) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  texts text[] := ARRAY[e.categories, e.consequences, e.measures, e.notified, e.not_notified];
BEGIN
  IF EXISTS (SELECT FROM unnest(texts) AS t(said) WHERE length(t.said) > 2000 OR btrim(t.said) = '') THEN
    PERFORM desk.fail('LB400', 'a text has from 1 to 2000 characters');
  END IF;
  PERFORM desk.require_texts(a, texts);
  IF array_ndims(e.told) > 1 OR array_position(e.told, NULL) IS NOT NULL -- which would hide who was not told
    OR cardinality(e.told) > (SELECT count(*) FROM lms.authority) THEN
    PERFORM desk.fail('LB400', 'name the authorities that were told, each once');
  END IF;
  PERFORM desk.require_authority(code) FROM unnest(e.told) AS code;
  IF least(e.people, e.records, e.people_told) < 0 THEN
    PERFORM desk.fail('LB400', 'numbers of people and records are whole numbers from 0');
  ELSIF e.notified IS NOT NULL AND e.not_notified IS NOT NULL THEN
    PERFORM desk.fail('LB400', 'the supervisory authority was told, or need not be: not both');
  ELSIF i.kind <> 'breach' AND coalesce(e.notified, e.not_notified) IS NOT NULL THEN
    PERFORM desk.fail('LB400', 'only a breach of personal data is told to the supervisory authority');
  ELSIF least(i.noticed_at, e.accesses_from) < '1970-01-01Z' OR e.accesses_to > '9999-12-31Z' THEN -- RFC 3339 has no words for some
    PERFORM desk.fail('LB400', 'instants are from 1970 to 9999');
  ELSIF i.noticed_at > patronctl.clock() OR e.told_at > patronctl.clock() OR e.accesses_from > clock_timestamp() THEN
    PERFORM desk.fail('LB400', 'that is in the future');
  ELSIF e.told_at < i.noticed_at THEN
    PERFORM desk.fail('LB400', 'nobody is told before it was noticed');
  ELSIF e.accesses_of IS NOT NULL AND NOT EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = e.accesses_of)
    AND NOT EXISTS (SELECT FROM patronctl.access AS o WHERE o.login = e.accesses_of) THEN
    PERFORM desk.fail('LB400', 'no such login', 'an administrator lists them: patronctl staff list');
  ELSIF num_nonnulls(e.accesses_of, e.accesses_from, e.accesses_to) NOT IN (0, 3) OR e.accesses_from >= e.accesses_to THEN
    PERFORM desk.fail('LB400', 'whose accesses, from when, and to a later time: all three');
  END IF;
END
$$;

-- Writes an entry of what is given: the columns of patronctl.incident_entry that say something.
CREATE FUNCTION desk.add_entry(a patronctl.access, i patronctl.incident, action text, given jsonb) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  accepted text[] := '{categories,people,records,consequences,measures,told,notified,not_notified,
    people_told,told_at,accesses_of,accesses_from,accesses_to}';
  e        patronctl.incident_entry;
BEGIN
  IF jsonb_typeof(given) IS DISTINCT FROM 'object' OR given - accepted <> '{}' THEN
    PERFORM desk.fail('LB400', 'an incident has {accepted}',
      params => jsonb_build_object('accepted', array_to_string(accepted, ', ')));
  END IF;
  BEGIN
    e := jsonb_populate_record(NULL::patronctl.incident_entry, given);
  EXCEPTION WHEN data_exception THEN -- it quotes what it was given
    PERFORM desk.fail('LB400', 'an incident has texts, whole numbers and instants');
  END;
  IF action = 'updated' AND num_nonnulls(e.categories, e.people, e.records, e.consequences, e.measures, nullif(e.told, '{}'), e.notified,
      e.not_notified, e.people_told, e.accesses_of) = 0 THEN
    PERFORM desk.fail('LB400', 'nothing is said of the incident', 'such as: --measures "locks changed", --told KEN');
  END IF;
  IF e.told_at IS NULL AND num_nonnulls(nullif(e.told, '{}'), e.notified, e.people_told) > 0 THEN
    e.told_at := patronctl.clock();
  END IF;
  PERFORM desk.require_entry(a, i, e);
  e.access := a.id;
  e.incident := i.id;
  e.action := action;
  e.at := patronctl.clock();
  e.login := session_user;
  e.authority := a.authority;
  INSERT INTO patronctl.incident_entry VALUES (e.*);
  PERFORM desk.record_result(a.id, jsonb_build_object('incident', i.id, 'action', action));
  RETURN desk.incident_json(i) || jsonb_build_object('receipt', desk.receipt(a.id));
END
$$;

CREATE FUNCTION desk.report_incident(access bigint, kind text, noticed_at timestamptz, given jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'report_incident', TRUE);
  i patronctl.incident;
BEGIN
  IF kind IS NULL OR kind NOT IN ('breach', 'agreement') OR noticed_at IS NULL OR NOT isfinite(noticed_at) THEN
    PERFORM desk.fail('LB400', 'an incident is a breach or of the agreement, and was noticed at an instant');
  END IF;
  LOCK TABLE patronctl.incident IN SHARE ROW EXCLUSIVE MODE; -- one number after the other
  INSERT INTO patronctl.incident (id, kind, authority, noticed_at)
  SELECT coalesce(max(o.id), 0) + 1, report_incident.kind, a.authority, report_incident.noticed_at FROM patronctl.incident AS o
  RETURNING * INTO i;
  RETURN desk.add_entry(a, i, 'reported', given);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the incident could not be reported', SQLSTATE);
END
$$;

CREATE FUNCTION desk.update_incident(access bigint, incident bigint, given jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'update_incident', TRUE);
BEGIN
  RETURN desk.add_entry(a, desk.lock_incident(incident), 'updated', given);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the incident could not be changed', SQLSTATE);
END
$$;

-- A breach stays open until the supervisory authority was told, or it is written down why it need not be.
CREATE FUNCTION desk.close_incident(access bigint, incident bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'close_incident', TRUE);
  i patronctl.incident := desk.lock_incident(incident);
BEGIN
  IF desk.incident_json(i) ->> 'clock' IN ('running', 'overdue') THEN
    PERFORM desk.fail('LB409', 'the supervisory authority was not told of incident {incident}, and it is not said why',
      'say which: patronctl incident update {incident} --notified FILE-NUMBER, or --not-notified WHY',
      jsonb_build_object('incident', i.id));
  END IF;
  RETURN desk.add_entry(a, i, 'closed', '{}');
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the incident could not be closed', SQLSTATE);
END
$$;

-- Ends the line about an open incident for this login. Again changes nothing.
CREATE FUNCTION desk.acknowledge_incident(access bigint, incident bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'acknowledge_incident', TRUE);
  i patronctl.incident := desk.lock_incident(incident);
BEGIN
  IF EXISTS (SELECT FROM patronctl.incident_entry AS e WHERE e.incident = i.id AND e.login = session_user::text) THEN
    PERFORM desk.record_result(a.id, jsonb_build_object('incident', i.id, 'action', 'acknowledged before'));
    RETURN desk.incident_json(i);
  END IF;
  RETURN desk.add_entry(a, i, 'acknowledged', '{}');
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the incident could not be acknowledged', SQLSTATE);
END
$$;

-- Open ones first, by when they were noticed; then the newest.
CREATE FUNCTION desk.list_incidents(access bigint, only_open boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'list_incidents');
  RETURN (
    SELECT coalesce(jsonb_agg(desk.incident_json(i) ORDER BY o.is_open DESC, CASE WHEN o.is_open THEN i.noticed_at END, i.id DESC), '[]')
    FROM patronctl.incident AS i, LATERAL (SELECT desk.is_open(i)) AS o(is_open)
    WHERE o.is_open OR NOT only_open
  );
END
$$;

CREATE FUNCTION desk.show_incident(access bigint, incident bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  i patronctl.incident;
BEGIN
  PERFORM desk.use_access(access, 'show_incident');
  SELECT * INTO i FROM patronctl.incident AS o WHERE o.id = show_incident.incident;
  IF i.id IS NULL THEN
    PERFORM desk.fail('LB404', 'no such incident', 'list them: patronctl incident list');
  END IF;
  RETURN desk.incident_json(i) || jsonb_build_object('entries', (
    SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(e) - 'incident') ORDER BY e.at, e.access)
    FROM patronctl.incident_entry AS e
    WHERE e.incident = i.id
  ));
END
$$;

-- Whom a login opened from one instant to another: at home by number, elsewhere counted, for the officers there to list.
CREATE FUNCTION desk.incident_people(access bigint, incident bigint, login text, since timestamptz, until timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'incident_people');
  homes text[] := ARRAY(SELECT c.code FROM lms.authority AS c WHERE desk.administers('incident people', c.code));
  known jsonb;
BEGIN
  IF incident IS NOT NULL THEN
    SELECT desk.incident_json(i) INTO known FROM patronctl.incident AS i WHERE i.id = incident_people.incident;
    IF known IS NULL THEN
      PERFORM desk.fail('LB404', 'no such incident', 'list them: patronctl incident list');
    END IF;
    login := known ->> 'accesses_of';
    since := known ->> 'accesses_from';
    until := known ->> 'accesses_to';
  END IF;
  IF login IS NULL OR since IS NULL OR until IS NULL THEN
    PERFORM desk.fail('LB400', 'whose accesses, from when and to when, is not said', CASE
        WHEN incident IS NULL THEN 'give --login, --from and --to'
        ELSE 'say it: patronctl incident update {incident} --login L --from T --to T'
      END, jsonb_build_object('incident', incident));
  ELSIF since >= until THEN
    PERFORM desk.fail('LB400', 'that time ends before it begins', 'turn --from and --to round');
  END IF;
  RETURN (
    WITH opened AS (
      SELECT p.id, p.authority, count(*) AS accesses, min(o.at) AS first_at, max(o.at) AS last_at,
        array_agg(DISTINCT o.operation ORDER BY o.operation) AS operations
      FROM patronctl.access AS o, LATERAL (SELECT DISTINCT n FROM unnest(o.patrons || o.others) AS n) AS u(patron), lms.patron AS p
      WHERE o.login = incident_people.login
        AND o.at >= since
        AND o.at < until
        AND o.outcome = 'allowed'
        AND o.id < a.id
        AND p.id = u.patron
      GROUP BY p.id, p.authority
    )
    SELECT jsonb_build_object('login', login, 'from', since, 'to', until,
      'people', coalesce(jsonb_agg(jsonb_build_object('patron', o.id, 'authority', o.authority, 'accesses', o.accesses,
        'first_at', o.first_at,
        'last_at', o.last_at, 'operations', o.operations) ORDER BY o.id) FILTER (WHERE o.authority = ANY (homes)), '[]'),
      'elsewhere', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('authority', e.authority, 'people', e.people, 'accesses', e.accesses)
          ORDER BY e.authority), '[]')
        FROM (
          SELECT o.authority, count(*) AS people, sum(o.accesses) AS accesses
          FROM opened AS o
          WHERE o.authority <> ALL (homes)
          GROUP BY o.authority
        ) AS e
      ))
    FROM opened AS o
  );
END
$$;

-- A line for each open incident that this login has not taken note of, if it is an officer's; nothing of what is said there.
CREATE FUNCTION desk.incident_notices() RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM patronctl.incident AS i WHERE desk.is_open(i))
    OR NOT EXISTS (SELECT FROM desk.my_rights('incident acknowledge')) THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(
    SELECT format('incident %s is open: %s; see it and take note: patronctl incident show %1$s; patronctl incident acknowledge %1$s', i.id,
      CASE j ->> 'clock'
        WHEN 'running' THEN format('a breach, %s left to tell the supervisory authority',
          CASE WHEN (j ->> 'hours_left')::integer = 1 THEN '1 hour is' ELSE (j ->> 'hours_left') || ' hours are' END)
        WHEN 'overdue' THEN 'a breach, and the 72 hours to tell the supervisory authority are over'
        ELSE CASE i.kind WHEN 'breach' THEN 'a breach' ELSE 'a breach of the agreement' END
      END)
    FROM patronctl.incident AS i, LATERAL desk.incident_json(i) AS j
    WHERE desk.is_open(i)
      AND NOT EXISTS (SELECT FROM patronctl.incident_entry AS e WHERE e.incident = i.id AND e.login = session_user::text)
    ORDER BY i.id
  );
END
$$;
