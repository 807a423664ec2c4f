-- Every function here that staff may call has a fixed search path, and what definers.sql fixes in all of them.
--
-- Most desks connect anew for each call, and a session plans every expression of plpgsql when it first comes by: what is asked
-- on the way of every call is asked in few of them, and what went wrong is found out apart.
--
-- Open, then act. Opening decides and records; only in a later transaction does the number of that record show data.

-- SHA-256 over a leaf prefix and the record's canonical text, ready to be sealed into a tree (RFC 6962, 2.1). For callers
-- that hash many and have set TimeZone to UTC: their query takes it in, which is three times as fast as calling it.
CREATE FUNCTION desk.access_hash_in_utc(a patronctl.access) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256('\x00'::bytea || convert_to(jsonb_build_array(
  a.id, a.xid::text, a.at, a.login, host(a.client), a.authority, a.role, a.operation, a.purpose, a.reason,
  a.outcome, a.because, a.facts, a.patrons, a.others, a.lost_cards, a.subject, encode(a.nonce, 'hex')
)::text, 'UTF8'));

CREATE FUNCTION desk.access_hash(a patronctl.access) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
BEGIN
  RETURN desk.access_hash_in_utc(a);
END
$$;

-- Why this login may not open these patrons for this operation and purpose; NULL when it may.
CREATE FUNCTION desk.refusal(o patronctl.operation, purpose text, patrons bigint[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  homes    text[];
  erased   boolean;
  there    bigint;
  born     integer;
  at_home  boolean; -- by a right of their home, or of the whole consortium
  anywhere boolean; -- by a right that does not ask for the home
BEGIN
  SELECT coalesce(array_agg(DISTINCT p.authority), '{}'), coalesce(bool_or(p.status = 'erased'), FALSE), count(*)
  INTO homes, erased, there
  FROM lms.patron AS p
  WHERE p.id = ANY (patrons);
  IF erased OR there < cardinality(patrons) THEN
    SELECT a.birth_year INTO born FROM lms.anonymous_patron AS a WHERE a.id = ANY (patrons) LIMIT 1;
    IF FOUND THEN
      RETURN format('GDPR, born %s, deleted: an anonymous patron cannot be opened', coalesce(born::text || '-01-01', 'unknown'));
    ELSIF erased AND 'tells-erased' <> ALL (o.marks) THEN
      RETURN 'the account was erased and cannot be opened';
    END IF;
  END IF;
  -- One right must do for all of them.
  SELECT bool_or(r.authority IS NULL OR r.authority = ALL (homes)), bool_or(r.reach <> 'home') INTO at_home, anywhere
  FROM desk.my_rights(o.name) AS r;
  IF at_home IS NOT TRUE THEN
    IF 'by-members' = ANY (o.marks) AND NOT at_home THEN
      anywhere := (SELECT bool_and(desk.setting('reset_by_members', h) = 'true') FROM unnest(homes) AS h);
    END IF;
    IF anywhere IS NOT TRUE THEN
      RETURN format('%s is for staff of %s, the home of this patron', o.name, array_to_string(homes, ', '));
    ELSIF purpose NOT IN ('service', 'debt') THEN
      RETURN format('patrons of another authority may be opened for the purposes service and debt only, not %s', purpose);
    END IF;
  END IF;
  IF desk.needs_consent(purpose) THEN
    IF EXISTS (
      SELECT FROM lms.patron AS p
      WHERE p.id = ANY (patrons)
        AND NOT EXISTS (
          SELECT FROM lms.consent AS c
          WHERE c.patron = p.id AND c.authority = p.authority AND c.purpose = refusal.purpose
            AND desk.in_force(c, (SELECT patronctl.clock()))
        )
    ) THEN
      RETURN format('no consent in force for the purpose %s', purpose);
    END IF;
  END IF;
  RETURN NULL;
END
$$;

-- Records that the login of this session opens personal data, or was refused it, and returns the number of the record.
-- What came of it is learned by the call that carries the number, in another transaction. The criteria are those of
-- desk.subjects; "facts": true leaves out personal values.
CREATE FUNCTION desk.open_access(operation text, purpose text, reason text, criteria jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  o        patronctl.operation;
  a        patronctl.access;
  asked    jsonb := coalesce(criteria, '{}');
  resolver text;
  several  boolean;
  unsaid   text; -- that a reason, or a text, is about a person
BEGIN
  -- An older snapshot would know of rights that have ended, and not of the lists this login had checked since.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM desk.fail('LB403', 'an access is opened in a transaction that is READ COMMITTED');
  END IF;
  PERFORM desk.require_open(open_access.operation);
  PERFORM desk.require_right(open_access.operation);
  SELECT * INTO o FROM patronctl.operation AS r WHERE r.name = open_access.operation;
  a.operation := o.name;
  a.purpose := coalesce(nullif(open_access.purpose, ''), o.purpose);
  a.reason := nullif(btrim(open_access.reason), '');
  resolver := desk.require_criteria(o, asked);
  PERFORM desk.require_authority(asked ->> 'authority');
  PERFORM desk.require_grounds(o, a.purpose, a.reason);
  SELECT s.patrons, s.others, s.lost_cards, s.subject, s.several
  INTO a.patrons, a.others, a.lost_cards, a.subject, several
  FROM desk.subjects(o, resolver, a.purpose, asked) AS s;

  -- An error here would answer guesses at a name without leaving a record.
  IF a.reason IS NOT NULL OR asked ? 'texts' THEN
    IF desk.is_personal(a.reason, a.patrons, asked) THEN
      a.reason := NULL;
      unsaid := desk.personal_reason();
    ELSIF asked ? 'texts' THEN
      a.subject := desk.texts_hash(ARRAY(SELECT jsonb_array_elements_text(asked -> 'texts')));
      IF EXISTS (SELECT FROM jsonb_array_elements_text(asked -> 'texts') AS t(said) WHERE desk.is_personal(t.said, a.patrons, '{}')) THEN
        a.subject := NULL;
        unsaid := desk.personal_text();
      END IF;
    END IF;
  END IF;
  a.because := CASE
    WHEN unsaid IS NOT NULL THEN unsaid
    WHEN several THEN 'several people match; name one by card number or id:N'
    WHEN a.operation = 'debt check' AND asked ? 'cards' AND desk.cards_checked_lately() + cardinality(a.patrons) > 500
      THEN 'more than 500 cards within ten minutes need the role supervisor, officer or job'
    WHEN a.operation = 'password check' AND desk.too_many_checks(a.patrons[1]) IS NOT NULL THEN desk.too_many_checks(a.patrons[1])
    WHEN resolver = 'batch' THEN desk.refuses_plan(a.operation, a.subject)
    WHEN resolver IN ('sorted', 'numbers') THEN NULL -- who is at home elsewhere is left out; who was erased may be gone, or not there yet
    ELSE desk.refusal(o, a.purpose, a.patrons || a.others)
  END;
  a.outcome := CASE
    WHEN several AND unsaid IS NULL THEN 'not_found'
    WHEN a.because IS NOT NULL THEN 'denied'
    WHEN asked ?| ARRAY['ref', 'words', 'card'] AND cardinality(a.patrons) = 0 THEN 'not_found'
    WHEN asked ? 'barcode' AND a.subject IS NULL THEN 'not_found'
    ELSE 'allowed'
  END;
  IF several THEN
    a.patrons := '{}';
  END IF;

  SELECT r.authority, r.role,
    r.reach = 'facts' AND NOT desk.opened_to_support(a.operation, a.patrons, a.others) OR coalesce((asked ->> 'facts')::boolean, FALSE)
  INTO a.authority, a.role, a.facts
  FROM desk.my_rights(a.operation) AS r
  ORDER BY r.reach = 'facts',
    r.authority IS DISTINCT FROM coalesce((SELECT p.authority FROM lms.patron AS p WHERE p.id = a.patrons[1]), asked ->> 'authority'),
    r.authority, r.role
  LIMIT 1;
  SELECT nextval('patronctl.access_id_seq'), pg_current_xact_id(), pg_current_wal_insert_lsn(), clock_timestamp(), session_user,
    inet_client_addr()
  INTO a.id, a.xid, a.written_at, a.at, a.login, a.client;
  a.nonce := substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16); -- each lacks six bits of 128
  a.row_hash := desk.access_hash(a);
  INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE VALUES (a.*);
  IF resolver = 'newcomer' THEN
    PERFORM desk.forget_asked();
    IF a.outcome = 'allowed' THEN
      PERFORM desk.keep_asked(a.id, asked -> 'applicant');
    END IF;
  END IF;
  RETURN a.id;
EXCEPTION
  WHEN data_exception THEN -- the server's words would quote what was asked for
    PERFORM desk.fail('LB400', 'the criteria are not what {operation} takes: {state}',
      params => jsonb_build_object('operation', open_access.operation, 'state', SQLSTATE));
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the access could not be recorded', SQLSTATE);
END
$$;

-- How many cards this login had checked in lists during the last ten minutes. One list at a time for a login, so that
-- two connections cannot both be the first.
CREATE FUNCTION desk.cards_checked_lately() RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT FROM patronctl.staff AS s WHERE s.login = session_user::text FOR UPDATE;
  SELECT coalesce(sum(cardinality(a.patrons)), 0)
  FROM patronctl.access AS a
  WHERE a.login = session_user::text
    AND a.operation = 'debt check'
    AND a.outcome = 'allowed'
    AND a.at > clock_timestamp() - interval '10 minutes'
$$;

-- Checks the number that a call carries and returns the record, or raises what came of it. `opened` is the calling function: the
-- number must be of an operation in whose row it stands.
CREATE FUNCTION desk.use_access(access bigint, opened text, writing boolean DEFAULT FALSE) RETURNS patronctl.access
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  started timestamptz := clock_timestamp();
  a       patronctl.access;
  o       patronctl.operation;
BEGIN
  PERFORM desk.require_open(opened);
  -- An older snapshot would not know that this login was disabled, or its right ended, since.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM desk.fail('LB403', 'an access is used in a transaction that is READ COMMITTED');
  END IF;
  IF desk.is_disabled(session_user::text) THEN -- since it opened this access
    PERFORM desk.fail('LB403', 'this login is disabled', 'an administrator enables it: patronctl staff enable LOGIN');
  END IF;
  SELECT * INTO a
  FROM patronctl.access AS r
  WHERE r.id = use_access.access AND r.login = session_user::text;
  SELECT * INTO o FROM patronctl.operation AS r WHERE r.name = a.operation AND opened = ANY (r.functions);
  IF NOT FOUND THEN
    PERFORM desk.fail('LB403', 'access {access} was not opened by this login for {operations}',
      'open one with desk.open_access and commit', jsonb_build_object('access', use_access.access, 'operations', (
        SELECT string_agg(r.name, ' or ' ORDER BY r.name) FROM patronctl.operation AS r WHERE opened = ANY (r.functions)
      )));
  END IF;
  IF writing THEN -- of two calls at once the second waits here, and finds what the first did
    PERFORM FROM patronctl.access AS r WHERE r.id = a.id FOR NO KEY UPDATE;
  END IF;
  IF a.xid = pg_current_xact_id_if_assigned() THEN
    PERFORM desk.fail('LB403', 'access {access} is not committed yet',
      'commit, then read in the next transaction', jsonb_build_object('access', a.id));
  END IF;
  IF a.at < started - interval '60 seconds' THEN
    IF 'pages' <> ALL (o.marks) OR NOT EXISTS (SELECT FROM patronctl.paging AS g WHERE g.access = a.id AND g.until > started) THEN
      PERFORM desk.fail('LB403', 'access {access} is older than 60 seconds',
        'open a new one', jsonb_build_object('access', a.id));
    ELSIF desk.refusal(o, a.purpose, a.patrons || a.others) IS NOT NULL THEN
      PERFORM desk.fail('LB403', 'access {access} has ended: it would be refused by now',
        'open a new one, which says why', jsonb_build_object('access', a.id));
    END IF;
  END IF;
  IF writing AND 'writes' <> ALL (o.marks) THEN
    PERFORM desk.fail('LB403', '{operation} writes, and its row does not say so',
      params => jsonb_build_object('operation', a.operation));
  ELSIF writing AND EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = a.id) THEN
    PERFORM desk.fail('LB403', 'access {access} was used already',
      'see what it did: patronctl audit show {access}', jsonb_build_object('access', a.id));
  END IF;
  -- The commit of a record waits for the disk (patronctl.access_commits); this is the second look.
  IF pg_current_wal_flush_lsn() <= a.written_at THEN
    PERFORM desk.fail('LB403', 'access {access} is not on disk yet',
      'leave synchronous_commit on', jsonb_build_object('access', a.id));
  END IF;
  IF a.outcome <> 'allowed' THEN
    PERFORM desk.raise_outcome(a, o);
  ELSIF o.asked_by = '{"ref": "patron"}' AND 'tells-erased' <> ALL (o.marks) THEN
    PERFORM desk.refuse_erased(a.patrons[1]);
  END IF;
  RETURN a;
END
$$;

-- What the call with an access is told that was not allowed, or found nobody.
CREATE FUNCTION desk.raise_outcome(a patronctl.access, o patronctl.operation) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF a.because = desk.personal_reason() THEN
    PERFORM desk.fail('LB400', a.because, 'give a ticket or file number: --reason "ticket 4711"');
  ELSIF a.because = desk.personal_text() THEN
    PERFORM desk.fail('LB400', a.because, 'leave names, addresses and card numbers out: "a reader", or id:123');
  ELSIF a.outcome = 'denied' THEN
    PERFORM desk.fail('LB403', '{because}', 'the refusal is recorded as access {access}',
      jsonb_build_object('because', a.because, 'access', a.id));
  ELSIF a.because IS NOT NULL THEN
    PERFORM desk.fail('LB405', a.because, 'look the person up: patronctl patron find WORDS');
  ELSE
    CASE
      WHEN o.asked_by ? 'barcode' THEN
        PERFORM desk.fail('LB404', 'no such item', 'check the barcode');
      WHEN o.asked_by ? 'words' THEN
        PERFORM desk.fail('LB404', 'nobody found', 'try fewer words, or the beginning of the surname');
      ELSE
        PERFORM desk.fail('LB404', 'no such patron', 'look the person up: patronctl patron find WORDS');
    END CASE;
  END IF;
END
$$;

-- Records what a write did. The key on the access refuses a second write with the same number.
CREATE FUNCTION desk.record_result(access bigint, counts jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO patronctl.result (access, at, counts, xid, row_hash)
  SELECT a.id, n.at, record_result.counts, n.xid, patronctl.result_hash(a.id, a.row_hash, n.xid, n.at, record_result.counts)
  FROM patronctl.access AS a, (SELECT clock_timestamp() AS at, pg_current_xact_id() AS xid) AS n
  WHERE a.id = record_result.access;
EXCEPTION WHEN unique_violation THEN
  PERFORM desk.fail('LB403', 'access {access} was used already',
    params => jsonb_build_object('access', record_result.access));
END
$$;
