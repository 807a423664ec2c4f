-- How a name, a word and a telephone number are compared. Indexes and the dictionary of names are computed with these, so they are
-- replaced in place, and what was computed with another body is computed anew in the same upgrade. Their bodies are bound when they
-- are created, so they need no search_path, whose setting would cost more than they do.

-- Without case, accents, width and invisible characters: 'Císařová' and full-width forms become plain letters.
CREATE OR REPLACE FUNCTION lms.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN value ~ '^[ -~]*$' THEN lower(value)
  ELSE lower(lms.unaccent('lms.unaccent', regexp_replace(normalize(value, NFKD),
    '[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]', '', 'g')))
END;

-- The words of a name. An apostrophe is no border, so that O'Brien is found as obrien.
CREATE OR REPLACE FUNCTION lms.name_words(value text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT word
  FROM regexp_split_to_table(translate(lms.fold(value), '''’`´', ''), '[^[:alnum:]]+') AS word
  WHERE word <> '';
END;

-- The words of a name in one order: 'Wardley, Ruth' and 'ruth wardley' are the same.
CREATE OR REPLACE FUNCTION lms.name_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM lms.name_words(value) AS w;
END;

-- The last nine digits, which a number keeps with and without its country code; NULL for what is no number.
CREATE OR REPLACE FUNCTION lms.phone_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(right(regexp_replace(value, '[^0-9]', '', 'g'), 9), '');

-- All e-mail addresses, and all numbers, of somebody, as they are looked up; NULL for none.
CREATE OR REPLACE FUNCTION lms.email_keys(emails text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
  SELECT array_agg(lower(e)) FROM unnest(emails) AS e;
END;

CREATE OR REPLACE FUNCTION lms.phone_keys(phones text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
  SELECT array_agg(k) FROM unnest(phones) AS p, lms.phone_key(p) AS k WHERE k IS NOT NULL;
END;
