-- Registering somebody who comes from another library, with what that library exported.

-- Refuses what is no such person: whoever calls these functions need not be our client.
CREATE FUNCTION desk.require_person(person jsonb, addresses jsonb, today date) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  born text := person ->> 'birth_date';
  year text := person ->> 'birth_year';
  wide text;
BEGIN
  IF jsonb_typeof(person) IS DISTINCT FROM 'object' OR concat(person ->> 'surname', person ->> 'forenames') !~ '\S' THEN
    PERFORM desk.fail('LB400', 'nobody is registered without a name');
  ELSIF born !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' OR NOT lms.is_day(born) OR born::date > today THEN
    PERFORM desk.fail('LB400', 'that birth date is no day such as 1980-02-03, or in the future');
  ELSIF year !~ '^[0-9]{1,4}$' OR year::integer NOT BETWEEN 1 AND extract(year FROM today) THEN
    PERFORM desk.fail('LB400', 'that birth year is none, or in the future');
  ELSIF jsonb_typeof(addresses) IS DISTINCT FROM 'array' THEN
    PERFORM desk.fail('LB400', 'addresses are an array');
  ELSIF EXISTS (
    SELECT FROM jsonb_array_elements(addresses) AS d
    WHERE (d ->> 'kind' IN ('permanent', 'temporary') AND d ->> 'place' ~ '^[1-9][0-9]{0,3}$') IS NOT TRUE
  ) OR (SELECT count(*) > count(DISTINCT (d ->> 'kind', d ->> 'place')) FROM jsonb_array_elements(addresses) AS d) THEN
    PERFORM desk.fail('LB400', 'addresses are permanent or temporary, and those of a kind have places of their own: 1, 2 …');
  ELSIF EXISTS (
    SELECT FROM jsonb_each(person) AS f
    WHERE f.key IN ('emails', 'phones')
      AND CASE jsonb_typeof(f.value)
        WHEN 'null' THEN FALSE
        WHEN 'array' THEN jsonb_array_length(f.value) > 20 OR f.value @? 'strict $[*] ? (@.type() != "string")'
        ELSE TRUE
      END
  ) THEN
    PERFORM desk.fail('LB400', 'e-mail addresses and phone numbers are lists of 20 texts at most');
  END IF;
  SELECT f.key INTO wide
  FROM (
    SELECT t.key, t.value FROM jsonb_each_text(person) AS t WHERE t.key NOT IN ('emails', 'phones')
    UNION ALL
    SELECT l.key, t.value FROM (VALUES ('emails'), ('phones')) AS l(key), jsonb_array_elements_text(nullif(person -> l.key, 'null')) AS t
    UNION ALL
    SELECT t.key, t.value FROM jsonb_array_elements(addresses) AS d, jsonb_each_text(d) AS t
  ) AS f
  WHERE length(f.value) > CASE WHEN f.key IN ('title', 'document_number', 'language', 'lines', 'town', 'postcode', 'country') THEN 2000
    ELSE 500 END
  LIMIT 1;
  IF wide IS NOT NULL THEN
    PERFORM desk.fail('LB400', '{what} is too long: names, e-mail and phone have at most 500 characters, everything else 2,000',
      params => jsonb_build_object('what', wide));
  ELSIF EXISTS ( -- one character can fold to many, and the dictionary holds words of this size
    SELECT FROM lms.name_words(concat_ws(' ', person ->> 'surname', person ->> 'forenames')) AS w WHERE octet_length(w) > 2000
  ) THEN
    PERFORM desk.fail('LB400', 'a word of the name is too long');
  END IF;
END
$$;

-- Whether an account can still be used, or be reactivated.
CREATE FUNCTION desk.may_return(p lms.patron, today date) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(CASE p.status WHEN 'deleted' THEN coalesce(p.deleted_on, p.expires_on) ELSE p.expires_on END, 'infinity')
    + make_interval(months => desk.setting('reactivation_months', p.authority)::integer) >= today
$$;

-- Refuses a place at an authority that there is not: a branch, a category, a card that somebody has, a day that is over.
CREATE FUNCTION desk.require_place(authority text, place jsonb, today date) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = place ->> 'branch' AND b.authority = require_place.authority) THEN
    PERFORM desk.fail('LB400', 'that is no branch of {authority}; use one of {branches}',
      params => jsonb_build_object('authority', authority, 'branches', (
        SELECT string_agg(b.code, ', ' ORDER BY b.code) FROM lms.branch AS b WHERE b.authority = require_place.authority
      )));
  ELSIF NOT EXISTS (SELECT FROM lms.category AS c WHERE c.code = place ->> 'category') THEN
    PERFORM desk.fail('LB400', 'unknown category; use one of {categories}',
      params => jsonb_build_object('categories', (SELECT string_agg(c.code, ', ' ORDER BY c.code) FROM lms.category AS c)));
  ELSIF place ->> 'card' ~ '^[A-Za-z0-9][A-Za-z0-9./-]{0,39}$' IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'a card number has up to 40 letters and digits');
  ELSIF EXISTS (SELECT FROM lms.card AS c WHERE c.number = place ->> 'card') THEN
    PERFORM desk.fail('LB409', 'that card belongs to somebody', 'take a new card');
  ELSIF place ->> 'basis' IN ('resident', 'work', 'study') IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'the basis of a membership is resident, work or study');
  ELSIF place ->> 'expires_on' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' OR NOT lms.is_day(place ->> 'expires_on')
    OR (place ->> 'expires_on')::date < today THEN
    PERFORM desk.fail('LB400', 'a membership lasts until a day that is still to come',
      'such as: --expires {day}', jsonb_build_object('day', (today + interval '1 year')::date));
  ELSIF place ->> 'wording' ~ '^[[:alnum:]][[:alnum:]._-]{0,39}$' IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'the wording of the consent of joining is named by its version, such as joining-3');
  ELSIF place ->> 'source' ~ '^[a-z][a-z0-9_-]{0,39}$' IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'the source of the consent of joining is one word, such as desk, paper or web');
  END IF;
END
$$;

-- A person as lms.same_person compares them, and the card that they get, so that nobody can read who it is.
CREATE FUNCTION desk.about(salt uuid, surname text, forenames text, born date, card text) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT sha256(convert_to(jsonb_build_array(about.salt, lms.fold(concat_ws(' ', about.surname, about.forenames)), about.born,
    about.card)::text, 'UTF8'))
$$;

-- Keeps whom an access is opened about.
CREATE FUNCTION desk.keep_asked(access bigint, applicant jsonb) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.asked (access, salt, about)
  SELECT keep_asked.access, salt,
    desk.about(salt, applicant ->> 'surname', applicant ->> 'forenames', (applicant ->> 'born')::date, applicant ->> 'card')
  FROM gen_random_uuid() AS salt
$$;

-- Forgets whom accesses were opened about that are too old to be used: a minute, and another for calls under way. Never waits.
CREATE FUNCTION desk.forget_asked() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM patronctl.asked AS q
  WHERE q.access IN (
    SELECT o.access
    FROM patronctl.asked AS o
    JOIN patronctl.access AS a ON a.id = o.access
    WHERE a.at < clock_timestamp() - interval '2 minutes'
    FOR UPDATE OF o SKIP LOCKED
  )
$$;

-- Refuses anybody but the person that an access was opened about, and any other card: whoever tries numbers, to see which are
-- taken, leaves a record each time.
CREATE FUNCTION desk.require_asked(access bigint, person jsonb, card text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  asked patronctl.asked;
BEGIN
  SELECT * INTO asked FROM patronctl.asked AS q WHERE q.access = require_asked.access;
  IF NOT FOUND THEN
    PERFORM desk.fail('LB403', 'access {access} was used already',
      'see what it did: patronctl audit show {access}', jsonb_build_object('access', access));
  ELSIF asked.about <> desk.about(asked.salt, person ->> 'surname', person ->> 'forenames', (person ->> 'birth_date')::date, card) THEN
    PERFORM desk.fail('LB403', 'this is not the person, or not the card, that access {access} was opened about',
      'open one about this person and card', jsonb_build_object('access', access));
  END IF;
END
$$;

-- Waits until nobody else registers anybody at an authority, and holds the place until the end of the transaction.
CREATE FUNCTION desk.take_turn(home text, access bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO patronctl.registration (authority, access)
  VALUES (take_turn.home, take_turn.access)
  ON CONFLICT (authority) DO UPDATE SET access = excluded.access;
EXCEPTION WHEN lock_not_available THEN
  PERFORM desk.fail('LB423', '{holder} is registering somebody at {authority}',
    'try again in a moment',
    jsonb_build_object('holder', coalesce((
      SELECT min(s.usename::text)
      FROM pg_locks AS l
      JOIN pg_stat_activity AS s ON s.pid = l.pid AND s.datname = current_database()
      WHERE l.relation = 'patronctl.registration'::regclass AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()
      HAVING count(DISTINCT s.usename) = 1
    ), 'another login'), 'authority', home));
END
$$;

-- Registers a person at the authority that the access was opened for; a rehearsal finds out whether that could be done.
--   person     the columns of identity that an export has, and birth_year; of the person that the access was opened about
--   addresses  an array with the columns of address
--   place      {"branch", "category", "card", "basis", "expires_on" (a year from now when it is null), "wording", "source"}
-- Special categories, loans, holds, fees, blocks, secrets and consents of before have no way in.
CREATE FUNCTION desk.register_patron(access bigint, person jsonb, addresses jsonb, place jsonb, rehearsal boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'register_patron', rehearsal IS NOT TRUE);
  today   date := patronctl.today(a.authority);
  expires date;
  already bigint;
BEGIN
  PERFORM desk.require_person(person, addresses, today);
  PERFORM desk.require_asked(a.id, person, place ->> 'card');
  PERFORM desk.require_place(a.authority, place, today);
  expires := coalesce((place ->> 'expires_on')::date, today + interval '1 year');
  IF rehearsal IS NOT TRUE THEN
    IF a.patrons = '{}' THEN
      PERFORM desk.fail('LB403', 'access {access} was opened for a rehearsal',
        'open another one', jsonb_build_object('access', a.id));
    END IF;
    PERFORM desk.take_turn(a.authority, a.id);
  END IF;
  -- In a statement of its own, which sees who was registered before this one's turn.
  SELECT p.id INTO already
  FROM lms.same_person(person ->> 'surname', person ->> 'forenames', (person ->> 'birth_date')::date) AS m
  JOIN lms.patron AS p ON p.id = m.patron
  WHERE m.certainty = 'same_name_and_birth'
    AND p.authority = a.authority
    AND desk.may_return(p, today)
  ORDER BY p.id <> ALL (a.others)
  LIMIT 1;
  IF already = ANY (a.others) THEN
    PERFORM desk.fail('LB409', 'this person is registered at {authority} already, as id:{patron}',
      'look at that account: patronctl patron show id:{patron}', jsonb_build_object('authority', a.authority, 'patron', already));
  ELSIF already IS NOT NULL THEN -- no record says yet that this login was told of that account
    PERFORM desk.fail('LB423', 'somebody of that name was registered meanwhile', 'try again, to see whom');
  END IF;
  IF rehearsal IS NOT TRUE THEN
    PERFORM lms.register_patron(a.patrons[1], a.authority, place ->> 'branch', place ->> 'category', person, addresses,
      place ->> 'card', place ->> 'basis', today, expires);
    PERFORM lms.give_consent(a.patrons[1], a.authority, 'joining', NULL, place ->> 'wording', patronctl.clock(), place ->> 'source');
    DELETE FROM patronctl.asked AS q WHERE q.access = a.id;
    PERFORM desk.record_result(a.id, jsonb_build_object('registered', 1, 'addresses', jsonb_array_length(addresses)));
  END IF;
  RETURN jsonb_build_object(
    'patron', CASE WHEN rehearsal IS NOT TRUE THEN a.patrons[1] END, 'authority', a.authority,
    'branch', place ->> 'branch', 'category', place ->> 'category', 'card', place ->> 'card', 'basis', place ->> 'basis',
    'joined_on', today, 'expires_on', expires, 'wording', place ->> 'wording', 'source', place ->> 'source', 'access', a.id);
EXCEPTION
  WHEN unique_violation THEN -- at another authority, whose turn is its own
    PERFORM desk.fail('LB409', 'that card was just given to somebody', 'take a new card');
  WHEN integrity_constraint_violation THEN
    PERFORM desk.fault('the person could not be registered', SQLSTATE);
END
$$;
