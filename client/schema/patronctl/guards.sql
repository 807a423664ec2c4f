-- What the triggers of these tables do. Triggers depend on them, so they are replaced in place.

-- An access must be on disk before its data is seen, whatever the caller set synchronous_commit to: a commit that does
-- not wait for the disk could be lost in a crash. Set at the very end of the transaction, it cannot be set back. SET
-- CONSTRAINTS could call this too early, and PREPARE TRANSACTION leaves the end to others; so only a COMMIT passes, or
-- a SELECT that is a transaction of its own.
CREATE OR REPLACE FUNCTION patronctl.access_commits() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  said text := coalesce(current_query(), '');
BEGIN
  IF said ~* '^\s*(commit|end)(\s+(work|transaction))?\s*;?\s*$'
    OR said ~* '^\s*select\s[^;]*;?\s*$' AND transaction_timestamp() = statement_timestamp() THEN
    IF current_setting('synchronous_commit') = 'off' THEN
      PERFORM set_config('synchronous_commit', 'on', TRUE);
    END IF;
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'an access is committed by COMMIT alone' USING ERRCODE = 'LB403';
END
$$;

-- For who owns the tables and errs: no right of staff reaches here.
CREATE OR REPLACE FUNCTION patronctl.append_only() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'records of the audit are never changed or removed' USING ERRCODE = 'LB409';
END
$$;
