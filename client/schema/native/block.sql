-- Blocks of an account at an authority.

CREATE FUNCTION lms.place_block(patron bigint, authority text, level text, reason_code text, placed_on date) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.block (patron, authority, level, reason_code, placed_on)
  VALUES (patron, authority, level, reason_code, placed_on)
  RETURNING id
$$;

CREATE FUNCTION lms.lift_blocks(patron bigint, blocks bigint[], lifted_on date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.block AS b SET lifted_on = lift_blocks.lifted_on WHERE b.patron = lift_blocks.patron AND b.id = ANY (blocks)
$$;
