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
    PERFORM desk.fail('LB400', 'not a patron: write a card number, id:123, or a name');
  END IF;
  SELECT ARRAY[c.patron] INTO found FROM lms.card AS c WHERE c.number = reference;
  IF found IS NULL THEN
    found := ARRAY(SELECT s.patron FROM lms.search(regexp_split_to_array(reference, '\s+'), NULL, 20) AS s
                   WHERE s.rank >= 1 ORDER BY s.patron LIMIT 2);
  END IF;
  RETURN found;
END
$$;

-- Refuses criteria that are not the operation's own: exactly one of them, or none where there are none. Returns the resolver
-- that stands beside the one that is given.
CREATE FUNCTION desk.require_criteria(o patronctl.operation, criteria jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  given     bigint;
  criterion text;
BEGIN
  SELECT count(*), min(k) INTO given, criterion
  FROM jsonb_object_keys(criteria) AS k
  WHERE k IN ('ref', 'words', 'card', 'cards', 'applicant', 'barcode', 'access', 'plan', 'erased', 'consented');
  IF criteria ? 'texts' THEN
    IF 'texts' <> ALL (o.marks) THEN
      PERFORM desk.fail('LB400', '{operation} takes no texts', params => jsonb_build_object('operation', o.name));
    ELSIF jsonb_typeof(criteria -> 'texts') <> 'array' OR length(criteria ->> 'texts') > 12000 THEN
      PERFORM desk.fail('LB400', 'texts are an array, of at most 12,000 characters');
    END IF;
  END IF;
  IF given > 1 OR (given = 0) <> (o.asked_by = '{}') OR NOT o.asked_by ? criterion THEN
    PERFORM desk.fail('LB400',
      CASE o.asked_by WHEN '{}' THEN '{operation} is asked by nothing further' ELSE '{operation} is asked by {criteria}' END,
      params => jsonb_build_object('operation', o.name, 'criteria', (
        SELECT string_agg(k, ' or ') FROM jsonb_object_keys(o.asked_by) AS k
      )));
  ELSIF given = 1 AND o.asked_by ->> criterion IS NULL THEN
    PERFORM desk.fail('LB400', 'the row of {operation} does not say whom {criterion} leads to',
      params => jsonb_build_object('operation', o.name, 'criterion', criterion));
  ELSIF length(criteria ->> 'ref') > 500 OR length(criteria ->> 'words') > 500 OR length(criteria ->> 'applicant') > 1500 THEN
    PERFORM desk.fail('LB400', 'that is too long to look anybody up by', 'give a card number, or less of the name');
  END IF;
  RETURN o.asked_by ->> criterion;
END
$$;

-- The one authority whose patrons a search is for when its purpose holds at home only.
CREATE FUNCTION desk.only_home(operation text, purpose text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN purpose NOT IN ('service', 'debt') THEN desk.only_authority(operation) END
$$;

-- Whom criteria lead to: the resolver that stands beside the criterion in the row of the operation says it, and nobody is opened
-- without one. `patrons` keeps the order of a list of cards, with NULL where nobody has one; `lost_cards` are places in it;
-- `others` are further registrations of the same person; `several` says that a reference fits more than one.
--   {"ref": text} one patron · {"card": text} the patron of one card · {"words": [text], "authority": code, "limit": n} ·
--   {"cards": [text]} at most 2,000
--   {"applicant": {"surname", "forenames", "born"}}; for an import {"applicant": {…, "card"}, "authority": that registers,
--   "rehearsal": true
--   when nobody is to be registered} · {"barcode": text} · {"access": id} · {} nobody
--   {"plan": id, "batch": n} the next of a plan, at most 2,000
--   {"consented": {"channel", "branch", "after": patron}, "authority": code} the next people who consented to the purpose, at most 2,000
--   {"erased": [id]} at most 2,000, as they are written: not all of them need exist
--   "texts": [text] are what the call is going to say; they lead to nobody
--   "matches": true also leads to other registrations
CREATE FUNCTION desk.subjects(o patronctl.operation, resolver text, purpose text, criteria jsonb)
RETURNS TABLE (patrons bigint[], others bigint[], lost_cards integer[], subject bigint, several boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  reference text := btrim(criteria ->> 'ref', E' \t\r\n'); -- as scanners and files leave them
  cards     text[];
  words     text[];
  at_home   text;
BEGIN
  SELECT '{}', '{}', '{}' INTO patrons, others, lost_cards;
  IF resolver IS NULL THEN
    NULL;
  ELSIF resolver = 'patron' THEN
    patrons := desk.resolve(reference);
    words := reference || regexp_split_to_array(reference, '\s+');
  ELSIF resolver = 'holder' THEN -- and nothing else leads there: a catalogue must not try names or numbers
    SELECT ARRAY[c.patron], CASE c.status WHEN 'lost' THEN '{1}'::integer[] ELSE '{}' END INTO patrons, lost_cards
    FROM lms.card AS c
    WHERE c.number = btrim(criteria ->> 'card', E' \t\r\n');
    patrons := coalesce(patrons, '{}');
    lost_cards := coalesce(lost_cards, '{}');
  ELSIF resolver IN ('patrons', 'sorted') THEN
    cards := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'cards'));
    IF cardinality(cards) NOT BETWEEN 1 AND 2000 THEN
      PERFORM desk.fail('LB400', 'from 1 to 2,000 cards at a time');
    END IF;
    SELECT array_agg(p.id ORDER BY asked.ordinality),
      coalesce(array_agg(asked.ordinality::integer) FILTER (WHERE c.status = 'lost' AND p.id IS NOT NULL), '{}')
    INTO patrons, lost_cards
    FROM unnest(cards) WITH ORDINALITY AS asked(number, ordinality)
    LEFT JOIN lms.card AS c ON c.number = asked.number
    LEFT JOIN lms.patron AS p ON p.id = coalesce(c.patron, desk.patron_number(asked.number)) AND p.status <> 'erased';
  ELSIF resolver = 'hits' THEN
    words := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'words') LIMIT 10);
    patrons := ARRAY(
      SELECT s.patron
      FROM lms.search(
        words,
        coalesce(criteria ->> 'authority', desk.only_home(o.name, purpose)),
        greatest(1, least(20, coalesce((criteria ->> 'limit')::integer, 20)))
      ) AS s
      ORDER BY s.rank DESC, s.patron
    );
    -- Somebody this login may not open is no hit; mostly it may open them all.
    IF desk.refusal(o, purpose, patrons) IS NOT NULL THEN
      patrons := ARRAY(
        SELECT u.patron
        FROM unnest(patrons) WITH ORDINALITY AS u(patron, place)
        WHERE desk.refusal(o, subjects.purpose, ARRAY[u.patron]) IS NULL
        ORDER BY u.place
      );
    END IF;
  ELSIF resolver IN ('matches', 'newcomer') THEN
    IF (criteria #>> '{applicant,born}')::date > patronctl.today(NULL) + 1 THEN
      PERFORM desk.fail('LB400', 'that birth date is in the future');
    END IF;
    IF resolver = 'newcomer' THEN
      at_home := coalesce(criteria ->> 'authority', desk.only_authority(o.name));
      IF NOT desk.administers(o.name, at_home) THEN
        PERFORM desk.fail('LB403', '{operation} is for staff of the authority that registers the person',
          'give your own: --authority {authority}',
          jsonb_build_object('operation', o.name, 'authority', coalesce(desk.only_authority(o.name), 'A')));
      END IF;
    END IF;
    patrons := ARRAY(
      SELECT m.patron
      FROM lms.same_person(criteria #>> '{applicant,surname}', criteria #>> '{applicant,forenames}',
        (criteria #>> '{applicant,born}')::date) AS m
      JOIN lms.patron AS p ON p.id = m.patron
      WHERE at_home IS NULL OR p.authority = at_home
    );
  ELSIF resolver IN ('item', 'borrower', 'last-borrower') THEN
    SELECT i.id INTO subject FROM lms.item AS i WHERE i.barcode = criteria ->> 'barcode';
    -- When the last loan that ended is anonymous, the one before it would accuse somebody else.
    patrons := ARRAY(
      SELECT l.patron
      FROM (
        SELECT r.* FROM lms.loan AS r
        WHERE r.item = subject AND resolver = CASE WHEN r.returned_at IS NULL THEN 'borrower' ELSE 'last-borrower' END
        ORDER BY r.lent_at DESC, r.id DESC LIMIT 1
      ) AS l
      WHERE l.returned_at IS NULL
         OR NOT EXISTS (SELECT FROM lms.anonymous_loan AS n WHERE n.item = subject AND n.lent_at > l.lent_at)
    );
  ELSIF resolver = 'batch' THEN
    subject := (criteria ->> 'plan')::bigint;
    patrons := desk.next_of_plan(subject, least(2000, (criteria ->> 'batch')::integer));
  ELSIF resolver = 'list' THEN
    patrons := desk.consented(coalesce(criteria ->> 'authority', desk.only_authority(o.name)), purpose, criteria -> 'consented');
  ELSIF resolver = 'numbers' THEN
    patrons := ARRAY(SELECT jsonb_array_elements_text(criteria -> 'erased')::bigint);
    IF cardinality(patrons) NOT BETWEEN 1 AND 2000 THEN
      PERFORM desk.fail('LB400', 'from 1 to 2,000 patrons at a time');
    END IF;
  ELSIF resolver = 'record' THEN
    subject := (criteria ->> 'access')::bigint;
  ELSE
    PERFORM desk.fail('LB400', '{operation} leads to {resolver}, which is no resolver',
      params => jsonb_build_object('operation', o.name, 'resolver', resolver));
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
  IF resolver = 'newcomer' THEN -- about somebody new, whose number it records, and those who may be the same person
    others := patrons;
    patrons := CASE WHEN (criteria ->> 'rehearsal')::boolean THEN '{}' ELSE ARRAY[lms.next_patron_number()] END;
  END IF;
  RETURN NEXT;
END
$$;
