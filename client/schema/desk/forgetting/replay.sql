-- Erasing again, after a backup was restored, everybody whom an export of the ledger names.

-- Entries whose patron's number belongs to somebody else by now: registered on the day of the erasure or later, or a
-- stand-in. They are told, not touched: erasing cannot be taken back.
CREATE FUNCTION desk.reused_numbers(entries patronctl.erasure[]) RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT e.patron
    FROM unnest(entries) AS e
    LEFT JOIN lms.authority AS c ON c.code = e.authority
    WHERE EXISTS (
        SELECT FROM lms.patron AS p
        WHERE p.id = e.patron
          AND p.status <> 'erased'
          AND p.registered_on >= (e.at AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date
      )
      OR EXISTS (SELECT FROM lms.anonymous_patron AS s WHERE s.id = e.patron)
    ORDER BY e.number
  )
$$;

-- Erases the patrons of some lines of an export and enters them into the ledger as they were, with their numbers as far
-- as no erasure since took them. `head` is the last line of the whole export. Lines come in their order: how far they were
-- replayed decides when quarantine may end. What the ledger lacks shows that the database was restored: it closes.
CREATE FUNCTION desk.replay(access bigint, head text, lines text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'replay', TRUE);
  last    patronctl.erasure := desk.ledger_entry(head);
  entries patronctl.erasure[] := ARRAY(SELECT desk.ledger_entry(u.line) FROM unnest(lines) AS u(line));
  ledger  patronctl.ledger;
  missing patronctl.erasure[];
  reused  bigint[];
  present bigint[];
  reached bigint := (SELECT max(e.number) FROM unnest(entries) AS e);
BEGIN
  IF NOT ARRAY(SELECT e.patron FROM unnest(entries) AS e) <@ a.patrons THEN
    PERFORM desk.fail('LB403', 'access {access} was opened for other patrons',
      params => jsonb_build_object('access', a.id));
  END IF;
  SELECT * INTO STRICT ledger FROM patronctl.ledger FOR UPDATE;
  missing := ARRAY(
    SELECT e FROM unnest(entries) AS e
    WHERE NOT EXISTS (SELECT FROM patronctl.erasure AS o WHERE o.patron = e.patron)
  );
  reused := desk.reused_numbers(missing);
  missing := ARRAY(SELECT e FROM unnest(missing) AS e WHERE e.patron <> ALL (reused));
  PERFORM lms.reserve_patron_numbers((SELECT max(e.patron) FROM unnest(entries) AS e));
  present := ARRAY(
    SELECT p.id
    FROM unnest(missing) AS e
    JOIN lms.patron AS p ON p.id = e.patron
    WHERE p.status <> 'erased'
  );
  IF cardinality(present) > (SELECT count(*) FROM lms.lock_patrons(present, TRUE)) THEN
    PERFORM desk.fail('LB423', 'another session is working on patrons who must be erased again',
      'end that session, then run the replay again: it goes on where it stopped');
  END IF;
  PERFORM lms.erase_patrons(present);
  UPDATE patronctl.imported_patron SET id = NULL WHERE id = ANY (present);
  INSERT INTO patronctl.erasure (number, patron, authority, rule, at)
  SELECT
    CASE WHEN t.taken
      THEN greatest(ledger.number, last.number) + row_number() OVER (PARTITION BY t.taken ORDER BY t.number)
      ELSE t.number
    END, t.patron, t.authority, t.rule, t.at
  FROM (
    SELECT e.*, EXISTS (SELECT FROM patronctl.erasure AS o WHERE o.number = e.number) AS taken
    FROM unnest(missing) AS e
  ) AS t;
  IF cardinality(missing) > 0 THEN
    ledger.quarantined_at := coalesce(ledger.quarantined_at, clock_timestamp());
  END IF;
  UPDATE patronctl.ledger AS l
  SET number = greatest(l.number, reached, (SELECT max(o.number) FROM patronctl.erasure AS o)),
      quarantined_at = ledger.quarantined_at,
      replay_to = CASE WHEN ledger.quarantined_at IS NOT NULL THEN greatest(l.replay_to, last.number, reached) END,
      replayed_to = greatest(l.replayed_to, reached);
  PERFORM desk.record_result(a.id,
    jsonb_build_object('erased', cardinality(present), 'entered', cardinality(missing), 'reused', cardinality(reused)));
  RETURN jsonb_build_object(
    'erased', cardinality(present),
    'absent', cardinality(missing) - cardinality(present),
    'known', cardinality(entries) - cardinality(missing) - cardinality(reused),
    'reused', reused);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the ledger could not be replayed', SQLSTATE);
END
$$;
