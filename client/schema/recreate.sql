-- Makes room for the functions of desk: each is dropped by itself, and without CASCADE.
SET LOCAL check_function_bodies = off; -- they refer to each other
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure
    FROM pg_proc AS p
    WHERE p.pronamespace = 'desk'::regnamespace
    ORDER BY p.oid DESC -- one with its body in SQL's own form depends on those that were made before it
  LOOP
    EXECUTE format('DROP FUNCTION %s', routine);
  END LOOP;
END
$$;
