-- Proof that scrubbing works: somebody made up is erased like a person, and whoever may read the server's files looks for
-- the canary, the text that stood in every column of theirs.

-- Plants one canary at each authority and writes it to disk, within the caller's transaction, which erases it again: nobody
-- else ever sees these people. Returns the texts' common part, the patrons, and the files where it must be found now.
CREATE FUNCTION desk.plant_canary(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  canary  text := upper(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
  planted bigint[];
BEGIN
  PERFORM desk.use_access(access, 'plant_canary');
  PERFORM desk.require_scrubber(NULL);
  PERFORM desk.require_scrubbing();
  planted := ARRAY(
    SELECT p.id
    FROM lms.authority AS h, lms.plant_canary(h.code, canary || h.code) AS p(id)
    WHERE p.id IS NOT NULL
    ORDER BY h.code
  );
  INSERT INTO patronctl.canary (patron) SELECT unnest(planted);
  CHECKPOINT;
  -- Looking for them may take longer than a minute.
  INSERT INTO patronctl.paging (access, until) VALUES (plant_canary.access, clock_timestamp() + interval '15 minutes');
  RETURN jsonb_build_object(
    'canary', canary,
    'patrons', to_jsonb(planted),
    'files', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('relation', r.relation, 'path', pg_relation_filepath(r.relation::regclass))), '[]')
      FROM lms.rewritable() AS r
      WHERE r.relation <> 'lms.named' -- numbers only
        AND (r.authority IS NULL AND r.relation NOT LIKE 'lms.identity%' OR EXISTS (
          SELECT FROM lms.patron AS p
          WHERE p.id = ANY (planted) AND r.relation LIKE '%\_of\_' || lower(p.authority)
        ))
    )
  );
END
$$;

-- Erases what this very transaction planted, through the ledger like anybody.
CREATE FUNCTION desk.erase_canary(access bigint, patrons bigint[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'erase_canary', TRUE);
BEGIN
  PERFORM desk.require_scrubber(NULL);
  IF NOT patrons <@ ARRAY(SELECT c.patron FROM patronctl.canary AS c) THEN
    PERFORM desk.fail('LB403', 'these are no canaries of this transaction');
  END IF;
  PERFORM desk.erase(patrons, 'canary');
  PERFORM lms.remove_canaries(patrons);
  DELETE FROM patronctl.canary AS c WHERE c.patron = ANY (patrons);
  PERFORM desk.record_result(a.id, jsonb_build_object('canaries', cardinality(patrons)));
  RETURN jsonb_build_object('erased', cardinality(patrons));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the canaries could not be erased', SQLSTATE);
END
$$;
