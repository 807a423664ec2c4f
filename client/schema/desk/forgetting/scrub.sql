-- Scrubbing: after it, no file of the server holds what was erased. The dead rows go when their relations are rewritten, the
-- log of changes when its old files are removed. Each relation is a transaction of its own; what is done stays done.

-- A transaction's number without the wrapping around. It is near this transaction's own.
CREATE FUNCTION desk.whole_xid(number xid) RETURNS xid8
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (own - ((own - number::text::bigint + 2147483648) & 4294967295) + 2147483648)::text::xid8
  FROM (SELECT pg_current_xact_id()::text::bigint AS own) AS t
$$;

-- The erasures of an authority (NULL: of all) whose values are still in files, and the transaction of each.
CREATE FUNCTION desk.unscrubbed(authority text) RETURNS TABLE (number bigint, authority_of text, erased_by xid8)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e.number, e.authority, desk.whole_xid(e.xmin)
  FROM patronctl.erasure AS e
  WHERE e.scrubbed_at IS NULL
    AND (unscrubbed.authority IS NULL OR e.authority = unscrubbed.authority)
$$;

-- Up to which transaction each relation was rewritten on this server.
CREATE FUNCTION desk.rewritten() RETURNS TABLE (relation text, authority text, up_to xid8)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.relation, r.authority, coalesce(w.up_to, '0')
  FROM lms.rewritable() AS r
  LEFT JOIN patronctl.rewrite AS w
    ON w.relation = r.relation AND w.server = (SELECT c.system_identifier FROM pg_control_system() AS c)
$$;

-- The relations that those erasures left something in.
CREATE FUNCTION desk.to_rewrite(authority text) RETURNS SETOF text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH erased AS MATERIALIZED (
    SELECT u.authority_of, max(u.erased_by) AS last FROM desk.unscrubbed(to_rewrite.authority) AS u GROUP BY 1
  )
  SELECT r.relation
  FROM desk.rewritten() AS r
  WHERE EXISTS (
    SELECT FROM erased AS e
    WHERE (r.authority IS NULL OR r.authority = e.authority_of) AND r.up_to <= e.last
  )
  ORDER BY 1
$$;

-- Who may still see rows that died in some transaction or later, so that a rewrite would copy them, and what ends it.
CREATE FUNCTION desk.keepers(since xid8) RETURNS TABLE (who text, ending text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s %s of %s', s.backend_type, s.pid, coalesce(s.usename, 'the server')), format('SELECT pg_terminate_backend(%s)', s.pid)
  FROM pg_stat_activity AS s
  WHERE s.pid <> pg_backend_pid()
    AND (
      desk.whole_xid(s.backend_xid) <= since -- in any database
      OR desk.whole_xid(s.backend_xmin) <= since AND (s.datname = current_database() OR s.datname IS NULL)
    )
  UNION ALL
  SELECT format('prepared transaction %L of %s', p.gid, p.owner),
    format('in the database %s: ROLLBACK PREPARED %L, or COMMIT', p.database, p.gid)
  FROM pg_prepared_xacts AS p
  WHERE desk.whole_xid(p.transaction) <= since
  UNION ALL
  SELECT format('replication slot %s', l.slot_name), format('SELECT pg_drop_replication_slot(%L), or let its standby catch up', l.slot_name)
  FROM pg_replication_slots AS l
  WHERE desk.whole_xid(l.xmin) <= since
$$;

-- Refuses while the server's administrator has not granted what this needs: others' snapshots could not be seen, nor the
-- log be emptied.
CREATE FUNCTION desk.require_scrubbing() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT (pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AND pg_has_role(current_user, 'pg_checkpoint', 'USAGE')
    AND has_function_privilege('pg_switch_wal()', 'EXECUTE') AND has_function_privilege('pg_ls_waldir()', 'EXECUTE')) THEN
    PERFORM desk.fail('LB409', 'scrubbing is not set up on this server',
      'a server administrator runs what this prints: patronctl db init --print-admin-sql');
  END IF;
END
$$;

CREATE FUNCTION desk.require_scrubber(authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.require_authority(authority);
  IF NOT desk.administers('erasure scrub', authority) THEN
    PERFORM desk.fail('LB403', 'your login may scrub for its own authority only',
      'add --authority {authority}', jsonb_build_object('authority', coalesce(desk.only_authority('erasure scrub'), 'A')));
  END IF;
END
$$;

-- What is to be rewritten for an authority, or for all.
CREATE FUNCTION desk.plan_scrub(access bigint, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'plan_scrub');
  PERFORM desk.require_scrubber(authority);
  PERFORM desk.require_scrubbing();
  RETURN jsonb_build_object('relations', to_jsonb(ARRAY(
    SELECT desk.to_rewrite(plan_scrub.authority)
    UNION ALL
    SELECT lms.told_apart()
  )));
END
$$;

-- Rewrites one relation. Who reads it may wait, so this one waits for them half a second only.
CREATE FUNCTION desk.scrub_relation(access bigint, relation text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'scrub_relation', TRUE);
  done   record;
  last   xid8;
  holder record;
BEGIN
  PERFORM desk.require_scrubbing();
  IF relation LIKE 'lms.anonymous\_%' THEN
    -- To a snapshot from before, the fresh table is empty. At a desk none is kept for seconds; a report or a dump may.
    SELECT s.pid, s.usename INTO holder
    FROM pg_stat_activity AS s
    WHERE s.datname = current_database() AND s.pid <> pg_backend_pid()
      AND s.backend_xmin IS NOT NULL AND s.xact_start < clock_timestamp() - interval '5 seconds'
    LIMIT 1;
    IF FOUND THEN
      PERFORM desk.fail('LB409', 'moved history would vanish from the sight of session {session} of {login}',
        'wait for it, or: SELECT pg_terminate_backend({session}); then scrub again',
        jsonb_build_object('session', holder.pid, 'login', holder.usename));
    END IF;
  END IF;
  IF relation = 'lms.anonymous_loan' THEN
    SELECT r.locked INTO done FROM lms.rewrite_anonymous_loan() AS r;
  ELSIF relation = 'lms.anonymous_hold' THEN
    SELECT r.locked INTO done FROM lms.rewrite_anonymous_hold() AS r;
  ELSIF relation = 'lms.anonymous_fee' THEN
    SELECT r.locked INTO done FROM lms.rewrite_anonymous_fee() AS r;
  ELSIF NOT EXISTS (SELECT FROM lms.rewritable() AS r WHERE r.relation = scrub_relation.relation) THEN
    PERFORM desk.fail('LB400', 'no relation that is scrubbed');
  ELSE
    PERFORM desk.require_scrubber(r.authority)
    FROM lms.rewritable() AS r
    WHERE r.relation = scrub_relation.relation AND r.authority IS NOT NULL;
    -- What was erased before now; later erasures need another rewrite.
    SELECT max(u.erased_by) INTO last
    FROM lms.rewritable() AS r, desk.unscrubbed(r.authority) AS u
    WHERE r.relation = scrub_relation.relation;
    SELECT k.who, k.ending INTO holder FROM desk.keepers(last) AS k LIMIT 1;
    IF FOUND THEN
      PERFORM desk.fail('LB409', 'the erased rows would be copied, because they are still visible to {who}',
        '{ending}; then scrub again', jsonb_build_object('who', holder.who, 'ending', holder.ending));
    END IF;
    SELECT desk.whole_xid(r.up_to) AS up_to, r.locked INTO done FROM lms.rewrite_personal(relation) AS r;
    -- The rewrite itself is the judge: whatever was not seen above.
    IF done.up_to <= last THEN
      PERFORM desk.fail('LB409', 'the erased rows were still visible to another session',
        'scrub again when it has ended');
    END IF;
    INSERT INTO patronctl.rewrite AS w (relation, up_to, server, at)
    SELECT scrub_relation.relation, done.up_to, c.system_identifier, clock_timestamp() FROM pg_control_system() AS c
    ON CONFLICT ON CONSTRAINT rewrite_pkey DO UPDATE
    SET up_to = CASE WHEN w.server = excluded.server THEN greatest(w.up_to, excluded.up_to) ELSE excluded.up_to END,
        server = excluded.server,
        at = excluded.at;
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('relation', relation, 'locked_ms', extract(milliseconds FROM done.locked)::integer));
  RETURN jsonb_build_object('relation', relation, 'locked_ms', extract(epoch FROM done.locked) * 1000);
EXCEPTION
  WHEN dependent_objects_still_exist THEN -- DROP would say which, and of the library's own
    PERFORM desk.fail('LB409', 'a view depends on {relation}, which cannot be exchanged for a fresh one',
      'drop the view, or let it be a function; then scrub again', jsonb_build_object('relation', relation));
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the relation could not be rewritten', SQLSTATE);
END
$$;

-- Settings, of the server or of a role, by which values get into files that no rewriting reaches.
CREATE FUNCTION desk.leaks() RETURNS TABLE (what text, why text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT w.setting, w.why FROM desk.wrong_settings() AS w WHERE w.leaks
  UNION
  SELECT format('%s of %s', s.setting, s.login), s.why FROM desk.wrong_role_settings() AS s WHERE s.leaks
  ORDER BY 1
$$;

-- Moves the log of changes on until its old files are gone; returns why some are not. Each round fills one file with zeroes
-- and removes it, also those that were kept for use again before wal_recycle was switched off.
CREATE FUNCTION desk.empty_log() RETURNS TABLE (what text, why text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  began pg_lsn := pg_current_wal_insert_lsn();
  old   text;
BEGIN
  FOR round IN 1..1000 LOOP
    PERFORM pg_switch_wal();
    CHECKPOINT;
    EXIT WHEN round > 1 AND (current_setting('wal_recycle') = 'on' OR NOT EXISTS (
      SELECT FROM pg_ls_waldir() AS f
      WHERE f.name ~ '^[0-9A-F]{24}$' AND substr(f.name, 9) > substr(pg_walfile_name(pg_current_wal_insert_lsn()), 9)
    ));
  END LOOP;
  SELECT min(f.name) INTO old
  FROM pg_ls_waldir() AS f
  WHERE f.name ~ '^[0-9A-F]{24}(\.partial)?$' AND substr(f.name, 9, 16) <= substr(pg_walfile_name(began), 9);
  RETURN QUERY SELECT l.what, l.why FROM desk.leaks() AS l;
  IF old IS NOT NULL THEN
    RETURN QUERY
      SELECT 'replication slot ' || s.slot_name, 'old files of the log of changes are kept for it'
      FROM pg_replication_slots AS s WHERE s.restart_lsn <= began
      UNION ALL
      SELECT 'archiving', 'old files of the log of changes are kept because they cannot be archived'
      FROM pg_stat_archiver AS v WHERE v.last_failed_time >= coalesce(v.last_archived_time, '-infinity')
      UNION ALL
      SELECT 'pg_wal/' || old, 'a file of the log of changes from before is still there';
  END IF;
END
$$;

-- Empties the log of changes and marks what is clean now: an erasure all of whose relations were rewritten since.
CREATE FUNCTION desk.finish_scrub(access bigint, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'finish_scrub', TRUE);
  unclean jsonb;
  done    integer := 0;
BEGIN
  PERFORM desk.require_scrubber(authority);
  PERFORM desk.require_scrubbing();
  SELECT coalesce(jsonb_agg(l), '[]') INTO unclean FROM desk.empty_log() AS l;
  IF unclean = '[]' THEN
    WITH clean AS (
      SELECT h.code, min(r.up_to) AS up_to
      FROM lms.authority AS h
      JOIN desk.rewritten() AS r ON r.authority IS NULL OR r.authority = h.code
      GROUP BY 1
    )
    UPDATE patronctl.erasure AS e
    SET scrubbed_at = patronctl.clock()
    FROM desk.unscrubbed(finish_scrub.authority) AS u
    JOIN clean AS c ON c.code = u.authority_of
    WHERE e.number = u.number AND u.erased_by < c.up_to;
    GET DIAGNOSTICS done = ROW_COUNT;
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('scrubbed', done));
  RETURN jsonb_build_object(
    'scrubbed', done,
    'waiting', (SELECT count(*) FROM desk.unscrubbed(finish_scrub.authority)),
    'unclean', unclean,
    'backups_clean_after', patronctl.today(finish_scrub.authority) + desk.setting('backup_days', finish_scrub.authority)::integer
  );
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the scrub could not be recorded', SQLSTATE);
END
$$;
