-- What a caller could set to change or watch a function that runs as its owner is fixed in every one of them: how strings
-- are read, debug_print_plan (the server would print the values that a plan is made for, names included), and jit (compiling
-- a query of a desk takes longer than running it).
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure
    FROM pg_proc AS p
    WHERE p.pronamespace = 'desk'::regnamespace AND p.prosecdef
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET standard_conforming_strings = on SET debug_print_plan = off SET jit = off', routine);
  END LOOP;
END
$$;
