-- Writing files anew, so that they hold nothing of what was erased or moved.

-- What must be rewritten before no file holds what was erased: every relation with personal, special or secret values, and
-- those that lead to one (the words of a person). Without authority it concerns all: also identity, where a row may name
-- the guardian of a child who is at home elsewhere.
CREATE FUNCTION lms.rewritable() RETURNS TABLE (relation text, authority text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH holder AS (
      SELECT DISTINCT format('%I.%I', k.schema_name, k.relation)::regclass::oid AS id
      FROM patronctl.catalogue AS k
      WHERE k.class IN ('personal', 'special', 'secret')
    ), found AS (
      SELECT h.id FROM holder AS h
      UNION
      SELECT c.conrelid FROM pg_constraint AS c JOIN holder AS h ON h.id = c.confrelid WHERE c.contype = 'f'
    )
    SELECT coalesce(i.inhrelid, f.id)::regclass::text,
      (SELECT a.code
       FROM lms.authority AS a
       JOIN pg_class AS whole ON whole.oid = i.inhparent AND whole.relname <> 'identity'
       JOIN pg_class AS part ON part.oid = i.inhrelid AND part.relname = whole.relname || '_of_' || lower(a.code))
    FROM found AS f
    LEFT JOIN pg_inherits AS i ON i.inhparent = f.id
    ORDER BY 1;
END
$$;

-- Writes the living rows of one of these relations to a new file and drops the old one. Readers wait meanwhile. up_to is
-- the proof: rows that died before that transaction were left behind, later ones may have been copied for somebody with an
-- older snapshot. It is where CLUSTER itself drew the line, which it leaves in relfrozenxid.
CREATE FUNCTION lms.rewrite_personal(relation text, OUT up_to xid, OUT locked interval)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' SET max_parallel_maintenance_workers = 2 SET min_parallel_table_scan_size = '1MB'
AS $$
DECLARE
  id      regclass;
  key     name;
  started timestamptz;
BEGIN
  SELECT r.relation::regclass INTO STRICT id FROM lms.rewritable() AS r WHERE r.relation = rewrite_personal.relation;
  SELECT c.relname INTO STRICT key
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
  WHERE i.indrelid = id AND i.indpred IS NULL AND i.indexprs IS NULL
  ORDER BY i.indisprimary DESC, c.relname
  LIMIT 1;
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', id);
  started := clock_timestamp();
  EXECUTE format('CLUSTER %s USING %I', id, key);
  EXECUTE format('ALTER TABLE %s SET WITHOUT CLUSTER', id); -- the next CLUSTER of everything is not our business
  SELECT c.relfrozenxid INTO up_to FROM pg_class AS c WHERE c.oid = id;
  locked := clock_timestamp() - started;
END
$$;

-- Moved rows whose transaction numbers still tell which of them moved together.
CREATE FUNCTION lms.told_apart() RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'lms.anonymous_loan'
  WHERE EXISTS (SELECT FROM lms.anonymous_loan AS r WHERE r.xmin <> (SELECT f.xmin FROM lms.anonymous_loan AS f LIMIT 1))
  UNION ALL
  SELECT 'lms.anonymous_hold'
  WHERE EXISTS (SELECT FROM lms.anonymous_hold AS r WHERE r.xmin <> (SELECT f.xmin FROM lms.anonymous_hold AS f LIMIT 1))
  UNION ALL
  SELECT 'lms.anonymous_fee'
  WHERE EXISTS (SELECT FROM lms.anonymous_fee AS r WHERE r.xmin <> (SELECT f.xmin FROM lms.anonymous_fee AS f LIMIT 1))
$$;

-- Lets everybody who may use one relation use another.
CREATE FUNCTION lms.copy_grants(source regclass, target regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
    FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.oid = source AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('GRANT %s ON %s TO %s', held.privilege_type, target, held.grantee);
  END LOOP;
END
$$;

-- These three copy the moved rows, sorted by what they say, into a table of one transaction that takes the old one's place:
-- CLUSTER would keep the transaction numbers. Whoever may read the old one, such as a report of the library's, may read the
-- new one. Readers wait for the exchange of names only; no history moves meanwhile.
CREATE FUNCTION lms.rewrite_anonymous_loan(OUT locked interval)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' SET work_mem = '128MB'
AS $$
DECLARE
  started timestamptz;
BEGIN
  LOCK TABLE lms.anonymous_loan IN SHARE ROW EXCLUSIVE MODE;
  CREATE TABLE lms.fresh_loan (LIKE lms.anonymous_loan INCLUDING ALL EXCLUDING INDEXES);
  INSERT INTO lms.fresh_loan
  SELECT * FROM lms.anonymous_loan AS r ORDER BY r.item, r.lent_at, r.anonymous_patron, r.returned_at;
  CREATE INDEX fresh_loan_patron ON lms.fresh_loan (anonymous_patron);
  CREATE INDEX fresh_loan_item ON lms.fresh_loan (item, lent_at);
  CREATE INDEX fresh_loan_branch ON lms.fresh_loan (authority, branch, lent_at);
  ANALYZE lms.fresh_loan;
  PERFORM lms.copy_grants('lms.anonymous_loan', 'lms.fresh_loan');
  LOCK TABLE lms.anonymous_loan IN ACCESS EXCLUSIVE MODE;
  started := clock_timestamp();
  DROP TABLE lms.anonymous_loan;
  ALTER TABLE lms.fresh_loan RENAME TO anonymous_loan;
  ALTER INDEX lms.fresh_loan_patron RENAME TO anonymous_loan_patron;
  ALTER INDEX lms.fresh_loan_item RENAME TO anonymous_loan_item;
  ALTER INDEX lms.fresh_loan_branch RENAME TO anonymous_loan_branch;
  locked := clock_timestamp() - started;
END
$$;

CREATE FUNCTION lms.rewrite_anonymous_hold(OUT locked interval)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' SET work_mem = '128MB'
AS $$
DECLARE
  started timestamptz;
BEGIN
  LOCK TABLE lms.anonymous_hold IN SHARE ROW EXCLUSIVE MODE;
  CREATE TABLE lms.fresh_hold (LIKE lms.anonymous_hold INCLUDING ALL EXCLUDING INDEXES);
  INSERT INTO lms.fresh_hold
  SELECT * FROM lms.anonymous_hold AS r ORDER BY r.placed_at, r.item, r.anonymous_patron, r.closed_at;
  CREATE INDEX fresh_hold_patron ON lms.fresh_hold (anonymous_patron);
  ANALYZE lms.fresh_hold;
  PERFORM lms.copy_grants('lms.anonymous_hold', 'lms.fresh_hold');
  LOCK TABLE lms.anonymous_hold IN ACCESS EXCLUSIVE MODE;
  started := clock_timestamp();
  DROP TABLE lms.anonymous_hold;
  ALTER TABLE lms.fresh_hold RENAME TO anonymous_hold;
  ALTER INDEX lms.fresh_hold_patron RENAME TO anonymous_hold_patron;
  locked := clock_timestamp() - started;
END
$$;

CREATE FUNCTION lms.rewrite_anonymous_fee(OUT locked interval)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' SET work_mem = '128MB'
AS $$
DECLARE
  started timestamptz;
BEGIN
  LOCK TABLE lms.anonymous_fee IN SHARE ROW EXCLUSIVE MODE;
  CREATE TABLE lms.fresh_fee (LIKE lms.anonymous_fee INCLUDING ALL EXCLUDING INDEXES);
  INSERT INTO lms.fresh_fee
  SELECT * FROM lms.anonymous_fee AS r ORDER BY r.raised_on, r.authority, r.kind, r.amount, r.anonymous_patron;
  CREATE INDEX fresh_fee_patron ON lms.fresh_fee (anonymous_patron);
  ANALYZE lms.fresh_fee;
  PERFORM lms.copy_grants('lms.anonymous_fee', 'lms.fresh_fee');
  LOCK TABLE lms.anonymous_fee IN ACCESS EXCLUSIVE MODE;
  started := clock_timestamp();
  DROP TABLE lms.anonymous_fee;
  ALTER TABLE lms.fresh_fee RENAME TO anonymous_fee;
  ALTER INDEX lms.fresh_fee_patron RENAME TO anonymous_fee_patron;
  locked := clock_timestamp() - started;
END
$$;
