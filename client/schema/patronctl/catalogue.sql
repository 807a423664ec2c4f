-- Puts the list of columns where functions read it, and takes out what a migration took away. A library's own columns stay.
CREATE FUNCTION patronctl.load_catalogue(columns jsonb) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class, place, exported_as)
  SELECT c.value ->> 'schema', c.value ->> 'relation', c.value ->> 'name', c.value ->> 'class', c.ordinality,
    nullif(c.value ->> 'export', '')
  FROM jsonb_array_elements(columns) WITH ORDINALITY AS c
  WHERE c.value ->> 'class' <> ''
  ON CONFLICT (schema_name, relation, column_name) DO UPDATE
  SET class = excluded.class, place = excluded.place, exported_as = excluded.exported_as;

  DELETE FROM patronctl.catalogue AS k
  WHERE NOT EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass(format('%I.%I', k.schema_name, k.relation)) AND a.attname = k.column_name AND NOT a.attisdropped
  );
$$;
