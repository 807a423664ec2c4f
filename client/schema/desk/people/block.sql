-- Blocks: warnings and refusals that an authority places on a patron of any member, with a code from its list. What is said
-- about a person in free words has no place here.

CREATE FUNCTION desk.block_json(b lms.block) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'id', b.id, 'authority', b.authority, 'level', b.level, 'reason_code', b.reason_code, 'placed_on', b.placed_on,
    'lifted_on', b.lifted_on, 'in_force', desk.in_force(b))
$$;

CREATE FUNCTION desk.in_force(b lms.block) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT b.lifted_on IS NULL OR b.lifted_on > patronctl.today(b.authority)
$$;

-- Every block on somebody by the authorities of this login, the lifted ones too.
CREATE FUNCTION desk.list_blocks(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'list_blocks');
BEGIN
  RETURN jsonb_build_object('patron', a.patrons[1], 'access', a.id, 'blocks', (
    SELECT coalesce(jsonb_agg(desk.block_json(b) ORDER BY b.placed_on, b.id), '[]')
    FROM lms.block AS b
    WHERE b.patron = a.patrons[1]
      AND desk.administers('block list', b.authority)
  ));
END
$$;

CREATE FUNCTION desk.place_block(access bigint, authority text, level text, reason_code text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a       patronctl.access := desk.use_access(access, 'place_block', TRUE);
  placer  text := desk.row_authority(a, authority);
  reasons text[] := string_to_array(desk.setting('block_reasons', placer), ',');
  made    bigint;
BEGIN
  IF level IN ('warn', 'refuse') IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'a block warns or refuses: write warn or refuse');
  ELSIF reason_code = ANY (reasons) IS NOT TRUE THEN
    PERFORM desk.fail('LB400', 'unknown reason code; use one of {codes}',
      'an administrator names codes with: patronctl settings set block_reasons LIST --authority {authority}',
      jsonb_build_object('codes', array_to_string(reasons, ', '), 'authority', placer));
  END IF;
  PERFORM lms.lock_patron(a.patrons[1]);
  PERFORM desk.refuse_erased(a.patrons[1]);
  IF EXISTS (
    SELECT FROM lms.block AS b
    WHERE b.patron = a.patrons[1] AND b.authority = placer AND desk.in_force(b)
      AND (b.level, b.reason_code) = (place_block.level, place_block.reason_code)
  ) THEN
    PERFORM desk.fail('LB409', 'this block of {authority} is in force already',
      'see it: patronctl block list id:{patron}', jsonb_build_object('authority', placer, 'patron', a.patrons[1]));
  END IF;
  made := lms.place_block(a.patrons[1], placer, level, reason_code, patronctl.today(placer));
  PERFORM desk.record_result(a.id, jsonb_build_object('authority', placer, 'level', level, 'placed', 1));
  RETURN (SELECT desk.block_json(b) FROM lms.block AS b WHERE (b.patron, b.id) = (a.patrons[1], made))
    || jsonb_build_object('patron', a.patrons[1], 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the block could not be placed', SQLSTATE);
END
$$;

-- Lifts one block, or all that an authority has in force on somebody. They stay in the list.
CREATE FUNCTION desk.lift_blocks(access bigint, authority text, block bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'lift_blocks', TRUE);
  placer text := desk.row_authority(a, authority);
  lifted bigint[];
BEGIN
  PERFORM lms.lock_patron(a.patrons[1]);
  PERFORM desk.refuse_erased(a.patrons[1]);
  lifted := ARRAY(
    SELECT b.id
    FROM lms.block AS b
    WHERE b.patron = a.patrons[1] AND b.authority = placer AND desk.in_force(b)
      AND b.id = coalesce(lift_blocks.block, b.id)
  );
  IF lifted = '{}' THEN
    PERFORM desk.fail('LB409', 'no such block of {authority} is in force',
      'see its blocks: patronctl block list id:{patron}', jsonb_build_object('authority', placer, 'patron', a.patrons[1]));
  END IF;
  PERFORM lms.lift_blocks(a.patrons[1], lifted, patronctl.today(placer));
  PERFORM desk.record_result(a.id, jsonb_build_object('authority', placer, 'lifted', cardinality(lifted)));
  RETURN jsonb_build_object('patron', a.patrons[1], 'access', a.id, 'blocks', (
    SELECT jsonb_agg(desk.block_json(b) ORDER BY b.placed_on, b.id)
    FROM lms.block AS b
    WHERE b.patron = a.patrons[1] AND b.id = ANY (lifted)
  ));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the block could not be lifted', SQLSTATE);
END
$$;
