-- Consents: who agreed at an authority to what, over which channel, in which words, and until when. 'joining' is the consent
-- that a person gives on joining a library; the other purposes are those that the setting consent_purposes names.

CREATE FUNCTION desk.consent_purposes(authority text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_to_array(desk.setting('consent_purposes', authority), ',')
$$;

CREATE FUNCTION desk.in_force(c lms.consent, moment timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN c.given_at <= moment AND (c.withdrawn_at IS NULL OR c.withdrawn_at > moment);

-- The authority whose row a writing call is about: the one it names, else that of the right it was opened by.
CREATE FUNCTION desk.row_authority(a patronctl.access, authority text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.require_reach(a.operation, authority);
  RETURN coalesce(authority, a.authority);
END
$$;

CREATE FUNCTION desk.consent_json(c lms.consent, moment timestamptz) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'authority', c.authority, 'purpose', c.purpose, 'channel', coalesce(c.channel, ''), 'wording', coalesce(c.wording, ''),
    'given_at', c.given_at, 'withdrawn_at', c.withdrawn_at, 'source', coalesce(c.source, ''), 'in_force', desk.in_force(c, moment))
$$;

-- Every consent that somebody gave to the authorities of this login, the withdrawn ones too.
CREATE FUNCTION desk.list_consents(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'list_consents');
BEGIN
  RETURN jsonb_build_object('patron', a.patrons[1], 'access', a.id, 'consents', (
    SELECT coalesce(jsonb_agg(desk.consent_json(c, patronctl.clock()) ORDER BY c.given_at, c.authority, c.purpose, c.channel), '[]')
    FROM lms.consent AS c
    WHERE c.patron = a.patrons[1]
      AND desk.administers('consent list', c.authority)
  ));
END
$$;

-- Whether somebody's consent of joining an authority is given, withdrawn or missing; NULL where the person never joined.
CREATE FUNCTION desk.joining_consent(p lms.patron, authority text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN p.authority <> joining_consent.authority
      AND NOT EXISTS (SELECT FROM lms.membership AS m WHERE m.patron = p.id AND m.authority = joining_consent.authority) THEN NULL
    WHEN bool_or(desk.in_force(c, patronctl.clock())) THEN 'given'
    WHEN count(*) > 0 THEN 'withdrawn'
    ELSE 'missing'
  END
  FROM lms.consent AS c
  WHERE c.patron = p.id AND c.authority = joining_consent.authority AND c.purpose = 'joining'
$$;

-- How many of the people at home in each branch never gave the consent of joining, or have withdrawn it: numbers only.
CREATE FUNCTION desk.count_missing_consents(access bigint, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a   patronctl.access := desk.use_access(access, 'count_missing_consents');
  now timestamptz := patronctl.clock();
BEGIN
  PERFORM desk.require_reach(a.operation, authority);
  RETURN (
    SELECT coalesce(jsonb_agg(to_jsonb(n) ORDER BY n.authority, n.branch), '[]')
    FROM (
      SELECT b.authority, b.code AS branch,
        count(p.id) AS people,
        count(p.id) FILTER (WHERE j.given IS NULL) AS missing,
        count(p.id) FILTER (WHERE NOT j.given) AS withdrawn
      FROM lms.branch AS b
      LEFT JOIN lms.patron AS p ON p.branch = b.code AND p.authority = b.authority AND p.status = 'active'
      LEFT JOIN (
        SELECT c.patron, c.authority, bool_or(desk.in_force(c, now)) AS given
        FROM lms.consent AS c
        WHERE c.purpose = 'joining'
        GROUP BY c.patron, c.authority
      ) AS j ON j.patron = p.id AND j.authority = p.authority
      WHERE desk.administers(a.operation, b.authority)
        AND (count_missing_consents.authority IS NULL OR b.authority = count_missing_consents.authority)
      GROUP BY b.authority, b.code
    ) AS n
  );
END
$$;

-- Records a consent. Giving one again is a new row: the words may have changed.
CREATE FUNCTION desk.give_consent(access bigint, authority text, purpose text, channel text, wording text, source text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'give_consent', TRUE);
  at_home  text := desk.row_authority(a, authority);
  purposes text[] := ARRAY['joining'] || desk.consent_purposes(at_home);
  now      timestamptz := patronctl.clock();
  c        lms.consent;
BEGIN
  c := ROW(a.patrons[1], at_home, purpose, nullif(channel, ''), wording, now, NULL, source);
  IF c.purpose = ANY (purposes) IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'unknown purpose; use one of {purposes}',
      'an administrator names purposes with: patronctl settings set consent_purposes LIST --authority {authority}',
      jsonb_build_object('purposes', array_to_string(purposes, ', '), 'authority', at_home));
  ELSIF c.channel IS NULL AND c.purpose <> 'joining' OR c.channel NOT IN ('email', 'phone', 'sms', 'post') THEN
    PERFORM desk.fail('LB400', 'a consent to {purpose} is to a channel: email, phone, sms or post',
      params => jsonb_build_object('purpose', c.purpose));
  ELSIF c.wording ~ '^[[:alnum:]][[:alnum:]._-]{0,39}$' IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'the wording is named by its version, such as marketing-3');
  ELSIF c.source ~ '^[a-z][a-z0-9_-]{0,39}$' IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'the source is one word, such as desk, paper or web');
  END IF;
  PERFORM lms.lock_patron(c.patron);
  PERFORM desk.refuse_erased(c.patron);
  PERFORM lms.give_consent(c.patron, c.authority, c.purpose, c.channel, c.wording, c.given_at, c.source);
  PERFORM desk.record_result(a.id, jsonb_build_object('authority', c.authority, 'purpose', c.purpose, 'given', 1));
  RETURN desk.consent_json(c, now) || jsonb_build_object('patron', c.patron, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the consent could not be recorded', SQLSTATE);
END
$$;

-- Withdraws what was consented to, over one channel or all. Nothing is deleted. Who withdraws the consent of joining at home
-- wants to leave: the answer says what keeps the account, and to those who may erase it what would go.
CREATE FUNCTION desk.withdraw_consent(access bigint, authority text, purpose text, channel text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'withdraw_consent', TRUE);
  at_home text := desk.row_authority(a, authority);
  person  bigint := a.patrons[1];
  now     timestamptz := patronctl.clock();
  ended   integer;
  p       lms.patron;
BEGIN
  PERFORM lms.lock_patron(person);
  PERFORM desk.refuse_erased(person);
  ended := lms.withdraw_consent(person, at_home, purpose, nullif(channel, ''), now);
  IF ended = 0 THEN
    PERFORM desk.fail('LB409', 'no such consent is in force at {authority}',
      'see what was given: patronctl consent list id:{patron}', jsonb_build_object('authority', at_home, 'patron', person));
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('authority', at_home, 'purpose', purpose, 'withdrawn', ended));
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = person;
  RETURN jsonb_build_object(
    'patron', person, 'authority', at_home, 'purpose', purpose, 'withdrawn', ended, 'withdrawn_at', now, 'access', a.id,
    'home', p.authority,
    'leaving', CASE WHEN purpose = 'joining' AND at_home = p.authority AND desk.joining_consent(p, at_home) = 'withdrawn'
      THEN desk.leaving(p) END);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the consent could not be withdrawn', SQLSTATE);
END
$$;

-- What keeps an account that its owner wants to leave, how many fees the accounts keep in any case, and what erasing takes
-- away: to those who may erase it, since nobody else learns whether there are special categories, or of a disclosure.
CREATE FUNCTION desk.leaving(p lms.patron) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'keeps', (SELECT coalesce(jsonb_agg(o.reason ORDER BY o.reason), '[]') FROM desk.obstacles(ARRAY[p.id], '{}', NULL, NULL) AS o
      WHERE o.reason NOT LIKE 'disclosure %' OR desk.administers('patron erase', p.authority)),
    'fees', (SELECT count(*) FROM lms.fee AS f WHERE f.patron = p.id AND f.amount <> 0),
    'forecast', CASE WHEN desk.administers('patron erase', p.authority) THEN desk.erasure_forecast(p.id, NULL) END)
$$;
