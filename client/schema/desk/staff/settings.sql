-- Settings: what there is, of which type, and what holds where nothing is set.
--   text    a line of up to 500 characters
--   codes   such as paper,web; purposes are codes for which no everyday purpose stands
--   amount  a sum in the authority's own currency · limits  such as GBP=10.00,EUR=12.00, empty for none
CREATE FUNCTION desk.setting_types() RETURNS TABLE (name text, type text, preset text, about text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  VALUES
    ('debt_limit_own',      'amount',      '10.00',    'refuse who owes this authority more than this'),
    ('debt_limit_others',   'limits',      '',
     'refuse who owes the other authorities more than this, by currency; a debt in a currency without limit warns'),
    ('history_keep_days',   'days',        '0',        'age in days of the youngest history that may be anonymized'),
    ('k',                   'count',       '5',        'people who must fit an anonymous group, else the result says so'),
    ('reset_mode',          'reset mode',  'one_time',
     'what a password reset gives: one_time (a code) or card (the card number works again)'),
    ('lockout_attempts',    'count',       '5',
     'wrong passwords in a row after which an account is locked for a while; 0 for never'),
    ('lockout_minutes',     'count',       '15',       'minutes for which it is locked'),
    ('password_checks',     'count',       '600',
     'passwords that one login of the online catalogue may check within ten minutes (the consortium''s value holds)'),
    ('reset_by_members',    'yes or no',   'false',    'desks of other members may reset passwords'),
    ('reactivation_months', 'months',      '18',       'months for which an expired account can be reactivated'),
    ('plan_cap',            'count',       '1000',
     'people in a plan without a rule; one of more needs the approval of a second officer'),
    ('cap_limit',           'count',       '10000',
     'the highest cap of a rule of forgetting; a plan of more people always needs a second officer'),
    ('recipients',          'text',        '',         'who else receives data of the patrons, as the register of processing names them'),
    ('privacy_contact',     'text',        '',         'whom patrons ask about their data: an office, its address or telephone'),
    ('consent_purposes',    'purposes',    '',
     'purposes for which people may be opened or listed when they consented to them, such as marketing,newsletter'),
    ('block_reasons',       'codes',       'address_unknown,conduct,damaged_items,documents_missing,lost_items',
     'why a desk may place a block'),
    ('backup_days',         'days',        '30',       'days after which no backup exists any more that holds an erased person'),
    ('law',                 'law',         'eu',       'whose clock requests have: eu or uk, where they can be paused'),
    ('disclosure_two_people', 'yes or no', 'false',    'a disclosure waits for a second officer'),
    ('disclosure_officers', 'logins',      '',
     'officers who may release data to others, such as anna,kim; empty for all of the authority'),
    ('basis_service',       'basis',       'unstated',
     'ground on which this authority keeps its patrons'' data (GDPR art. 6): '
       || 'consent, contract, legal-obligation, public-task or legitimate-interests'),
    ('basis_special',       'special basis', 'unstated',
     'ground on which it keeps special-category data (GDPR art. 9): explicit-consent or public-interest')
$$;

-- The value that holds at an authority: its own, else the consortium's, else the preset.
CREATE FUNCTION desk.setting(name text, authority text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(
    (SELECT s.value FROM patronctl.setting AS s WHERE s.name = setting.name AND s.authority = setting.authority),
    (SELECT s.value FROM patronctl.setting AS s WHERE s.name = setting.name AND s.authority IS NULL),
    (SELECT t.preset FROM desk.setting_types() AS t WHERE t.name = setting.name)
  )
$$;

CREATE FUNCTION desk.list_settings(authority text) RETURNS TABLE (name text, value text, preset text, type text, about text, own boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM desk.require_open('settings list');
  PERFORM desk.require_authority(list_settings.authority);
  RETURN QUERY
    SELECT t.name, desk.setting(t.name, list_settings.authority), t.preset, t.type, t.about,
      EXISTS (SELECT FROM patronctl.setting AS s WHERE s.name = t.name AND s.authority IS NOT DISTINCT FROM list_settings.authority)
    FROM desk.setting_types() AS t
    ORDER BY t.name;
END
$$;

CREATE FUNCTION desk.require_authority(authority text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF require_authority.authority IS NOT NULL AND NOT EXISTS (SELECT FROM lms.authority AS a WHERE a.code = require_authority.authority) THEN
    PERFORM desk.fail('LB400', 'unknown authority; use one of {authorities}',
      params => jsonb_build_object('authorities', (SELECT string_agg(a.code, ', ' ORDER BY a.code) FROM lms.authority AS a)));
  END IF;
END
$$;

-- The value in its one spelling, NULL for the word default, or an error that says what the type takes.
CREATE FUNCTION desk.valid_setting(name text, value text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kind text := (SELECT t.type FROM desk.setting_types() AS t WHERE t.name = valid_setting.name);
  said text := btrim(value);
BEGIN
  IF kind IS NULL THEN
    PERFORM desk.fail('LB400', 'unknown setting; use one of {settings}',
      params => jsonb_build_object('settings', (SELECT string_agg(t.name, ', ' ORDER BY t.name) FROM desk.setting_types() AS t)));
  END IF;
  IF lower(said) = 'default' THEN
    RETURN NULL; -- what holds above: the consortium's value, or the preset
  END IF;
  CASE kind
    WHEN 'amount' THEN
      IF said ~ '^\d{1,8}(\.\d{1,2})?$' THEN
        RETURN said::numeric(12, 2)::text;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes an amount such as 10.00', params => jsonb_build_object('name', name));
    WHEN 'limits' THEN
      IF said = '' THEN
        RETURN '';
      ELSIF said ~ '^[A-Z]{3}=\d{1,8}(\.\d{1,2})?(,[A-Z]{3}=\d{1,8}(\.\d{1,2})?)*$'
        AND (SELECT count(*) = count(DISTINCT split_part(part, '=', 1)) FROM unnest(string_to_array(said, ',')) AS part) THEN
        RETURN (SELECT string_agg(split_part(part, '=', 1) || '=' || split_part(part, '=', 2)::numeric(12, 2), ',' ORDER BY part)
                FROM unnest(string_to_array(said, ',')) AS part);
      END IF;
      PERFORM desk.fail('LB400', '{name} takes limits by currency such as GBP=10.00,EUR=12.00',
        params => jsonb_build_object('name', name));
    WHEN 'codes', 'purposes' THEN
      said := (SELECT coalesce(string_agg(DISTINCT btrim(code), ',' ORDER BY btrim(code)), '')
        FROM unnest(string_to_array(said, ',')) AS code);
      IF said <> '' AND said !~ '^[a-z][a-z0-9_-]{0,39}(,[a-z][a-z0-9_-]{0,39}){0,49}$' THEN
        PERFORM desk.fail('LB400', '{name} takes lower-case codes such as marketing,newsletter',
          params => jsonb_build_object('name', name));
      ELSIF kind = 'purposes' AND EXISTS (
        SELECT FROM unnest(string_to_array(said, ',')) AS code
        WHERE code = 'joining' OR code IN (SELECT u.name FROM patronctl.purpose AS u)
      ) THEN
        PERFORM desk.fail('LB400', '{name} takes further purposes: {purposes} and joining are there already',
          params => jsonb_build_object('name', name, 'purposes', (
            SELECT string_agg(u.name, ', ' ORDER BY u.name) FROM patronctl.purpose AS u
          )));
      END IF;
      RETURN said;
    WHEN 'yes or no' THEN
      IF lower(said) IN ('true', 'yes', 'on') THEN
        RETURN 'true';
      ELSIF lower(said) IN ('false', 'no', 'off') THEN
        RETURN 'false';
      END IF;
      PERFORM desk.fail('LB400', '{name} takes yes or no', params => jsonb_build_object('name', name));
    WHEN 'basis' THEN
      IF said IN ('unstated', 'consent', 'contract', 'legal-obligation', 'public-task', 'legitimate-interests') THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes consent, contract, legal-obligation, public-task, legitimate-interests or unstated',
        params => jsonb_build_object('name', name));
    WHEN 'special basis' THEN
      IF said IN ('unstated', 'explicit-consent', 'public-interest') THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes explicit-consent, public-interest or unstated',
        params => jsonb_build_object('name', name));
    WHEN 'text' THEN
      IF length(said) <= 500 AND said !~ '[[:cntrl:]]' THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes a line of up to 500 characters',
        params => jsonb_build_object('name', name));
    WHEN 'reset mode' THEN
      IF said IN ('one_time', 'card') THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes one_time or card', params => jsonb_build_object('name', name));
    WHEN 'law' THEN
      IF said IN ('eu', 'uk') THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes eu or uk', params => jsonb_build_object('name', name));
    WHEN 'logins' THEN
      said := regexp_replace(said, '\s*,\s*', ',', 'g');
      IF said = '' OR said ~ '^[^,[:cntrl:]]{1,63}(,[^,[:cntrl:]]{1,63}){0,19}$' THEN
        RETURN said;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes up to 20 logins such as anna,kim',
        params => jsonb_build_object('name', name));
    ELSE
      IF said ~ '^\d{1,5}$' OR kind = 'count' AND said ~ '^\d{1,9}$' THEN
        RETURN said::integer::text;
      END IF;
      PERFORM desk.fail('LB400', '{name} takes a whole number from 0 to {most}',
        params => jsonb_build_object('name', name, 'most', CASE kind WHEN 'count' THEN 999999999 ELSE 99999 END));
  END CASE;
END
$$;

CREATE FUNCTION desk.set_setting(access bigint, authority text, name text, value text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'set_setting', TRUE);
  valid text;
BEGIN
  PERFORM desk.require_authority(set_setting.authority);
  IF NOT desk.administers('settings set', set_setting.authority) THEN
    PERFORM desk.fail('LB403', 'this login does not administer {authority}',
      params => jsonb_build_object('authority', coalesce(set_setting.authority, 'the whole consortium')));
  END IF;
  valid := desk.valid_setting(set_setting.name, set_setting.value);
  IF valid IS NULL THEN
    DELETE FROM patronctl.setting AS s
    WHERE s.name = set_setting.name AND s.authority IS NOT DISTINCT FROM set_setting.authority;
  ELSE
    INSERT INTO patronctl.setting AS s (name, authority, value)
    VALUES (set_setting.name, set_setting.authority, valid)
    ON CONFLICT ON CONSTRAINT setting_name_authority_key DO UPDATE SET value = excluded.value;
  END IF;
  PERFORM desk.record_result(a.id, jsonb_build_object('setting', set_setting.name, 'authority', set_setting.authority, 'value', valid));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the setting could not be changed', SQLSTATE);
END
$$;
