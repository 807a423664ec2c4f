-- After a backup was restored, people whom the ledger says are forgotten can be read again. Until they were erased once
-- more the database answers nobody but the replay.

-- Refuses everything that does not lead out of quarantine: an operation, or a function that operations open.
CREATE FUNCTION desk.require_open(called text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM patronctl.ledger AS l WHERE l.quarantined_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM patronctl.operation AS o
      WHERE called = ANY (o.name || o.functions) AND 'in-quarantine' = ANY (o.marks)) THEN
    PERFORM desk.fail('LB409', 'the database was restored and is in quarantine until the erasures since are replayed',
      'a maintenance job runs: patronctl erasure replay FILE, then patronctl erasure quarantine disable');
  END IF;
END
$$;

-- What a client keeps of the ledger, up to an entry: the database, the number of the entry, which one that was, and proof
-- that it was told so here, for nobody shall close the database by inventing a number. No row where there is no such entry.
-- Every start asks for it: like the functions that it calls it is taken into the query, which is faster than calling it.
CREATE FUNCTION desk.head_seen_at(ledger patronctl.ledger, number bigint) RETURNS TABLE (head text)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT concat_ws(' ', ledger.database, said.head, desk.ledger_proof(ledger, 'head ' || said.head))
  FROM patronctl.erasure AS e, LATERAL (
    SELECT e.number || ' ' || desk.ledger_proof(ledger, 'entry at ' || desk.ledger_line(e)) AS head OFFSET 0 -- computed once
  ) AS said
  WHERE e.number = head_seen_at.number;
END;

-- The number in what a client kept, when it was told so by this database; else NULL.
CREATE FUNCTION desk.number_seen(ledger patronctl.ledger, seen text) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT part[2]::bigint
  FROM regexp_match(seen, '^(\S+) (\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})$') AS part
  WHERE part[1] = ledger.database::text
    AND part[4] = desk.ledger_proof(ledger, 'head ' || part[2] || ' ' || part[3])
$$;

-- Closes the database when it lacks a head of what a client kept, of this database and others, and tells whether it is
-- closed; one that is closed already learns how far the ledger must be replayed. A head that is not in the ledger any more,
-- neither as it was nor replayed, can only come from a later self of this database: it was restored.
CREATE FUNCTION desk.close_restored(seen text[]) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ledger patronctl.ledger;
  lost   bigint;
BEGIN
  SELECT * INTO STRICT ledger FROM patronctl.ledger;
  SELECT max(n.number) INTO lost
  FROM unnest(seen) AS u(head), desk.number_seen(ledger, u.head) AS n(number)
  WHERE n.number > ledger.replayed_to
    AND (SELECT h.head FROM desk.head_seen_at(ledger, n.number) AS h) IS DISTINCT FROM u.head;
  IF lost > coalesce(ledger.replay_to, 0) OR lost IS NOT NULL AND ledger.quarantined_at IS NULL THEN
    UPDATE patronctl.ledger AS l
    SET quarantined_at = coalesce(l.quarantined_at, clock_timestamp()),
        replay_to = greatest(l.replay_to, lost)
    RETURNING * INTO ledger;
  END IF;
  RETURN ledger.quarantined_at IS NOT NULL;
END
$$;

CREATE FUNCTION desk.quarantine_json() RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('database', l.database, 'number', l.number, 'quarantined_at', l.quarantined_at,
    'replay_to', l.replay_to, 'replayed_to', l.replayed_to)
  FROM patronctl.ledger AS l
$$;

CREATE FUNCTION desk.show_quarantine(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'show_quarantine');
  RETURN desk.quarantine_json();
END
$$;

-- Closes the database, or opens it when no replay is outstanding.
CREATE FUNCTION desk.set_quarantine(access bigint, closed boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'set_quarantine', TRUE);
  ledger patronctl.ledger;
BEGIN
  SELECT * INTO STRICT ledger FROM patronctl.ledger FOR UPDATE;
  IF closed THEN
    UPDATE patronctl.ledger SET quarantined_at = coalesce(quarantined_at, clock_timestamp());
  ELSIF ledger.replayed_to < ledger.replay_to THEN
    PERFORM desk.fail('LB409', 'the ledger was replayed as far as entry {entry}, and must be as far as {end}',
      'run patronctl erasure replay FILE with the newest export of the ledger',
      jsonb_build_object('entry', ledger.replayed_to, 'end', ledger.replay_to));
  ELSE
    UPDATE patronctl.ledger SET quarantined_at = NULL, replay_to = NULL;
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('quarantine', CASE WHEN closed THEN 'on' ELSE 'off' END));
  RETURN desk.quarantine_json();
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the quarantine could not be changed', SQLSTATE);
END
$$;
