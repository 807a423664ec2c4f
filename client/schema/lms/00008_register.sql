-- Registering people one at a time, as a desk does.

-- The number of the next patron, which is nobody else's from now on.
CREATE FUNCTION lms.next_patron_number() RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT nextval('lms.patron_number')
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
  INSERT INTO lms.identity (patron, authority, surname, forenames, title, birth_date, email, phone, document_number, language)
  SELECT register_patron.patron, register_patron.authority, r.*
  FROM jsonb_to_record(person) AS r(
    surname text, forenames text, title text, birth_date date, email text, phone text, document_number text, language text
  );
  INSERT INTO lms.address (patron, authority, kind, lines, town, postcode, country)
  SELECT register_patron.patron, register_patron.authority, r.*
  FROM jsonb_to_recordset(addresses) AS r(kind text, lines text, town text, postcode text, country text);
  INSERT INTO lms.card (number, patron, issued_on)
  VALUES (card, patron, joined_on);
  INSERT INTO lms.membership (patron, authority, basis, joined_on, expires_on)
  VALUES (patron, authority, basis, joined_on, expires_on);
$$;
