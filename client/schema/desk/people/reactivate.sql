-- Bringing an expired or deleted account back.

-- Makes an account valid until a day, within the months of the setting; an erased one never. Deleting counts from the day
-- it was done, expiring from the last valid day.
CREATE FUNCTION desk.reactivate(access bigint, expires date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'reactivate', TRUE);
  p      lms.patron;
  today  date;
  months integer;
  ended  date;
BEGIN
  PERFORM lms.lock_patron(a.patrons[1]);
  PERFORM desk.refuse_erased(a.patrons[1]);
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  today := patronctl.today(p.authority);
  months := desk.setting('reactivation_months', p.authority)::integer;
  ended := CASE WHEN p.status = 'deleted' THEN coalesce(p.deleted_on, p.expires_on) ELSE p.expires_on END;
  IF expires IS NULL OR expires < today OR expires = 'infinity' THEN
    PERFORM desk.fail('LB400', 'an account is reactivated until a day that is still to come',
      'such as: --expires {day}', jsonb_build_object('day', (today + interval '1 year')::date));
  ELSIF p.status = 'active' AND coalesce(p.expires_on, 'infinity') >= today THEN
    PERFORM desk.fail('LB409', CASE WHEN p.expires_on IS NULL THEN 'the account is valid' ELSE 'the account is valid until {day}' END,
      params => jsonb_build_object('day', p.expires_on));
  ELSIF ended + make_interval(months => months) < today THEN
    PERFORM desk.fail('LB409', 'the account ended on {day}; it could be reactivated for {months} months',
      'register the person anew', jsonb_build_object('day', ended, 'months', months));
  END IF;
  PERFORM lms.reactivate(p.id, expires, today);
  PERFORM desk.record_result(a.id, jsonb_build_object('expires_on', expires));
  RETURN jsonb_build_object('patron', p.id, 'authority', p.authority, 'ended_on', ended, 'expires_on', expires, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the account could not be reactivated', SQLSTATE);
END
$$;
