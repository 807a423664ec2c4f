-- The dictionary of names and the indexes, computed anew after the folding changed (port/folding.sql). As the triggers fill the
-- dictionary: each name is taken apart once. It is emptied by new files, so that no word of the old folding is left in one.
CREATE FUNCTION lms.refold() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  computed regclass;
BEGIN
  TRUNCATE lms.named, lms.word;
  INSERT INTO lms.word (word)
  SELECT DISTINCT w
  FROM (SELECT surname FROM lms.identity UNION SELECT forenames FROM lms.identity) AS n(name), lms.name_words(n.name) AS w
  ORDER BY w;
  WITH part AS MATERIALIZED (
    SELECT n.name, d.id
    FROM (SELECT surname FROM lms.identity UNION SELECT forenames FROM lms.identity) AS n(name), lms.name_words(n.name) AS w
    JOIN lms.word AS d ON d.word = w
  )
  INSERT INTO lms.named (patron, word, surname)
  SELECT i.patron, p.id, TRUE FROM lms.identity AS i JOIN part AS p ON p.name = i.surname
  UNION
  SELECT i.patron, p.id, FALSE FROM lms.identity AS i JOIN part AS p ON p.name = i.forenames;
  FOR computed IN
    SELECT DISTINCT c.oid
    FROM pg_depend AS d
    JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'i'
    JOIN pg_proc AS p ON p.oid = d.refobjid AND p.pronamespace = 'lms'::regnamespace
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_proc'::regclass
  LOOP
    EXECUTE format('REINDEX INDEX %s', computed);
  END LOOP;
END
$$;
