-- What opens an account.

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

-- The outcome of a try at a patron's secret: a right one forgets the wrong ones before it, and the one that makes
-- lock_after wrong ones in a row locks the account until then. Zero never locks.
CREATE FUNCTION lms.record_attempt(patron bigint, passed boolean, lock_after integer, lock_until timestamptz) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.credential AS c (patron, authority, failed_attempts, locked_until)
  SELECT p.id, p.authority, n.failed, CASE WHEN n.failed = record_attempt.lock_after THEN record_attempt.lock_until END
  FROM lms.patron AS p
  CROSS JOIN LATERAL (SELECT CASE WHEN record_attempt.passed THEN 0 ELSE 1 END AS failed) AS n
  WHERE p.id = record_attempt.patron
  ON CONFLICT (patron, authority) DO UPDATE
  SET failed_attempts = CASE WHEN record_attempt.passed THEN 0 ELSE c.failed_attempts + 1 END,
      locked_until = CASE
        WHEN record_attempt.passed THEN NULL
        WHEN record_attempt.lock_after > 0 AND c.failed_attempts + 1 >= record_attempt.lock_after THEN record_attempt.lock_until
        ELSE c.locked_until
      END
$$;
