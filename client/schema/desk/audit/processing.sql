-- The record of processing (GDPR article 30), read from what is really there: the catalogue of columns, rights, rules,
-- settings, and what the server and this database say of their own protection.

-- Whose accounts reach the time to be erased when, by the rules in force and by their dates alone: what forbids it then is not
-- known yet. Two years from this month, in which everybody counts who is due already.
CREATE FUNCTION desk.due_by_month(authorities text[]) RETURNS TABLE (authority text, month date, rule text, people bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  f      record;
  r      patronctl.rule;
  closer patronctl.rule[];
  this   date;
BEGIN
  FOR f IN
    SELECT i.authority, i.rule FROM patronctl.rule_in_force AS i JOIN patronctl.rule AS o ON o.name = i.rule
    WHERE i.authority = ANY (authorities) AND o.action LIKE 'erase-%'
    ORDER BY 1, 2
  LOOP
    SELECT * INTO STRICT r FROM patronctl.rule AS o WHERE o.name = f.rule;
    closer := ARRAY(
      SELECT o FROM patronctl.rule AS o JOIN patronctl.rule_in_force AS i ON i.rule = o.name
      WHERE i.authority = f.authority AND o.action = r.action AND desk.closeness(o) > desk.closeness(r)
    );
    this := date_trunc('month', patronctl.today(f.authority)::timestamp)::date;
    RETURN QUERY
      SELECT f.authority, greatest(this, date_trunc('month', d.counted + r.age)::date), r.name, count(*)
      FROM lms.patron AS p,
        LATERAL (SELECT coalesce(CASE r.counted_from WHEN 'last-fee' THEN p.last_fee_on WHEN 'deleted' THEN p.deleted_on END,
          p.expires_on)) AS c(counted),
        LATERAL (SELECT CASE WHEN c.counted < this + 800 THEN c.counted END) AS d(counted) -- a day far off overflows
      WHERE p.authority = f.authority
        AND p.status = CASE r.action WHEN 'erase-deleted' THEN 'deleted' ELSE 'active' END
        AND NOT p.protected
        AND desk.in_area(r, p.branch, p.category)
        AND (d.counted + r.age)::date < this + interval '24 months'
        AND CASE WHEN closer <> '{}' THEN desk.closer_rule(r, closer, p.branch, p.category) IS NULL ELSE TRUE END
      GROUP BY 2;
  END LOOP;
END
$$;

-- What protects the data, as far as it can be asked for.
CREATE FUNCTION desk.protection(authorities text[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'encrypted_connections', current_setting('ssl')::boolean,
    'checksums', current_setting('data_checksums')::boolean,
    'password_encryption', current_setting('password_encryption'),
    'logins_logged', EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('patronctl_log') AND c.relname LIKE 'day\_%'),
    'staff', (
      SELECT coalesce(jsonb_object_agg(u.role, u.logins), '{}')
      FROM (
        SELECT s.role, count(DISTINCT s.login) AS logins
        FROM patronctl.staff AS s
        WHERE (s.authority IS NULL OR s.authority = ANY (authorities))
          AND patronctl.today(s.authority) BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity')
          AND NOT desk.is_disabled(s.login)
        GROUP BY s.role
      ) AS u
    ),
    'first_record', (SELECT min(a.at) FROM patronctl.access AS a),
    'records_sealed', (SELECT t.size FROM patronctl.tree AS t),
    'erased', (SELECT count(*) FROM patronctl.erasure AS e WHERE e.authority = ANY (authorities)),
    'erased_not_scrubbed', (SELECT count(*) FROM patronctl.erasure AS e WHERE e.authority = ANY (authorities) AND e.scrubbed_at IS NULL),
    'open_incidents', (SELECT count(*) FROM patronctl.incident AS i WHERE desk.is_open(i))
  )
$$;

-- The register of an authority; NULL: of the login's own, or of all of them.
CREATE FUNCTION desk.report_processing(access bigint, authority text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'report_processing');
  codes text[];
BEGIN
  PERFORM desk.require_reach('report processing', authority);
  codes := ARRAY(
    SELECT c.code FROM lms.authority AS c
    WHERE c.code = coalesce(report_processing.authority, c.code) AND desk.administers('report processing', c.code)
    ORDER BY c.code
  );
  RETURN jsonb_build_object(
    'at', patronctl.clock(),
    'controllers', (
      SELECT jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name, 'own', c.code = ANY (codes),
        'basis', coalesce(desk.setting('basis_service', c.code), ''),
        'special_basis', coalesce(desk.setting('basis_special', c.code), ''),
        'recipients', desk.setting('recipients', c.code), 'contact', desk.setting('privacy_contact', c.code),
        'law', desk.setting('law', c.code),
        'reactivation_months', desk.setting('reactivation_months', c.code)::integer,
        'backup_days', desk.setting('backup_days', c.code)::integer,
        'history_keep_days', desk.setting('history_keep_days', c.code)::integer) ORDER BY c.code)
      FROM lms.authority AS c
    ),
    'people', (SELECT coalesce(jsonb_agg(g.name ORDER BY g.name), '[]') FROM lms.category AS g),
    'data', (
      SELECT jsonb_agg(jsonb_build_object('schema', u.schema_name, 'relation', u.relation, 'class', u.class, 'columns', u.columns)
        ORDER BY u.schema_name, u.relation, u.class)
      FROM (
        SELECT k.schema_name, k.relation, k.class, array_agg(k.column_name ORDER BY k.column_name) AS columns
        FROM patronctl.catalogue AS k
        WHERE k.class <> 'fact'
        GROUP BY 1, 2, 3
      ) AS u
    ),
    'purposes', (
      SELECT jsonb_agg(jsonb_build_object('purpose', u.name, 'needs_consent', u.needs_consent, 'operations', ARRAY(
          SELECT o.name FROM patronctl.operation AS o WHERE o.purpose = u.name ORDER BY 1
        )) ORDER BY u.needs_consent, u.name)
      FROM (
        SELECT p.name, p.needs_consent FROM patronctl.purpose AS p WHERE p.authority IS NULL OR p.authority = ANY (codes)
        UNION
        SELECT w, TRUE FROM unnest(codes) AS code, unnest(string_to_array(desk.setting('consent_purposes', code), ',')) AS w WHERE w <> ''
      ) AS u
    ),
    'looks', (
      SELECT jsonb_agg(jsonb_build_object('role', u.role, 'reach', u.reach, 'operations', u.operations) ORDER BY u.role, u.reach)
      FROM (
        SELECT r.role, r.reach, array_agg(r.operation ORDER BY r.operation) AS operations
        FROM patronctl.rights AS r
        WHERE r.operation IN (SELECT desk.marked('shows'))
        GROUP BY r.role, r.reach
      ) AS u
    ),
    'rules', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('authority', f.authority, 'rule', r.name, 'action', r.action,
        'after', desk.age_text(r.age),
        'counted_from', r.counted_from, 'branches', r.branches, 'categories', r.categories, 'since', f.since)
          ORDER BY f.authority, r.action, r.name), '[]')
      FROM patronctl.rule_in_force AS f JOIN patronctl.rule AS r ON r.name = f.rule
      WHERE f.authority = ANY (codes)
    ),
    'protection', desk.protection(codes),
    'due', (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.authority, d.month, d.rule), '[]') FROM desk.due_by_month(codes) AS d)
  );
END
$$;
