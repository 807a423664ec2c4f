-- Disclosures: who else asked for a person's data, whether they got it, and what. The law permits most of them and compels to
-- few, so that a refusal is as much worth keeping.

-- Who signs for those who ask, and whether that is high enough.
CREATE FUNCTION desk.sign_offs() RETURNS TABLE (recipient text, rank text, suffices boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  VALUES
    ('police',           'constable',            FALSE),
    ('police',           'sergeant',             FALSE),
    ('police',           'inspector',            TRUE),
    ('police',           'chief-inspector',      TRUE),
    ('police',           'superintendent',       TRUE),
    ('police',           'chief-superintendent', TRUE),
    ('police',           'chief-officer',        TRUE),
    ('police',           'equivalent',           TRUE), -- to an inspector or above, where ranks have other names
    ('security-service', 'officer',              FALSE),
    ('security-service', 'senior-officer',       TRUE),
    ('court',            'clerk',                FALSE),
    ('court',            'judge',                TRUE),
    ('within-authority', 'employee',             FALSE),
    ('within-authority', 'manager',              TRUE),
    ('partner',          'employee',             FALSE),
    ('partner',          'manager',              TRUE)
$$;

-- A text about the matter. That nothing in it is about a person was found out when the access was opened.
CREATE FUNCTION desk.require_matter(what text, value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  said text := nullif(btrim(value), '');
BEGIN
  IF said IS NULL OR length(said) > 100 OR said ~ '[[:cntrl:]]' THEN
    PERFORM desk.fail('LB400', '{what} takes from 1 to 100 characters', params => jsonb_build_object('what', what));
  END IF;
  RETURN said;
END
$$;

CREATE FUNCTION desk.refusal_words() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN '{trawl,no-power,not-necessary,rank,no-consent,incomplete,not-held}'::text[];

-- The accesses by which somebody's data were read for a disclosure that the person must not be warned of (GDPR art. 23).
CREATE FUNCTION desk.read_for_others(patron bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT d.released_by
  FROM patronctl.disclosure AS d
  WHERE d.patron = read_for_others.patron
    AND d.released_by IS NOT NULL
    AND d.recipient NOT IN ('within-authority', 'partner')
$$;

-- Whether the patron's consent to a purpose is in force at home. Joining a library is no consent to be told about.
CREATE FUNCTION desk.consents(patron bigint, purpose text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT FROM lms.consent AS c
    JOIN lms.patron AS p ON p.id = c.patron AND p.authority = c.authority
    WHERE c.patron = consents.patron AND c.purpose = consents.purpose AND c.purpose <> 'joining'
      AND c.given_at <= patronctl.clock()
      AND (c.withdrawn_at IS NULL OR c.withdrawn_at > patronctl.clock())
  )
$$;

-- Refuses to release at an authority that leaves this to others of its officers.
CREATE FUNCTION desk.require_releaser(authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  officers text[] := string_to_array(desk.setting('disclosure_officers', authority), ',');
BEGIN
  IF officers <> '{}' AND session_user::text <> ALL (officers) THEN
    PERFORM desk.fail('LB403', '{authority} leaves disclosures to {officers}',
      'ask one of them', jsonb_build_object('authority', authority, 'officers', array_to_string(officers, ', ')));
  END IF;
END
$$;

-- Refuses to release what was asked for by too low a rank, without consent, or of somebody who is at home elsewhere by now.
CREATE FUNCTION desk.require_releasable(d patronctl.disclosure, purpose_of_consent text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT (SELECT s.suffices FROM desk.sign_offs() AS s WHERE (s.recipient, s.rank) = (d.recipient, d.rank)) THEN
    PERFORM desk.fail('LB409', 'a {rank} cannot sign this for the recipient "{recipient}"',
      'needed is: {ranks}; record the refusal: patronctl disclosure refuse --because rank',
      jsonb_build_object('rank', d.rank, 'recipient', d.recipient, 'ranks', (
        SELECT string_agg(s.rank, ', ') FROM desk.sign_offs() AS s WHERE s.recipient = d.recipient AND s.suffices
      )));
  END IF;
  IF NOT coalesce(cardinality(d.released) > 0
    AND d.released <@ '{identity,address,special,card,membership,consent,loan,hold,fee,payment,account,block}', FALSE) THEN
    PERFORM desk.fail('LB400',
      'what was released: some of identity, address, special, card, membership, consent, loan, hold, fee, payment, account, block');
  ELSIF NOT EXISTS (SELECT FROM lms.patron AS p WHERE p.id = d.patron AND p.authority = d.authority) THEN
    PERFORM desk.fail('LB409', 'this person is no longer at home at {authority}, which cannot release anything now',
      'decline it: patronctl disclosure decline {disclosure} --because no-power',
      jsonb_build_object('authority', d.authority, 'disclosure', d.id));
  ELSIF d.recipient = 'within-authority' AND NOT desk.consents(d.patron, purpose_of_consent) THEN
    PERFORM desk.fail('LB409',
      'within the authority needs the patron''s consent, and there is none in force'
        || CASE WHEN purpose_of_consent IS NULL THEN '' ELSE ' for {purpose}' END,
      'name the purpose consented to with --consent, or record the refusal: patronctl disclosure refuse --because no-consent',
      jsonb_build_object('purpose', purpose_of_consent));
  ELSIF d.released_by IS NOT NULL AND NOT EXISTS (
    SELECT FROM patronctl.access AS a
    WHERE a.id = d.released_by AND a.outcome = 'allowed' AND NOT a.facts AND a.patrons = ARRAY[d.patron]
      AND a.operation IN (SELECT desk.marked('releases'))
      AND EXISTS (SELECT FROM patronctl.staff AS s WHERE s.login = a.login AND s.authority = d.authority)
  ) THEN
    PERFORM desk.fail('LB409', 'access {access} is not one by which your authority read the data of this person',
      'see patronctl audit list', jsonb_build_object('access', d.released_by));
  END IF;
END
$$;

-- A disclosure as people read it.
CREATE FUNCTION desk.disclosure_json(d patronctl.disclosure) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'disclosure', d.id, 'authority', d.authority, 'patron', d.patron, 'to', d.recipient, 'organisation', d.organisation,
      'reference', d.reference, 'rank', coalesce(d.rank, ''), 'power', coalesce(d.power, ''), 'necessity', coalesce(d.necessity, ''),
      'consent', coalesce(d.consent, ''), 'state', CASE
        WHEN d.decision = 'refuse' THEN 'refused'
        WHEN s.step = 'decline' THEN 'declined'
        WHEN d.needs_second AND s.step IS NULL THEN 'pending'
        ELSE 'released'
      END,
      'because', coalesce(d.because, s.because, ''), 'released', d.released, 'released_by', d.released_by,
      'at', d.at, 'login', a.login, 'matter', coalesce(a.reason, ''), 'access', d.access,
      'second_at', s.at, 'second_login', coalesce(o.login, ''), 'second_access', s.access)
    FROM patronctl.access AS a
    LEFT JOIN patronctl.disclosure_step AS s ON s.disclosure = d.id
    LEFT JOIN patronctl.access AS o ON o.id = s.access
    WHERE a.id = d.access
  );
END
$$;

-- What a write about a disclosure returns.
CREATE FUNCTION desk.disclosed(d patronctl.disclosure, access bigint) RETURNS jsonb
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT desk.record_result(access, j.about - '{at,login,matter,access,second_at,second_login,second_access,patron}'::text[])
  FROM desk.disclosure_json(d) AS j(about);
  SELECT desk.disclosure_json(d) || jsonb_build_object('receipt', desk.receipt(access));
$$;

-- Records a disclosure of one person's data, or that it was refused. Keys of what was asked:
--   to, organisation, reference, rank, power, necessity, consent, released [relation], released_by, because
CREATE FUNCTION desk.record_disclosure(access bigint, asked jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'record_disclosure', TRUE);
  d patronctl.disclosure;
BEGIN
  IF jsonb_typeof(asked) IS DISTINCT FROM 'object' THEN
    PERFORM desk.fail('LB400', 'what was asked is an object');
  END IF;
  d.patron := a.patrons[1];
  d.authority := coalesce((SELECT p.authority FROM lms.patron AS p WHERE p.id = d.patron), asked ->> 'authority',
    desk.only_authority(a.operation));
  PERFORM desk.require_authority(d.authority);
  IF d.authority IS NULL THEN
    PERFORM desk.fail('LB400', 'which authority was asked?', 'name it: --authority A');
  ELSIF NOT desk.administers(a.operation, d.authority) THEN
    PERFORM desk.fail('LB403', 'disclosures of {authority} are decided by its own officers',
      params => jsonb_build_object('authority', d.authority));
  END IF;
  IF d.patron IS NOT NULL THEN
    PERFORM lms.lock_patron(d.patron);
    PERFORM desk.refuse_erased(d.patron);
  END IF;
  d.decision := CASE WHEN a.operation = 'disclosure record' THEN 'release' ELSE 'refuse' END;
  d.recipient := asked ->> 'to';
  PERFORM desk.require_word('the recipient', d.recipient, '{police,security-service,court,within-authority,partner}');
  d.organisation := desk.require_matter('the organisation', asked ->> 'organisation');
  d.reference := desk.require_matter('the reference', asked ->> 'reference');
  d.rank := asked ->> 'rank';
  d.necessity := asked ->> 'necessity';
  IF d.decision = 'release' OR d.rank IS NOT NULL THEN
    PERFORM desk.require_word('the rank', d.rank, ARRAY(SELECT s.rank FROM desk.sign_offs() AS s WHERE s.recipient = d.recipient));
  END IF;
  IF d.decision = 'release' OR d.necessity IS NOT NULL THEN
    PERFORM desk.require_word('the necessity', d.necessity,
      '{prevent-crime,detect-crime,apprehend,prosecute,tax,national-security,legal-proceedings,vital-interest,safeguarding,service}');
  END IF;
  IF d.decision = 'release' OR asked ->> 'power' IS NOT NULL THEN
    d.power := desk.require_matter('the legal power', asked ->> 'power');
  END IF;
  d.released := '{}';
  d.needs_second := FALSE;
  IF d.decision = 'release' THEN
    d.released := ARRAY(SELECT DISTINCT r FROM jsonb_array_elements_text(coalesce(asked -> 'released', '[]')) AS r ORDER BY r);
    d.released_by := (asked ->> 'released_by')::bigint;
    d.needs_second := desk.setting('disclosure_two_people', d.authority) = 'true';
    d.consent := CASE WHEN d.recipient = 'within-authority' THEN asked ->> 'consent' END;
    PERFORM desk.require_releasable(d, d.consent);
    IF NOT d.needs_second THEN
      PERFORM desk.require_releaser(d.authority);
    END IF;
  ELSE
    d.because := asked ->> 'because';
    PERFORM desk.require_word('why it was refused', d.because, desk.refusal_words());
  END IF;
  PERFORM desk.require_texts(a, ARRAY[asked ->> 'organisation', asked ->> 'reference', asked ->> 'power']);
  INSERT INTO patronctl.disclosure AS n (access, patron, authority, recipient, organisation, reference, rank, power, necessity, consent,
    decision, because, released, released_by, needs_second, at)
  VALUES (a.id, d.patron, d.authority, d.recipient, d.organisation, d.reference, d.rank, d.power, d.necessity, d.consent,
    d.decision, d.because, d.released, d.released_by, d.needs_second, patronctl.clock())
  RETURNING n.* INTO d;
  RETURN desk.disclosed(d, a.id);
EXCEPTION
  WHEN data_exception THEN -- the server's words would quote what was asked
    PERFORM desk.fail('LB400', 'a disclosure has texts, lists of words and numbers');
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the disclosure could not be recorded', SQLSTATE);
END
$$;

-- A second officer's word on a disclosure: agreed, or with a code declined.
CREATE FUNCTION desk.approve_disclosure(access bigint, disclosure bigint, declined text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a   patronctl.access := desk.use_access(access, 'approve_disclosure', TRUE);
  d   patronctl.disclosure;
  was jsonb;
BEGIN
  PERFORM FROM patronctl.disclosure AS n WHERE n.id = approve_disclosure.disclosure FOR UPDATE;
  d := desk.require_disclosure(disclosure, 'disclosure approve');
  was := desk.disclosure_json(d);
  IF was ->> 'state' <> 'pending' THEN
    PERFORM desk.fail('LB409', 'disclosure {disclosure} is {state}, and waits for nobody',
      'see patronctl disclosure show {disclosure}', jsonb_build_object('disclosure', d.id, 'state', was ->> 'state'));
  ELSIF was ->> 'login' = session_user::text THEN
    PERFORM desk.fail('LB403', 'disclosure {disclosure} is your own: another officer of {authority} agrees to it',
      params => jsonb_build_object('disclosure', d.id, 'authority', d.authority));
  END IF;
  IF declined IS NULL THEN
    PERFORM desk.require_releaser(d.authority);
    PERFORM desk.require_releasable(d, d.consent); -- a consent may have been withdrawn since
  ELSE
    PERFORM desk.require_word('why it was declined', declined, desk.refusal_words());
  END IF;
  INSERT INTO patronctl.disclosure_step (disclosure, access, at, step, because)
  VALUES (d.id, a.id, patronctl.clock(), CASE WHEN declined IS NULL THEN 'approve' ELSE 'decline' END, declined);
  RETURN desk.disclosed(d, a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the disclosure could not be approved', SQLSTATE);
END
$$;

CREATE FUNCTION desk.require_disclosure(number bigint, operation text) RETURNS patronctl.disclosure
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  d patronctl.disclosure;
BEGIN
  SELECT * INTO d FROM patronctl.disclosure AS n WHERE n.id = number;
  IF d.id IS NULL OR NOT desk.administers(operation, d.authority) THEN
    PERFORM desk.fail('LB404', 'no disclosure {number} of your authority',
      'see patronctl disclosure list', jsonb_build_object('number', number));
  END IF;
  RETURN d;
END
$$;

-- Disclosures of the authorities of this login, or of one of them, or only those that wait: the newest first.
CREATE FUNCTION desk.list_disclosures(access bigint, authority text, pending boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mine text[];
BEGIN
  PERFORM desk.use_access(access, 'list_disclosures');
  PERFORM desk.require_reach('disclosure list', list_disclosures.authority);
  mine := desk.authorities_at('disclosure list', list_disclosures.authority);
  RETURN (
    SELECT coalesce(jsonb_agg(desk.disclosure_json(d) ORDER BY d.id DESC), '[]')
    FROM patronctl.disclosure AS d
    WHERE d.authority = ANY (mine)
      AND (NOT pending OR d.needs_second AND NOT EXISTS (SELECT FROM patronctl.disclosure_step AS s WHERE s.disclosure = d.id))
  );
END
$$;

CREATE FUNCTION desk.show_disclosure(access bigint, disclosure bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'show_disclosure');
  RETURN desk.disclosure_json(desk.require_disclosure(disclosure, 'disclosure list'));
END
$$;
