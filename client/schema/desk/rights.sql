-- Who may do what. The reach of a right:
--   any    patrons of every member authority
--   home   patrons whose home it is; for staff of the whole consortium, everybody
--   rows   rows of one's own authority about patrons of every member
--   facts  every patron, without personal values
--   own    records of one's own login
--   logins records of the logins, and about the patrons, of one's own authority
--   id     one record by its number, without patrons
-- What is not listed is refused.
CREATE FUNCTION desk.rights() RETURNS TABLE (operation text, role text, reach text, needs_reason boolean)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  VALUES
    ('patron find',       'clerk',      'any',    FALSE),
    ('patron find',       'supervisor', 'any',    FALSE),
    ('patron find',       'officer',    'any',    FALSE),
    ('patron find',       'support',    'facts',  FALSE),
    ('patron show',       'clerk',      'any',    FALSE),
    ('patron show',       'supervisor', 'any',    FALSE),
    ('patron show',       'officer',    'any',    FALSE),
    ('patron show',       'support',    'facts',  FALSE),
    ('debt check',        'clerk',      'any',    FALSE),
    ('debt check',        'supervisor', 'any',    FALSE),
    ('debt check',        'officer',    'any',    FALSE),
    ('debt check',        'support',    'facts',  FALSE),
    ('debt check bulk',   'supervisor', 'any',    FALSE),
    ('debt check bulk',   'officer',    'any',    FALSE),
    ('debt check bulk',   'job',        'any',    FALSE),
    ('item show',         'clerk',      'any',    FALSE),
    ('item show',         'supervisor', 'any',    FALSE),
    ('item show',         'officer',    'any',    FALSE),
    ('item show',         'support',    'facts',  FALSE),
    ('item show last',    'supervisor', 'home',   TRUE),
    ('item show last',    'officer',    'home',   TRUE),
    ('history show',      'supervisor', 'home',   TRUE),
    ('history show',      'officer',    'home',   TRUE),
    ('history anonymize', 'clerk',      'home',   FALSE),
    ('history anonymize', 'supervisor', 'home',   FALSE),
    ('history anonymize', 'officer',    'home',   FALSE),
    ('password reset',    'clerk',      'home',   FALSE),
    ('password reset',    'supervisor', 'home',   FALSE),
    ('password reset',    'officer',    'home',   FALSE),
    ('export',            'officer',    'home',   FALSE),
    ('audit list',        'clerk',      'own',    FALSE),
    ('audit list',        'supervisor', 'own',    FALSE),
    ('audit list',        'officer',    'logins', FALSE),
    ('audit list',        'auditor',    'any',    FALSE),
    ('audit show',        'clerk',      'own',    FALSE),
    ('audit show',        'supervisor', 'own',    FALSE),
    ('audit show',        'officer',    'logins', FALSE),
    ('audit show',        'support',    'id',     FALSE),
    ('audit show',        'auditor',    'any',    FALSE),
    ('audit report',      'clerk',      'own',    FALSE),
    ('audit report',      'supervisor', 'own',    FALSE),
    ('audit report',      'officer',    'logins', FALSE),
    ('audit report',      'auditor',    'any',    FALSE),
    ('audit report subject', 'officer', 'home',   FALSE),
    ('audit report subject', 'auditor', 'any',    FALSE),
    ('audit logins',      'support',    'any',    FALSE),
    ('audit logins',      'admin',      'any',    FALSE),
    ('audit logins',      'job',        'any',    FALSE),
    ('audit logins',      'auditor',    'any',    FALSE),
    ('audit collect',     'job',        'any',    FALSE),
    ('audit seal',        'job',        'any',    FALSE),
    ('audit verify',      'clerk',      'any',    FALSE),
    ('audit verify',      'supervisor', 'any',    FALSE),
    ('audit verify',      'officer',    'any',    FALSE),
    ('audit verify',      'support',    'any',    FALSE),
    ('audit verify',      'admin',      'any',    FALSE),
    ('audit verify',      'job',        'any',    FALSE),
    ('audit verify',      'auditor',    'any',    FALSE),
    ('audit prove',       'clerk',      'any',    FALSE),
    ('audit prove',       'supervisor', 'any',    FALSE),
    ('audit prove',       'officer',    'any',    FALSE),
    ('audit prove',       'support',    'any',    FALSE),
    ('audit prove',       'admin',      'any',    FALSE),
    ('audit prove',       'job',        'any',    FALSE),
    ('audit prove',       'auditor',    'any',    FALSE),
    ('retention list',    'supervisor', 'home',   FALSE),
    ('retention list',    'officer',    'home',   FALSE),
    ('retention list',    'support',    'any',    FALSE),
    ('retention list',    'job',        'any',    FALSE),
    ('retention list',    'auditor',    'any',    FALSE),
    ('retention set',     'officer',    'home',   FALSE),
    ('retention plan',    'officer',    'home',   FALSE),
    ('retention plan file', 'officer',  'home',   FALSE),
    ('retention plan due', 'officer',   'home',   FALSE),
    ('retention plan due', 'job',       'any',    FALSE),
    ('retention approve', 'officer',    'any',    FALSE),
    ('retention run',     'officer',    'home',   FALSE),
    ('retention run due', 'officer',    'home',   FALSE),
    ('retention run due', 'job',        'any',    FALSE),
    ('history report',    'supervisor', 'home',   FALSE),
    ('history report',    'officer',    'home',   FALSE),
    ('history report',    'support',    'any',    FALSE),
    ('history report',    'job',        'any',    FALSE),
    ('history report',    'auditor',    'any',    FALSE),
    ('patron erase',      'officer',    'home',   FALSE),
    ('request open',      'clerk',      'any',    FALSE), -- at one's own authority, which need not be the patron's home
    ('request open',      'supervisor', 'any',    FALSE),
    ('request open',      'officer',    'any',    FALSE),
    ('request open unknown', 'clerk',   'home',   TRUE),
    ('request open unknown', 'supervisor', 'home', TRUE),
    ('request open unknown', 'officer', 'home',   TRUE),
    ('request list',      'clerk',      'home',   FALSE),
    ('request list',      'supervisor', 'home',   FALSE),
    ('request list',      'officer',    'home',   FALSE),
    ('request decide',    'officer',    'home',   FALSE),
    ('disclosure record', 'officer',    'home',   FALSE),
    ('disclosure refuse', 'officer',    'home',   FALSE),
    ('disclosure refuse unknown', 'officer', 'home', FALSE),
    ('disclosure approve', 'officer',   'home',   FALSE),
    ('disclosure list',   'officer',    'home',   FALSE),
    ('patron reactivate', 'clerk',      'home',   FALSE),
    ('patron reactivate', 'supervisor', 'home',   FALSE),
    ('patron reactivate', 'officer',    'home',   FALSE),
    ('patron set',        'clerk',      'home',   FALSE),
    ('patron set',        'supervisor', 'home',   FALSE),
    ('patron set',        'officer',    'home',   FALSE),
    ('patron set special', 'clerk',      'home',   FALSE),
    ('patron set special', 'supervisor', 'home',   FALSE),
    ('patron set special', 'officer',    'home',   FALSE),
    ('patron show special', 'officer',    'home',   TRUE),
    ('patron list',       'officer',    'home',   FALSE),
    ('consent list',      'clerk',      'rows',   FALSE),
    ('consent list',      'supervisor', 'rows',   FALSE),
    ('consent list',      'officer',    'rows',   FALSE),
    ('consent give',      'clerk',      'rows',   FALSE),
    ('consent give',      'supervisor', 'rows',   FALSE),
    ('consent give',      'officer',    'rows',   FALSE),
    ('consent withdraw',  'clerk',      'rows',   FALSE),
    ('consent withdraw',  'supervisor', 'rows',   FALSE),
    ('consent withdraw',  'officer',    'rows',   FALSE),
    ('consent missing',   'clerk',      'home',   FALSE),
    ('consent missing',   'supervisor', 'home',   FALSE),
    ('consent missing',   'officer',    'home',   FALSE),
    ('block list',        'clerk',      'rows',   FALSE),
    ('block list',        'supervisor', 'rows',   FALSE),
    ('block list',        'officer',    'rows',   FALSE),
    ('block place',       'clerk',      'rows',   FALSE),
    ('block place',       'supervisor', 'rows',   FALSE),
    ('block place',       'officer',    'rows',   FALSE),
    ('block lift',        'clerk',      'rows',   FALSE),
    ('block lift',        'supervisor', 'rows',   FALSE),
    ('block lift',        'officer',    'rows',   FALSE),
    ('patron import',     'clerk',      'home',   FALSE),
    ('patron import',     'supervisor', 'home',   FALSE),
    ('patron import',     'officer',    'home',   FALSE),
    ('erasure list',      'supervisor', 'home',   FALSE),
    ('erasure list',      'officer',    'home',   FALSE),
    ('erasure list',      'support',    'any',    FALSE),
    ('erasure list',      'job',        'any',    FALSE),
    ('erasure list',      'auditor',    'any',    FALSE),
    ('erasure scrub',     'officer',    'home',   FALSE),
    ('erasure scrub',     'admin',      'any',    FALSE),
    ('erasure scrub',     'job',        'any',    FALSE),
    ('erasure replay',    'job',        'any',    FALSE),
    ('db quarantine',     'job',        'any',    FALSE),
    ('incident report',    'clerk',      'any',    FALSE),
    ('incident report',    'supervisor', 'any',    FALSE),
    ('incident report',    'officer',    'any',    FALSE),
    ('incident report',    'support',    'any',    FALSE),
    ('incident report',    'admin',      'any',    FALSE),
    ('incident update',    'officer',    'any',    FALSE),
    ('incident close',     'officer',    'any',    FALSE),
    ('incident acknowledge','officer',    'any',    FALSE),
    ('incident list',      'officer',    'any',    FALSE),
    ('incident show',      'officer',    'any',    FALSE),
    ('incident people',    'officer',    'home',   FALSE),
    ('report processing',  'supervisor', 'home',   FALSE),
    ('report processing',  'officer',    'home',   FALSE),
    ('report processing',  'auditor',    'any',    FALSE),
    ('report sharing',     'supervisor', 'home',   FALSE),
    ('report sharing',     'officer',    'home',   FALSE),
    ('report sharing',     'auditor',    'any',    FALSE),
    ('staff add',         'admin',      'any',    FALSE),
    ('staff list',        'admin',      'any',    FALSE),
    ('staff revoke',      'admin',      'any',    FALSE),
    ('staff disable',     'admin',      'any',    FALSE),
    ('staff enable',      'admin',      'any',    FALSE),
    ('staff password',    'admin',      'any',    FALSE),
    ('staff password own', 'clerk',     'any',    FALSE),
    ('staff password own', 'supervisor', 'any',   FALSE),
    ('staff password own', 'officer',   'any',    FALSE),
    ('staff password own', 'support',   'any',    FALSE),
    ('staff password own', 'admin',     'any',    FALSE),
    ('staff password own', 'job',       'any',    FALSE),
    ('staff password own', 'auditor',   'any',    FALSE),
    ('staff grant support', 'officer',  'home',   FALSE),
    ('staff revoke support', 'officer', 'home',   FALSE),
    ('password check',    'opac',       'home',   FALSE),
    ('password change',   'opac',       'home',   FALSE),
    ('settings set',      'admin',      'any',    FALSE),
    ('db status',         'support',    'any',    FALSE),
    ('db status',         'admin',      'any',    FALSE),
    ('db status',         'job',        'any',    FALSE),
    ('db status',         'auditor',    'any',    FALSE),
    ('doctor',            'support',    'facts',  FALSE),
    ('doctor',            'admin',      'any',    FALSE),
    ('doctor',            'job',        'facts',  FALSE),
    ('doctor',            'auditor',    'any',    FALSE);
END;

-- The purpose that a verb has when none is given.
CREATE FUNCTION desk.default_purpose(operation text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN operation LIKE 'debt check%' THEN 'debt'
    WHEN operation = 'request open' THEN 'service' -- which holds at other authorities too
    WHEN operation IN ('history anonymize', 'patron erase', 'export') OR operation LIKE 'request %' THEN 'subject-request'
    WHEN operation IN ('audit seal', 'audit collect') THEN 'maintenance'
    WHEN split_part(operation, ' ', 1) IN ('audit', 'disclosure', 'incident', 'report') THEN 'legal'
    WHEN operation LIKE 'staff % support' THEN 'support'
    WHEN split_part(operation, ' ', 1) IN ('retention', 'erasure', 'staff', 'settings', 'db', 'doctor') OR operation = 'history report' THEN 'maintenance'
    ELSE 'service'
  END
$$;

-- The rights that the login of this session has today to an operation. Every call of the desk asks several times: the session
-- keeps one plan, with the rights in it, since reading so long a list takes longer than all the rest.
CREATE FUNCTION desk.my_rights(operation text) RETURNS TABLE (authority text, role text, reach text, needs_reason boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN QUERY
  SELECT s.authority, s.role, r.reach, r.needs_reason
  FROM patronctl.staff AS s
  JOIN desk.rights() AS r ON r.role = s.role AND r.operation = my_rights.operation
  WHERE s.login = session_user::text
    AND patronctl.today(s.authority) BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
    AND pg_has_role(session_user, 'patronctl_' || s.role, 'MEMBER')
    AND NOT desk.is_disabled(s.login);
END
$$;

CREATE FUNCTION desk.operations() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(DISTINCT r.operation, ', ' ORDER BY r.operation) FROM desk.rights() AS r
$$;

-- Whether this login has a right to an operation for an authority: NULL is the whole consortium.
CREATE FUNCTION desk.administers(operation text, authority text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT FROM desk.my_rights(administers.operation) AS r
    WHERE r.authority IS NULL OR r.authority = administers.authority
  )
$$;

-- The authorities that this login has a right to an operation for; with `one`, no other.
CREATE FUNCTION desk.authorities_at(operation text, one text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT a.code FROM lms.authority AS a
    WHERE (one IS NULL OR a.code = one) AND desk.administers(authorities_at.operation, a.code)
  )
$$;

-- Refuses an authority that this login has no right to an operation for, or that is none; NULL is no authority in particular.
CREATE FUNCTION desk.require_reach(operation text, authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.require_authority(authority);
  IF authority IS NOT NULL AND NOT desk.administers(operation, authority) THEN
    RAISE EXCEPTION '% is not for your login at %', operation, authority USING ERRCODE = '42501', HINT = 'leave the authority out';
  END IF;
END
$$;

-- The authority that this login has a right to an operation for, when it is a single one.
CREATE FUNCTION desk.only_authority(operation text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT min(r.authority)
  FROM desk.my_rights(only_authority.operation) AS r
  HAVING count(*) = count(r.authority) AND count(DISTINCT r.authority) = 1
$$;

-- Whether this login has any right to an operation, so that a client need not try and be refused.
CREATE FUNCTION desk.may(operation text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off
AS $$
  SELECT desk.require_open(may.operation);
  SELECT EXISTS (SELECT FROM desk.my_rights(may.operation))
$$;

-- Refuses a login without any right to an operation, naming the roles that have one. The refusal is an error, so that
-- it stands in the server's log.
CREATE FUNCTION desk.require_right(operation text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM desk.my_rights(require_right.operation)) THEN
    RETURN;
  ELSIF NOT EXISTS (SELECT FROM desk.rights() AS r WHERE r.operation = require_right.operation) THEN
    RAISE EXCEPTION 'unknown operation; use one of %', desk.operations() USING ERRCODE = 'LB400';
  ELSE
    RAISE EXCEPTION 'your login may not do this: % needs the role %', require_right.operation,
      (SELECT string_agg(r.role, ' or ') FROM desk.rights() AS r WHERE r.operation = require_right.operation)
      USING ERRCODE = '42501', HINT = 'an administrator registers roles with: patronctl staff add LOGIN --authority A --role R';
  END IF;
END
$$;
