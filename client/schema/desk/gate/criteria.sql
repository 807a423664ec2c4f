-- Whom an access is about: what each operation may be asked by, and the patrons that this leads to.

-- The number in id:N; NULL for every other reference.
CREATE FUNCTION desk.patron_number(reference text) RETURNS bigint
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN reference ~* '^id:[0-9]{1,18}$' THEN substr(reference, 4)::bigint END
$$;

-- The patrons that a reference leads to: id:N, a card number, else words; at most two, because two are too many.
CREATE FUNCTION desk.resolve(reference text) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found bigint[];
BEGIN
  IF desk.patron_number(reference) IS NOT NULL THEN
    RETURN ARRAY(
      SELECT p.id FROM lms.patron AS p WHERE p.id = desk.patron_number(reference)
      UNION ALL
      SELECT a.id FROM lms.anonymous_patron AS a WHERE a.id = desk.patron_number(reference)
    );
  ELSIF reference ~* '^id:' OR reference = '' THEN
    RAISE EXCEPTION 'not a patron: write a card number, id:123, or a name' USING ERRCODE = 'LB400';
  END IF;
  SELECT ARRAY[c.patron] INTO found FROM lms.card AS c WHERE c.number = reference;
  IF found IS NULL THEN
    found := ARRAY(SELECT s.patron FROM lms.search(regexp_split_to_array(reference, '\s+'), NULL, 20) AS s
                   WHERE s.rank >= 1 ORDER BY s.patron LIMIT 2);
  END IF;
  RETURN found;
END
$$;

-- What an operation may be asked about. A show that took a barcode would tell the last borrower; a find that took cards
-- would list thousands.
CREATE FUNCTION desk.criteria_of(operation text) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN operation IN ('patron show', 'history show', 'history anonymize', 'password reset', 'patron erase', 'patron reactivate', 'export', 'audit report subject', 'staff grant support', 'staff revoke support',
      'request open', 'disclosure record', 'disclosure refuse',
      'patron set', 'patron set special', 'patron show special', 'consent list', 'consent give', 'consent withdraw', 'block list', 'block place', 'block lift') THEN '{ref}'::text[]
    WHEN operation = 'patron list' THEN '{consented}'
    WHEN operation IN ('password check', 'password change') THEN '{card}'
    WHEN operation = 'patron find' THEN '{words}'
    WHEN operation = 'debt check' THEN '{ref,cards,applicant}'
    WHEN operation = 'patron import' THEN '{applicant}'
    WHEN operation = 'debt check bulk' THEN '{cards}'
    WHEN operation LIKE 'item show%' THEN '{barcode}'
    WHEN operation IN ('audit show', 'audit prove') THEN '{access}'
    WHEN operation = 'retention plan file' THEN '{cards}'
    WHEN operation LIKE 'retention run%' THEN '{plan}'
    WHEN operation = 'erasure replay' THEN '{erased}'
    ELSE '{}'
  END
$$;

-- Refuses criteria that are not the operation's own: exactly one of them, or none where there are none.
CREATE FUNCTION desk.require_criteria(operation text, criteria jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  accepted text[];
  given    bigint;
BEGIN
  SELECT desk.criteria_of(operation), count(*) INTO accepted, given
  FROM jsonb_object_keys(criteria) AS k
  WHERE k IN ('ref', 'words', 'card', 'cards', 'applicant', 'barcode', 'access', 'plan', 'erased', 'consented');
  IF criteria ? 'texts' THEN
    IF operation !~ '^(incident (report|update)|disclosure (record|refuse( unknown)?))$' THEN
      RAISE EXCEPTION '% takes no texts', operation USING ERRCODE = 'LB400';
    ELSIF jsonb_typeof(criteria -> 'texts') <> 'array' OR length(criteria ->> 'texts') > 12000 THEN
      RAISE EXCEPTION 'texts are an array, of at most 12,000 characters' USING ERRCODE = 'LB400';
    END IF;
  END IF;
  IF given <> least(cardinality(accepted), 1) OR given = 1 AND NOT criteria ?| accepted THEN
    RAISE EXCEPTION '% is asked by %', operation, coalesce(nullif(array_to_string(accepted, ' or '), ''), 'nothing further')
      USING ERRCODE = 'LB400';
  ELSIF length(criteria ->> 'ref') > 500 OR length(criteria ->> 'words') > 500 OR length(criteria ->> 'applicant') > 1500 THEN
    RAISE EXCEPTION 'that is too long to look anybody up by' -- and would keep the server busy for hours
      USING ERRCODE = 'LB400', HINT = 'give a card number, or less of the name';
  END IF;
END
$$;

-- The one authority whose patrons a search is for when its purpose holds at home only.
CREATE FUNCTION desk.only_home(operation text, purpose text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN purpose NOT IN ('service', 'debt') THEN desk.only_authority(operation) END
$$;

-- Whom criteria lead to. `patrons` keeps the order of a list of cards, with NULL where nobody has one;
-- `lost_cards` are places in it; `others` are
-- further registrations of the same person; `several` says that a reference fits more than one.
--   {"ref": text} one patron · {"card": text} the patron of one card · {"words": [text], "authority": code, "limit": n} · {"cards": [text]} at most 2,000
--   {"applicant": {"surname", "forenames", "born"}}; for an import {"applicant": {…, "card"}, "authority": that registers, "rehearsal": true
--   when nobody is to be registered} · {"barcode": text} · {"access": id} · {} nobody
--   {"plan": id, "batch": n} the next of a plan, at most 2,000
--   {"consented": {"channel", "branch", "after": patron}, "authority": code} the next people who consented to the purpose, at most 2,000
--   {"erased": [id]} at most 2,000, as they are written: not all of them need exist
--   "texts": [text] are what the call is going to say; they lead to nobody
--   "matches": true also leads to other registrations
CREATE FUNCTION desk.subjects(operation text, purpose text, criteria jsonb)
RETURNS TABLE (patrons bigint[], others bigint[], lost_cards integer[], subject bigint, several boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  reference text := btrim(criteria ->> 'ref', E' \t\r\n'); -- as scanners and files leave them
  cards     text[];
  words     text[];
  at_home   text;
BEGIN
  SELECT '{}', '{}', '{}' INTO patrons, others, lost_cards;
  IF criteria ? 'ref' THEN
    patrons := desk.resolve(reference);
    words := reference || regexp_split_to_array(reference, '\s+');
  ELSIF criteria ? 'card' THEN -- and nothing else leads there: a catalogue must not try names or numbers
    SELECT ARRAY[c.patron], CASE c.status WHEN 'lost' THEN '{1}'::integer[] ELSE '{}' END INTO patrons, lost_cards
    FROM lms.card AS c
    WHERE c.number = btrim(criteria ->> 'card', E' \t\r\n');
    patrons := coalesce(patrons, '{}');
    lost_cards := coalesce(lost_cards, '{}');
  ELSIF criteria ? 'cards' THEN
    cards := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'cards'));
    IF cardinality(cards) NOT BETWEEN 1 AND 2000 THEN
      RAISE EXCEPTION 'from 1 to 2,000 cards at a time' USING ERRCODE = 'LB400';
    END IF;
    SELECT array_agg(p.id ORDER BY asked.ordinality),
      coalesce(array_agg(asked.ordinality::integer) FILTER (WHERE c.status = 'lost' AND p.id IS NOT NULL), '{}')
    INTO patrons, lost_cards
    FROM unnest(cards) WITH ORDINALITY AS asked(number, ordinality)
    LEFT JOIN lms.card AS c ON c.number = asked.number
    LEFT JOIN lms.patron AS p ON p.id = coalesce(c.patron, desk.patron_number(asked.number)) AND p.status <> 'erased';
  ELSIF criteria ? 'words' THEN
    words := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'words') LIMIT 10);
    patrons := ARRAY(
      SELECT s.patron
      FROM lms.search(
        words,
        coalesce(criteria ->> 'authority', desk.only_home(operation, purpose)),
        greatest(1, least(20, coalesce((criteria ->> 'limit')::integer, 20)))
      ) AS s
      ORDER BY s.rank DESC, s.patron
    );
    -- Somebody this login may not open is no hit; mostly it may open them all.
    IF desk.refusal(operation, purpose, patrons) IS NOT NULL THEN
      patrons := ARRAY(
        SELECT u.patron
        FROM unnest(patrons) WITH ORDINALITY AS u(patron, place)
        WHERE desk.refusal(subjects.operation, subjects.purpose, ARRAY[u.patron]) IS NULL
        ORDER BY u.place
      );
    END IF;
  ELSIF criteria ? 'applicant' THEN
    IF (criteria #>> '{applicant,born}')::date > patronctl.today(NULL) + 1 THEN
      RAISE EXCEPTION 'that birth date is in the future' USING ERRCODE = 'LB400';
    END IF;
    IF operation = 'patron import' THEN
      at_home := coalesce(criteria ->> 'authority', desk.only_authority(operation));
      IF NOT desk.administers(operation, at_home) THEN
        RAISE EXCEPTION 'patron import is for staff of the authority that registers the person'
          USING ERRCODE = '42501', HINT = 'give your own: --authority ' || coalesce(desk.only_authority(operation), 'A');
      END IF;
    END IF;
    patrons := ARRAY(
      SELECT m.patron
      FROM lms.same_person(criteria #>> '{applicant,surname}', criteria #>> '{applicant,forenames}', (criteria #>> '{applicant,born}')::date) AS m
      JOIN lms.patron AS p ON p.id = m.patron
      WHERE at_home IS NULL OR p.authority = at_home
    );
  ELSIF criteria ? 'barcode' THEN
    SELECT i.id INTO subject FROM lms.item AS i WHERE i.barcode = criteria ->> 'barcode';
    -- When the last loan that ended is anonymous, the one before it would accuse somebody else.
    patrons := ARRAY(
      SELECT l.patron
      FROM (
        SELECT r.* FROM lms.loan AS r
        WHERE r.item = subject AND (r.returned_at IS NULL) = (subjects.operation = 'item show')
        ORDER BY r.lent_at DESC, r.id DESC LIMIT 1
      ) AS l
      WHERE l.returned_at IS NULL
         OR NOT EXISTS (SELECT FROM lms.anonymous_loan AS n WHERE n.item = subject AND n.lent_at > l.lent_at)
    );
  ELSIF criteria ? 'plan' THEN
    subject := (criteria ->> 'plan')::bigint;
    patrons := desk.next_of_plan(subject, least(2000, (criteria ->> 'batch')::integer));
  ELSIF criteria ? 'consented' THEN
    patrons := desk.consented(coalesce(criteria ->> 'authority', desk.only_authority(operation)), purpose, criteria -> 'consented');
  ELSIF criteria ? 'erased' THEN
    patrons := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'erased')::bigint);
    IF cardinality(patrons) NOT BETWEEN 1 AND 2000 THEN
      RAISE EXCEPTION 'from 1 to 2,000 patrons at a time' USING ERRCODE = 'LB400';
    END IF;
  ELSE
    subject := (criteria ->> 'access')::bigint;
  END IF;
  IF words IS NOT NULL THEN
    lost_cards := ARRAY(
      SELECT array_position(patrons, c.patron) FROM lms.card AS c
      WHERE c.number = ANY (words) AND c.status = 'lost' AND c.patron = ANY (patrons)
    );
  END IF;
  several := criteria ? 'ref' AND cardinality(patrons) > 1;
  IF (criteria ->> 'matches')::boolean AND NOT several THEN
    others := ARRAY(SELECT DISTINCT m.patron FROM desk.other_registrations(patrons) AS m);
  END IF;
  RETURN NEXT;
END
$$;
