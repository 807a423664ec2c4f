-- One person, opened to a support engineer for a while by an officer of that person's home.

CREATE FUNCTION desk.grant_support(access bigint, login text, hours integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'grant_support', TRUE);
  until timestamptz := date_trunc('second', patronctl.clock() + make_interval(hours => grant_support.hours));
BEGIN
  PERFORM desk.refuse_oneself(grant_support.login);
  IF NOT coalesce(hours BETWEEN 1 AND 168, FALSE) THEN
    PERFORM desk.fail('LB400', 'a person is opened to support for 1 to 168 hours');
  ELSIF NOT EXISTS (
    SELECT FROM patronctl.staff AS s
    WHERE s.login = grant_support.login AND s.role = 'support'
      AND patronctl.today(s.authority) BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
  ) THEN
    PERFORM desk.fail('LB404', 'no such support engineer',
      'an administrator registers one: patronctl staff add LOGIN --role support');
  END IF;
  INSERT INTO patronctl.support_grant (access, login, patron, until) VALUES (a.id, grant_support.login, a.patrons[1], until);
  PERFORM desk.record_result(a.id, jsonb_build_object('login', grant_support.login, 'until', until));
  RETURN jsonb_build_object('login', grant_support.login, 'patron', a.patrons[1], 'until', until, 'access', a.id,
    'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the person could not be opened', SQLSTATE);
END
$$;

-- Closes a person to a support engineer again, whoever opened it.
CREATE FUNCTION desk.revoke_support(access bigint, login text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'revoke_support', TRUE);
BEGIN
  UPDATE patronctl.support_grant AS g
  SET revoked_at = patronctl.clock()
  WHERE g.patron = a.patrons[1] AND g.login = revoke_support.login AND g.revoked_at IS NULL AND g.until > patronctl.clock();
  IF NOT FOUND THEN
    PERFORM desk.fail('LB404', 'this person is not open to that login', 'nothing needs to be done');
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('login', revoke_support.login));
  RETURN jsonb_build_object('login', revoke_support.login, 'patron', a.patrons[1], 'access', a.id, 'receipt', desk.receipt(a.id));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the person could not be closed', SQLSTATE);
END
$$;

-- Whether the one patron of a patron show is open to the login of this session.
CREATE FUNCTION desk.opened_to_support(operation text, patrons bigint[], others bigint[]) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT operation = 'patron show' AND cardinality(patrons) = 1 AND cardinality(others) = 0 AND EXISTS (
    SELECT FROM patronctl.support_grant AS g
    WHERE g.patron = patrons[1] AND g.login = session_user::text AND g.revoked_at IS NULL AND g.until > patronctl.clock()
  )
$$;
