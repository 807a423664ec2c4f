-- Member authorities.

-- Adds a member authority. Partitions cannot be created with parameters: this is why the code's alphabet is narrow.
CREATE FUNCTION lms.add_authority(code text, name text, currency text, time_zone text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation text;
  part     text;
  part_of  regclass;
  personal record;
BEGIN
  IF coalesce(name, '') !~ '\S' THEN
    RAISE EXCEPTION 'an authority has a name' USING ERRCODE = 'LB400';
  END IF;
  -- A zone by its name: an abbreviation such as BST knows no summer time.
  IF NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = add_authority.time_zone) THEN
    RAISE EXCEPTION 'unknown time zone' USING ERRCODE = 'LB400', HINT = 'use an IANA name such as Europe/London';
  END IF;
  INSERT INTO lms.authority VALUES (code, name, currency, time_zone);
  FOREACH relation IN ARRAY ARRAY['identity', 'address', 'special', 'credential'] LOOP
    part := relation || '_of_' || lower(code); -- _of_: no code may collide with the name of an index
    EXECUTE format('CREATE TABLE lms.%I PARTITION OF lms.%I FOR VALUES IN (%L)', part, relation, code);
    part_of := format('lms.%I', part)::regclass;
    -- No sample values of people in pg_statistic: neither of the columns nor of the expressions in their indexes.
    FOR personal IN
      SELECT c.oid::regclass AS object, a.attnum, c.relkind
      FROM pg_class AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.oid = part_of
        OR c.oid IN (SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid = part_of AND i.indexprs IS NOT NULL)
    LOOP
      IF personal.relkind = 'i' THEN
        EXECUTE format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', personal.object, personal.attnum);
      ELSE
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', personal.object,
          (SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = part_of AND a.attnum = personal.attnum));
      END IF;
    END LOOP;
  END LOOP;
END
$$;
