-- What the desk writes about a person: consents, blocks, choices, special categories.

-- Who agreed to a purpose at an authority, in the order in which lists are read.
CREATE INDEX consent_purpose ON lms.consent (authority, purpose, patron);

-- The history of consents proves what was agreed to, so not even its owner changes it by mistake: a consent is withdrawn
-- once, and leaves with the person.
CREATE FUNCTION lms.refuse_consent_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'a consent is withdrawn once and never changed or deleted' USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER consent_is_withdrawn_once BEFORE UPDATE ON lms.consent
  FOR EACH ROW
  WHEN (
    OLD.withdrawn_at IS NOT NULL
    OR NEW.withdrawn_at IS NULL
    OR (OLD.patron, OLD.authority, OLD.purpose, OLD.channel, OLD.wording, OLD.given_at, OLD.source)
      IS DISTINCT FROM (NEW.patron, NEW.authority, NEW.purpose, NEW.channel, NEW.wording, NEW.given_at, NEW.source)
  )
  EXECUTE FUNCTION lms.refuse_consent_change();
CREATE TRIGGER consents_stay_together BEFORE TRUNCATE ON lms.consent
  FOR EACH STATEMENT
  EXECUTE FUNCTION lms.refuse_consent_change();

CREATE FUNCTION lms.refuse_consent_loss() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off -- some people among everybody: by the key
AS $$
BEGIN
  IF EXISTS (SELECT FROM gone AS g JOIN lms.patron AS p ON p.id = g.patron WHERE p.status <> 'erased') THEN
    RAISE EXCEPTION 'a consent is withdrawn once and never changed or deleted' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER consent_leaves_with_the_person AFTER DELETE ON lms.consent
  REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION lms.refuse_consent_loss();

-- As before, but the account is marked first: consents leave with an erased person only.
CREATE OR REPLACE FUNCTION lms.erase_patrons(patrons bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  holder record;
BEGIN
  PERFORM lms.forget_guardians(patrons); -- by their names, which are still there
  UPDATE lms.patron
  SET status = 'erased', guardian_patron = NULL, keeps_history = FALSE, login = 'local'
  WHERE id = ANY (patrons);
  FOR holder IN
    SELECT * FROM lms.personal_relations()
  LOOP
    EXECUTE format('DELETE FROM %I.%I AS r WHERE r.patron = ANY ($1)', holder.schema_name, holder.relation) USING patrons;
  END LOOP;
END
$$;

CREATE FUNCTION lms.give_consent(
  patron bigint, authority text, purpose text, channel text, wording text, given_at timestamptz, source text
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, source)
  VALUES (patron, authority, purpose, channel, wording, given_at, source)
$$;

-- Ends the consents to a purpose that are in force, over one channel or NULL for all, and returns how many.
CREATE FUNCTION lms.withdraw_consent(patron bigint, authority text, purpose text, channel text, withdrawn_at timestamptz) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ended integer;
BEGIN
  UPDATE lms.consent AS c
  SET withdrawn_at = withdraw_consent.withdrawn_at
  WHERE c.patron = withdraw_consent.patron
    AND c.authority = withdraw_consent.authority
    AND c.purpose = withdraw_consent.purpose
    AND (withdraw_consent.channel IS NULL OR c.channel = withdraw_consent.channel)
    AND c.given_at <= withdraw_consent.withdrawn_at
    AND c.withdrawn_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END
$$;

CREATE FUNCTION lms.place_block(patron bigint, authority text, level text, reason_code text, placed_on date) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.block (patron, authority, level, reason_code, placed_on)
  VALUES (patron, authority, level, reason_code, placed_on)
  RETURNING id
$$;

CREATE FUNCTION lms.lift_blocks(blocks bigint[], lifted_on date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.block AS b SET lifted_on = lift_blocks.lifted_on WHERE b.id = ANY (blocks)
$$;

-- What a patron chose. NULL leaves a choice as it is; an empty language is none.
CREATE FUNCTION lms.set_choices(patron bigint, keeps_history boolean, language text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.patron AS p
  SET keeps_history = set_choices.keeps_history
  WHERE p.id = set_choices.patron AND set_choices.keeps_history IS NOT NULL;
  UPDATE lms.identity AS i
  SET language = nullif(set_choices.language, '')
  WHERE i.patron = set_choices.patron AND set_choices.language IS NOT NULL;
$$;

-- Special categories. NULL leaves a field as it is, an empty one clears it; who has none left has no row.
CREATE FUNCTION lms.set_special(patron bigint, faith text, sexuality text, disability text, ethnic_origin text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.special (patron, authority)
  SELECT p.id, p.authority FROM lms.patron AS p WHERE p.id = set_special.patron
  ON CONFLICT DO NOTHING;
  UPDATE lms.special AS s
  SET faith = nullif(coalesce(set_special.faith, s.faith), ''),
      sexuality = nullif(coalesce(set_special.sexuality, s.sexuality), ''),
      disability = nullif(coalesce(set_special.disability, s.disability), ''),
      ethnic_origin = nullif(coalesce(set_special.ethnic_origin, s.ethnic_origin), '')
  WHERE s.patron = set_special.patron;
  DELETE FROM lms.special AS s
  WHERE s.patron = set_special.patron
    AND coalesce(s.faith, s.sexuality, s.disability, s.ethnic_origin) IS NULL;
$$;
