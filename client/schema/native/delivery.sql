-- Loads the rows of a relation that live with their patron's home (identity, address and the like) from the files that were
-- staged, in the columns that the catalogue has for it. The name is checked against the catalogue, which has it.
CREATE FUNCTION lms.load_home_rows(relation text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns text[] := ARRAY(
    SELECT quote_ident(k.column_name)
    FROM patronctl.catalogue AS k
    WHERE k.schema_name = 'lms' AND k.relation = load_home_rows.relation AND k.column_name NOT IN ('patron', 'authority')
    ORDER BY k.place
  );
  loaded  bigint;
BEGIN
  EXECUTE format(
    'INSERT INTO lms.%1$I (patron, authority, %2$s) '
    'SELECT p.id, home.authority, s.%3$s '
    'FROM pg_temp.%1$I AS s '
    'JOIN patronctl.imported_patron AS p ON p.source = s.patron '
    'JOIN lms.patron AS home ON home.id = p.id '
    'ORDER BY p.id',
    relation, array_to_string(columns, ', '), array_to_string(columns, ', s.')
  );
  GET DIAGNOSTICS loaded = ROW_COUNT;
  RETURN loaded;
END
$$;
