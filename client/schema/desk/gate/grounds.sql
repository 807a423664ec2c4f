-- Why an access is made: its purpose, and a reason that is about the matter and never about the person.

-- Recorded in place of such a reason, and told by the call that carries the number.
CREATE FUNCTION desk.personal_reason() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'a reason is about the matter, never about the person'
$$;

CREATE FUNCTION desk.personal_text() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'what is said here is about the matter, never about a person'
$$;

-- Tells texts from others, without saying what they are; NULL for none.
CREATE FUNCTION desk.texts_hash(texts text[]) RETURNS bigint
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ('x' || left(encode(sha256(convert_to(jsonb_agg(t.said ORDER BY t.place)::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint
  FROM unnest(texts) WITH ORDINALITY AS t(said, place)
  WHERE t.said <> ''
$$;

-- Refuses texts that the access was not opened with. Whether a text is about a person is found out by opening an access and
-- told once that is committed: a call that told it could be rolled back, and tried with one name after the other.
CREATE FUNCTION desk.require_texts(a patronctl.access, texts text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF desk.texts_hash(texts) IS DISTINCT FROM a.subject THEN
    PERFORM desk.fail('LB403', 'access {access} was not opened with these texts',
      'open one with them: {"texts": [...]}', jsonb_build_object('access', a.id));
  END IF;
END
$$;

-- Whether people are opened for a purpose only when they consented to it: any but those that everybody has.
CREATE FUNCTION desk.needs_consent(purpose text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM patronctl.purpose AS u WHERE u.name = needs_consent.purpose AND NOT u.needs_consent);
END
$$;

-- Refuses a purpose that nobody defined, and a missing or endless reason.
CREATE FUNCTION desk.require_grounds(o patronctl.operation, purpose text, reason text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF desk.needs_consent(purpose) THEN
    IF NOT EXISTS (
      SELECT FROM desk.my_rights(o.name) AS r
      WHERE r.authority IS NOT NULL AND purpose = ANY (desk.consent_purposes(r.authority))
    ) THEN
      PERFORM desk.fail('LB400', 'unknown purpose; use one of {purposes}',
        'further ones, which need consent, are in the setting consent_purposes',
        jsonb_build_object('purposes', (SELECT string_agg(u.name, ', ' ORDER BY u.name) FROM patronctl.purpose AS u)));
    END IF;
  ELSIF o.asked_by ? 'consented' THEN
    PERFORM desk.fail('LB400', 'people are listed only for a purpose that they consented to',
      'name one of the setting consent_purposes, such as: --purpose marketing');
  END IF;
  IF length(reason) > 200 THEN
    PERFORM desk.fail('LB400', 'a reason has at most 200 characters');
  ELSIF reason IS NULL AND (SELECT bool_and(r.needs_reason) FROM desk.my_rights(o.name) AS r) THEN
    PERFORM desk.fail('LB400', '{operation} needs a reason',
      'say which matter it is about, such as a ticket number: --reason "ticket 4711"', jsonb_build_object('operation', o.name));
  END IF;
END
$$;

-- True when a reason speaks about a person, names anybody's card, or repeats what was searched for.
CREATE FUNCTION desk.is_personal(reason text, patrons bigint[], asked jsonb) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT reason IS NOT NULL AND (
    lms.names_people(reason, patrons)
    OR EXISTS (
      SELECT FROM lms.card AS c
      WHERE c.number IN (SELECT w FROM regexp_split_to_table(reason, '[^[:alnum:]]+') AS w WHERE length(w) > 5)
    )
    OR EXISTS (
      SELECT FROM lms.name_words(concat_ws(' ', CASE WHEN desk.patron_number(asked ->> 'ref') IS NULL THEN asked ->> 'ref' END,
        asked ->> 'words', asked #>> '{applicant,surname}', asked #>> '{applicant,forenames}')) AS w
      WHERE length(w) > 2
        AND w IN (SELECT lms.name_words(reason))
    )
  )
$$;
