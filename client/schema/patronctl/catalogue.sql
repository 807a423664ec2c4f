-- Takes the classes of this program's list of columns. A library's own columns keep theirs; what a migration took away has none.
CREATE FUNCTION patronctl.load_catalogue(columns jsonb) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class)
  SELECT c.*
  FROM jsonb_to_recordset(columns) AS c(schema_name text, relation text, column_name text, class text)
  ON CONFLICT (schema_name, relation, column_name) DO UPDATE SET class = excluded.class;
  DELETE FROM patronctl.catalogue AS k
  WHERE NOT EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass(format('%I.%I', k.schema_name, k.relation)) AND a.attname = k.column_name AND NOT a.attisdropped
  )
$$;
