-- What a view could not do. Another library system's port offers these with the same names and arguments.

-- Adds a member authority. Partitions cannot be created with parameters: this is why the code's alphabet is narrow.
CREATE FUNCTION lms.add_authority(code text, name text, currency text, time_zone text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation text;
  part     text;
  part_of  regclass;
  personal record;
BEGIN
  IF coalesce(name, '') !~ '\S' THEN
    RAISE EXCEPTION 'an authority has a name' USING ERRCODE = 'LB400';
  END IF;
  -- A zone by its name: an abbreviation such as BST knows no summer time.
  IF NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = add_authority.time_zone) THEN
    RAISE EXCEPTION 'unknown time zone' USING ERRCODE = 'LB400', HINT = 'use an IANA name such as Europe/London';
  END IF;
  INSERT INTO lms.authority VALUES (code, name, currency, time_zone);
  FOREACH relation IN ARRAY ARRAY['identity', 'address', 'special', 'credential'] LOOP
    part := relation || '_of_' || lower(code); -- _of_: no code may collide with the name of an index
    EXECUTE format('CREATE TABLE lms.%I PARTITION OF lms.%I FOR VALUES IN (%L)', part, relation, code);
    part_of := format('lms.%I', part)::regclass;
    -- No sample values of people in pg_statistic: neither of the columns nor of the expressions in their indexes.
    FOR personal IN
      SELECT c.oid::regclass AS object, a.attnum, c.relkind
      FROM pg_class AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.oid = part_of
        OR c.oid IN (SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid = part_of AND i.indexprs IS NOT NULL)
    LOOP
      IF personal.relkind = 'i' THEN
        EXECUTE format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', personal.object, personal.attnum);
      ELSE
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', personal.object,
          (SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = part_of AND a.attnum = personal.attnum));
      END IF;
    END LOOP;
  END LOOP;
END
$$;

CREATE FUNCTION lms.is_day(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM value::date;
  RETURN TRUE;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
  RETURN FALSE;
END
$$;

-- Holds a patron against others who change the same account, until the end of the transaction. Who waits longer than
-- lock_timeout is told which login holds it: the one whose number is on the row, or the only one at work on any patron.
CREATE FUNCTION lms.lock_patron(patron bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Not in the block below: a block with EXCEPTION puts a number of its own on the row, which is forgotten at its end.
  PERFORM FROM lms.patron AS p WHERE p.id = lock_patron.patron FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN;
  END IF;
  BEGIN
    PERFORM FROM lms.patron AS p WHERE p.id = lock_patron.patron FOR NO KEY UPDATE;
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'this account is being changed by %', coalesce((
        SELECT s.usename
        FROM lms.patron AS p
        JOIN pg_locks AS l ON l.locktype = 'transactionid' AND l.transactionid = p.xmax AND l.granted
        JOIN pg_stat_activity AS s ON s.pid = l.pid
        WHERE p.id = lock_patron.patron
      ), (
        SELECT min(s.usename::text)
        FROM pg_locks AS l
        JOIN pg_stat_activity AS s ON s.pid = l.pid AND s.datname = current_database()
        WHERE l.relation = 'lms.patron'::regclass AND l.mode = 'RowShareLock' AND l.pid <> pg_backend_pid()
        HAVING count(DISTINCT s.usename) = 1
      ), 'another login')
      USING ERRCODE = 'LB423', HINT = 'try again in a moment';
  END;
END
$$;

-- Replaces what opens an account: NULL means that the card number opens it. Always lifts a lock-out.
CREATE FUNCTION lms.set_credential(patron bigint, secret_hash text, set_at timestamptz, one_time_until timestamptz) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.credential AS c (patron, authority, secret_hash, set_at, one_time_until, must_change)
  SELECT p.id, p.authority, set_credential.secret_hash, set_credential.set_at, set_credential.one_time_until,
    set_credential.one_time_until IS NOT NULL
  FROM lms.patron AS p
  WHERE p.id = set_credential.patron
  ON CONFLICT (patron, authority) DO UPDATE
  SET secret_hash = excluded.secret_hash,
      set_at = excluded.set_at,
      one_time_until = excluded.one_time_until,
      must_change = excluded.must_change,
      failed_attempts = 0,
      locked_until = NULL
$$;

-- What of a patron's history may move before a moment and day, and what stays for which reason. The fees of a loan
-- follow the loan: a zero fee goes with it, an unpaid one holds it back unless include_owing.
CREATE FUNCTION lms.movable_history(patron bigint, before timestamptz, before_day date, include_owing boolean)
RETURNS TABLE (kind text, id bigint, stays text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH fee AS (
    SELECT f.id, f.loan, f.amount, f.raised_on, coalesce(sum(y.amount), 0) AS paid, coalesce(bool_or(y.amount <> 0), FALSE) AS booked
    FROM lms.fee AS f
    LEFT JOIN lms.payment AS y ON y.fee = f.id
    WHERE f.patron = movable_history.patron
    GROUP BY f.id
  ), loan AS (
    SELECT l.id,
      CASE
        WHEN l.returned_at IS NULL THEN 'on_loan'
        WHEN NOT include_owing AND (
          l.id IN (SELECT f.loan FROM fee AS f WHERE f.amount > f.paid)
          OR EXISTS ( -- somebody else, such as a guardian, owes for it
            SELECT FROM lms.fee AS f
            WHERE f.loan = l.id AND f.patron <> l.patron
              AND f.amount > (SELECT coalesce(sum(y.amount), 0) FROM lms.payment AS y WHERE y.fee = f.id)
          )
        ) THEN 'unpaid_fee'
      END AS stays
    FROM lms.loan AS l
    WHERE l.patron = movable_history.patron
      AND (l.returned_at IS NULL OR l.returned_at < before)
  )
  SELECT 'loan', l.id, l.stays FROM loan AS l
  UNION ALL
  SELECT 'hold', h.id, CASE WHEN h.closed_at IS NULL THEN 'open_hold' END
  FROM lms.hold AS h
  WHERE h.patron = movable_history.patron
    AND (h.closed_at IS NULL OR h.closed_at < before)
  UNION ALL
  SELECT 'fee', f.id, NULL
  FROM fee AS f
  WHERE f.amount = 0
    AND NOT f.booked -- a payment is an accounting record
    AND (f.raised_on < before_day OR f.loan IN (SELECT l.id FROM loan AS l WHERE l.stays IS NULL))
$$;

-- Moves these rows of one patron to the stand-in of a group and cuts what still points at them. Returns how many fees
-- stay on the account without their loan. The order of the moved rows says nothing about the order they had.
CREATE FUNCTION lms.move_history(
  patron bigint, loans bigint[], holds bigint[], fees bigint[],
  to_authority text, to_branch text, to_category text, to_birth_year integer
) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stand_in bigint;
  unlinked integer;
BEGIN
  INSERT INTO lms.anonymous_patron (authority, branch, category, birth_year)
  VALUES (to_authority, to_branch, to_category, to_birth_year)
  ON CONFLICT DO NOTHING;
  SELECT a.id INTO STRICT stand_in
  FROM lms.anonymous_patron AS a
  WHERE (a.authority, a.branch, a.category, a.birth_year)
    IS NOT DISTINCT FROM (to_authority, to_branch, to_category, to_birth_year::smallint);

  DELETE FROM lms.payment AS y
  WHERE y.fee = ANY (fees);
  WITH moved AS (
    DELETE FROM lms.fee AS f
    WHERE f.id = ANY (fees) AND f.patron = move_history.patron
    RETURNING f.*
  )
  INSERT INTO lms.anonymous_fee
  SELECT stand_in, m.authority, m.kind, m.amount, m.raised_on FROM moved AS m ORDER BY random();

  UPDATE lms.fee AS f
  SET loan = NULL
  WHERE f.loan = ANY (loans);
  GET DIAGNOSTICS unlinked = ROW_COUNT;

  WITH moved AS (
    DELETE FROM lms.loan AS l
    WHERE l.id = ANY (loans) AND l.patron = move_history.patron
    RETURNING l.*
  )
  INSERT INTO lms.anonymous_loan
  SELECT stand_in, m.item, m.authority, m.branch, m.lent_at, m.due_at, m.returned_at, m.renewals
  FROM moved AS m ORDER BY random();

  WITH moved AS (
    DELETE FROM lms.hold AS h
    WHERE h.id = ANY (holds) AND h.patron = move_history.patron
    RETURNING h.*
  )
  INSERT INTO lms.anonymous_hold
  SELECT stand_in, m.kind, m.item, m.authority, m.placed_at, m.closed_at, m.outcome
  FROM moved AS m ORDER BY random();
  RETURN unlinked;
END
$$;
