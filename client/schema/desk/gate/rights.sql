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
  SELECT v.operation, u.role, v.reach, v.needs_reason
  FROM (VALUES
    ('patron find',               'clerk, supervisor, officer',                               'any',    FALSE),
    ('patron find',               'support',                                                  'facts',  FALSE),
    ('patron show',               'clerk, supervisor, officer',                               'any',    FALSE),
    ('patron show',               'support',                                                  'facts',  FALSE),
    ('debt check',                'clerk, supervisor, officer',                               'any',    FALSE),
    ('debt check',                'support',                                                  'facts',  FALSE),
    ('debt check bulk',           'supervisor, officer, job',                                 'any',    FALSE),
    ('item show',                 'clerk, supervisor, officer',                               'any',    FALSE),
    ('item show',                 'support',                                                  'facts',  FALSE),
    ('item show last',            'supervisor, officer',                                      'home',   TRUE),
    ('history show',              'supervisor, officer',                                      'home',   TRUE),
    ('history anonymize',         'clerk, supervisor, officer',                               'home',   FALSE),
    ('password reset',            'clerk, supervisor, officer',                               'home',   FALSE),
    ('export',                    'officer',                                                  'home',   FALSE),
    ('audit list',                'clerk, supervisor',                                        'own',    FALSE),
    ('audit list',                'officer',                                                  'logins', FALSE),
    ('audit list',                'auditor',                                                  'any',    FALSE),
    ('audit show',                'clerk, supervisor',                                        'own',    FALSE),
    ('audit show',                'officer',                                                  'logins', FALSE),
    ('audit show',                'support',                                                  'id',     FALSE),
    ('audit show',                'auditor',                                                  'any',    FALSE),
    ('audit report',              'clerk, supervisor',                                        'own',    FALSE),
    ('audit report',              'officer',                                                  'logins', FALSE),
    ('audit report',              'auditor',                                                  'any',    FALSE),
    ('audit report subject',      'officer',                                                  'home',   FALSE),
    ('audit report subject',      'auditor',                                                  'any',    FALSE),
    ('audit logins',              'support, admin, job, auditor',                             'any',    FALSE),
    ('audit collect',             'job',                                                      'any',    FALSE),
    ('audit seal',                'job',                                                      'any',    FALSE),
    ('audit verify',              'clerk, supervisor, officer, support, admin, job, auditor', 'any',    FALSE),
    ('audit prove',               'clerk, supervisor, officer, support, admin, job, auditor', 'any',    FALSE),
    ('retention list',            'supervisor, officer',                                      'home',   FALSE),
    ('retention list',            'support, job, auditor',                                    'any',    FALSE),
    ('retention set',             'officer',                                                  'home',   FALSE),
    ('retention plan',            'officer',                                                  'home',   FALSE),
    ('retention plan file',       'officer',                                                  'home',   FALSE),
    ('retention plan due',        'officer',                                                  'home',   FALSE),
    ('retention plan due',        'job',                                                      'any',    FALSE),
    ('retention approve',         'officer',                                                  'any',    FALSE),
    ('retention run',             'officer',                                                  'home',   FALSE),
    ('retention run due',         'officer',                                                  'home',   FALSE),
    ('retention run due',         'job',                                                      'any',    FALSE),
    ('history report',            'supervisor, officer',                                      'home',   FALSE),
    ('history report',            'support, job, auditor',                                    'any',    FALSE),
    ('patron erase',              'officer',                                                  'home',   FALSE),
    ('request open',              'clerk, supervisor, officer',                               'any',    FALSE), -- at one's own authority, which need not be the patron's home
    ('request open unknown',      'clerk, supervisor, officer',                               'home',   TRUE),
    ('request list',              'clerk, supervisor, officer',                               'home',   FALSE),
    ('request decide',            'officer',                                                  'home',   FALSE),
    ('disclosure record',         'officer',                                                  'home',   FALSE),
    ('disclosure refuse',         'officer',                                                  'home',   FALSE),
    ('disclosure refuse unknown', 'officer',                                                  'home',   FALSE),
    ('disclosure approve',        'officer',                                                  'home',   FALSE),
    ('disclosure list',           'officer',                                                  'home',   FALSE),
    ('patron reactivate',         'clerk, supervisor, officer',                               'home',   FALSE),
    ('patron set',                'clerk, supervisor, officer',                               'home',   FALSE),
    ('patron set special',        'clerk, supervisor, officer',                               'home',   FALSE),
    ('patron show special',       'officer',                                                  'home',   TRUE),
    ('patron list',               'officer',                                                  'home',   FALSE),
    ('consent list',              'clerk, supervisor, officer',                               'rows',   FALSE),
    ('consent give',              'clerk, supervisor, officer',                               'rows',   FALSE),
    ('consent withdraw',          'clerk, supervisor, officer',                               'rows',   FALSE),
    ('consent missing',           'clerk, supervisor, officer',                               'home',   FALSE),
    ('block list',                'clerk, supervisor, officer',                               'rows',   FALSE),
    ('block place',               'clerk, supervisor, officer',                               'rows',   FALSE),
    ('block lift',                'clerk, supervisor, officer',                               'rows',   FALSE),
    ('patron import',             'clerk, supervisor, officer',                               'home',   FALSE),
    ('erasure list',              'supervisor, officer',                                      'home',   FALSE),
    ('erasure list',              'support, job, auditor',                                    'any',    FALSE),
    ('erasure scrub',             'officer',                                                  'home',   FALSE),
    ('erasure scrub',             'admin, job',                                               'any',    FALSE),
    ('erasure replay',            'job',                                                      'any',    FALSE),
    ('db quarantine',             'job',                                                      'any',    FALSE),
    ('incident report',           'clerk, supervisor, officer, support, admin',               'any',    FALSE),
    ('incident update',           'officer',                                                  'any',    FALSE),
    ('incident close',            'officer',                                                  'any',    FALSE),
    ('incident acknowledge',      'officer',                                                  'any',    FALSE),
    ('incident list',             'officer',                                                  'any',    FALSE),
    ('incident show',             'officer',                                                  'any',    FALSE),
    ('incident people',           'officer',                                                  'home',   FALSE),
    ('report processing',         'supervisor, officer',                                      'home',   FALSE),
    ('report processing',         'auditor',                                                  'any',    FALSE),
    ('report sharing',            'supervisor, officer',                                      'home',   FALSE),
    ('report sharing',            'auditor',                                                  'any',    FALSE),
    ('staff add',                 'admin',                                                    'any',    FALSE),
    ('staff list',                'admin',                                                    'any',    FALSE),
    ('staff revoke',              'admin',                                                    'any',    FALSE),
    ('staff disable',             'admin',                                                    'any',    FALSE),
    ('staff enable',              'admin',                                                    'any',    FALSE),
    ('staff password',            'admin',                                                    'any',    FALSE),
    ('staff password own',        'clerk, supervisor, officer, support, admin, job, auditor', 'any',    FALSE),
    ('staff grant support',       'officer',                                                  'home',   FALSE),
    ('staff revoke support',      'officer',                                                  'home',   FALSE),
    ('password check',            'opac',                                                     'home',   FALSE),
    ('password change',           'opac',                                                     'home',   FALSE),
    ('settings set',              'admin',                                                    'any',    FALSE),
    ('db status',                 'support, admin, job, auditor',                             'any',    FALSE),
    ('doctor',                    'support, job',                                             'facts',  FALSE),
    ('doctor',                    'admin, auditor',                                           'any',    FALSE)
  ) AS v(operation, roles, reach, needs_reason), string_to_table(v.roles, ', ') AS u(role);
END;

-- Writes the copy that sessions read. Every upgrade does.
CREATE FUNCTION desk.copy_rights() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM patronctl.rights;
  INSERT INTO patronctl.rights SELECT * FROM desk.rights();
$$;

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

-- The rights that the login of this session has today to an operation.
CREATE FUNCTION desk.my_rights(operation text) RETURNS TABLE (authority text, role text, reach text, needs_reason boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- every call of the desk asks several times
AS $$
BEGIN
  RETURN QUERY
  SELECT s.authority, s.role, r.reach, r.needs_reason
  FROM patronctl.staff AS s
  JOIN patronctl.rights AS r ON r.role = s.role AND r.operation = my_rights.operation
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
