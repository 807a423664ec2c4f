-- Erasing people, and the ledger of it.

-- Erases patrons who are locked already, for a rule or a request, and enters them into the ledger. Its numbers have no gaps,
-- so that a restored backup can be told from the database it was taken of.
CREATE FUNCTION desk.erase(patrons bigint[], rule text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  head bigint;
BEGIN
  PERFORM lms.erase_patrons(patrons);
  UPDATE patronctl.imported_patron SET id = NULL WHERE id = ANY (patrons);
  UPDATE patronctl.ledger
  SET number = number + cardinality(patrons)
  RETURNING number - cardinality(patrons) INTO head;
  INSERT INTO patronctl.erasure (number, patron, authority, rule, at)
  SELECT head + row_number() OVER (ORDER BY p.id), p.id, p.authority, erase.rule, patronctl.clock()
  FROM lms.patron AS p
  WHERE p.id = ANY (patrons);
END
$$;
