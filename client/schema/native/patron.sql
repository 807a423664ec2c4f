-- Accounts: registered, changed, valid again, and held against others at work on them.

-- The number of the next patron, which is nobody else's from now on.
CREATE FUNCTION lms.next_patron_number() RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT nextval('lms.patron_number')
$$;

-- Keeps the numbers of patrons up to this one from being given out again.
CREATE FUNCTION lms.reserve_patron_numbers(up_to bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT setval('lms.patron_number', up_to) FROM lms.patron_number AS n WHERE n.last_value < up_to
$$;

-- Registers somebody at home in an authority: the account, name and contacts, a card, and a membership. The dictionary of
-- names follows by its triggers. `person` has the columns of identity, and birth_year, which goes before the year of the
-- birth date; `addresses` is an array with the columns of address.
CREATE FUNCTION lms.register_patron(
  patron bigint, authority text, branch text, category text, person jsonb, addresses jsonb,
  card text, basis text, joined_on date, expires_on date
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.patron (id, authority, branch, category, birth_year, registered_on, expires_on, last_activity_on)
  SELECT patron, authority, branch, category, coalesce(r.birth_year, extract(year FROM r.birth_date)), joined_on, expires_on, joined_on
  FROM jsonb_to_record(person) AS r(birth_year smallint, birth_date date);
  INSERT INTO lms.identity (patron, authority, surname, forenames, title, birth_date, emails, phones, document_number, language)
  SELECT register_patron.patron, register_patron.authority, r.*
  FROM jsonb_to_record(person) AS r(
    surname text, forenames text, title text, birth_date date, emails text[], phones text[], document_number text, language text
  );
  INSERT INTO lms.address (patron, authority, kind, place, lines, town, postcode, country)
  SELECT register_patron.patron, register_patron.authority, r.*
  FROM jsonb_to_recordset(addresses) AS r(kind text, place integer, lines text, town text, postcode text, country text);
  INSERT INTO lms.card (number, patron, issued_on)
  VALUES (card, patron, joined_on);
  INSERT INTO lms.membership (patron, authority, basis, joined_on, expires_on)
  VALUES (patron, authority, basis, joined_on, expires_on);
$$;

-- Makes an expired or deleted account valid again until a day.
CREATE FUNCTION lms.reactivate(patron bigint, expires_on date, today date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.patron AS p
  SET status = 'active',
      deleted_on = NULL,
      expires_on = reactivate.expires_on,
      last_activity_on = greatest(p.last_activity_on, today)
  WHERE p.id = reactivate.patron
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

-- Holds a patron against others who change the same account, until the end of the transaction. Who waits longer than
-- lock_timeout is told which login holds it: the one whose number is on the row, or the only one at work on any patron.
CREATE FUNCTION lms.lock_patron(patron bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Not in the block below: a block with EXCEPTION puts a number of its own on the row, which is forgotten at its end.
  PERFORM FROM lms.patron AS p WHERE p.id = lock_patron.patron FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN;
  END IF;
  BEGIN
    PERFORM FROM lms.patron AS p WHERE p.id = lock_patron.patron FOR NO KEY UPDATE;
  EXCEPTION WHEN lock_not_available THEN
    PERFORM desk.fail('LB423', 'this account is being changed by {holder}', 'try again in a moment',
      jsonb_build_object('holder', coalesce((
        SELECT s.usename
        FROM lms.patron AS p
        JOIN pg_locks AS l ON l.locktype = 'transactionid' AND l.transactionid = p.xmax AND l.granted
        JOIN pg_stat_activity AS s ON s.pid = l.pid
        WHERE p.id = lock_patron.patron
      ), (
        SELECT min(s.usename::text)
        FROM pg_locks AS l
        JOIN pg_stat_activity AS s ON s.pid = l.pid AND s.datname = current_database()
        WHERE l.relation = 'lms.patron'::regclass AND l.mode = 'RowShareLock' AND l.pid <> pg_backend_pid()
        HAVING count(DISTINCT s.usename) = 1
      ), 'another login')));
  END;
END
$$;

-- Holds those patrons that nobody else is working on, until the end of the transaction, and returns them. Exclusively also
-- means: no loan, hold or fee can be added for them meanwhile.
CREATE FUNCTION lms.lock_patrons(patrons bigint[], exclusively boolean) RETURNS SETOF bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF exclusively THEN
    RETURN QUERY
      SELECT p.id FROM lms.patron AS p WHERE p.id = ANY (patrons) ORDER BY p.id FOR UPDATE SKIP LOCKED;
  ELSE
    RETURN QUERY
      SELECT p.id FROM lms.patron AS p WHERE p.id = ANY (patrons) ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED;
  END IF;
END
$$;
