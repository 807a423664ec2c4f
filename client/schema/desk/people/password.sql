-- Resetting a password. The code is made, shown and hashed by the client: it never reaches the server.

-- Replaces the secret of a patron by the hash of a one-time code (argon2id, PHC text), or clears it where the card
-- number is to work again. Lifts a lock-out.
CREATE FUNCTION desk.reset_password(access bigint, code_hash text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'reset_password', TRUE);
  p       lms.patron;
  mode    text;
  until   timestamptz;
  was     text;
  counts  jsonb;
BEGIN
  PERFORM lms.lock_patron(a.patrons[1]);
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  IF p.login = 'external' THEN
    PERFORM desk.fail('LB409', 'this patron logs in with an external account; there is no password here to reset',
      'the password is changed where the external account is kept');
  ELSIF p.status <> 'active' THEN
    PERFORM desk.fail('LB409', 'the account is {status}', params => jsonb_build_object('status', p.status));
  END IF;
  PERFORM desk.require_hash(code_hash);
  mode := desk.setting('reset_mode', p.authority);
  until := CASE mode WHEN 'one_time' THEN date_trunc('second', patronctl.clock() + interval '24 hours') END;
  was := desk.password_state(p.id) ->> 'state';
  PERFORM lms.set_credential(p.id, CASE mode WHEN 'one_time' THEN code_hash END, patronctl.clock(), until);
  counts := jsonb_build_object('mode', mode, 'expires_at', until, 'unlocked', was = 'locked');
  PERFORM desk.record_result(a.id, counts);
  RETURN counts || jsonb_build_object('patron', p.id, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the password could not be reset', SQLSTATE);
END
$$;

-- Refuses what is no argon2id hash in PHC text: a secret in clear must not be stored.
CREATE FUNCTION desk.require_hash(hash text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF hash IS NULL OR hash !~ '^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$' THEN
    PERFORM desk.fail('LB400', 'the code must come as an argon2id hash');
  END IF;
END
$$;

-- The name and state for the question before a reset: a reading of its own, under the same right.
CREATE FUNCTION desk.preview_reset(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'preview_reset');
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'patron', p.id, 'name', desk.full_name(p), 'state', desk.password_state(p.id) ->> 'state',
      'mode', desk.setting('reset_mode', p.authority))
    FROM lms.patron AS p
    WHERE p.id = a.patrons[1]
  );
END
$$;
