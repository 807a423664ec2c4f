-- Makes room for the functions of all three schemas: each is dropped by itself, and without CASCADE. Those that an index, a
-- trigger, a constraint or a default depends on stay, and so do those that they call: they are replaced in place.
SET LOCAL check_function_bodies = off; -- they refer to each other
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    WITH RECURSIVE bound AS (
      SELECT d.refobjid AS id
      FROM pg_depend AS d
      WHERE d.refclassid = 'pg_proc'::regclass
        AND d.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass)
      UNION
      SELECT d.refobjid
      FROM bound AS b
      JOIN pg_depend AS d ON (d.classid, d.objid, d.refclassid) = ('pg_proc'::regclass, b.id, 'pg_proc'::regclass)
    )
    SELECT p.oid::regprocedure
    FROM pg_proc AS p
    WHERE p.pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk')
      AND p.oid NOT IN (SELECT b.id FROM bound AS b)
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
    ORDER BY p.oid DESC -- one with its body in SQL's own form depends on those that were made before it
  LOOP
    EXECUTE format('DROP ROUTINE %s', routine);
  END LOOP;
END
$$;
