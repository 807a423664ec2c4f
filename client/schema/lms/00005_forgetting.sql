-- What forgetting asks of the port. Everything here works on many patrons at once: a night has millions of rows.

-- A fee whose accounting period is over stays for the accounts and leads to nobody; so do its payments.
ALTER TABLE lms.fee
  ALTER COLUMN patron DROP NOT NULL;
ALTER TABLE lms.payment
  ALTER COLUMN patron DROP NOT NULL;

-- Which of somebody's loans are old is told by the index: the newer ones need not be read.
DROP INDEX lms.loan_patron;
CREATE INDEX loan_patron ON lms.loan (patron, id, returned_at);

-- Holds those patrons that nobody else is working on, until the end of the transaction, and returns them. Exclusively also
-- means: no loan, hold or fee can be added for them meanwhile.
CREATE FUNCTION lms.lock_patrons(patrons bigint[], exclusively boolean) RETURNS SETOF bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF exclusively THEN
    RETURN QUERY
      SELECT p.id FROM lms.patron AS p WHERE p.id = ANY (patrons) ORDER BY p.id FOR UPDATE SKIP LOCKED;
  ELSE
    RETURN QUERY
      SELECT p.id FROM lms.patron AS p WHERE p.id = ANY (patrons) ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED;
  END IF;
END
$$;

-- The anonymous patrons that stand for some groups of an authority, each at the place of its group; missing ones are made.
CREATE FUNCTION lms.stand_ins(authority text, branches text[], categories text[], birth_years smallint[]) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What is there already is left out first: a conflict would use up a number. One order for everybody: no deadlock.
  INSERT INTO lms.anonymous_patron (authority, branch, category, birth_year)
  SELECT stand_ins.authority, g.branch, g.category, g.birth_year
  FROM (
    SELECT * FROM unnest(branches, categories, birth_years) AS u(branch, category, birth_year)
    EXCEPT
    SELECT a.branch, a.category, a.birth_year FROM lms.anonymous_patron AS a WHERE a.authority = stand_ins.authority
  ) AS g
  ORDER BY g.branch, g.category, g.birth_year
  ON CONFLICT DO NOTHING;
  RETURN ARRAY(
    SELECT a.id
    FROM unnest(branches, categories, birth_years) WITH ORDINALITY AS g(branch, category, birth_year, place)
    JOIN lms.anonymous_patron AS a
      ON a.authority = stand_ins.authority
      AND coalesce(a.branch, '') = coalesce(g.branch, '')
      AND coalesce(a.category, '') = coalesce(g.category, '')
      AND coalesce(a.birth_year, 0) = coalesce(g.birth_year, 0)
    ORDER BY g.place
  );
END
$$;

DROP FUNCTION lms.movable_history(bigint, timestamptz, date, boolean);
DROP FUNCTION lms.move_history(bigint, bigint[], bigint[], bigint[], text, text, text, integer);

-- What of some patrons' history may move before a moment and day, and what stays for which reason. The fees of a loan
-- follow the loan: a zero fee goes with it, an unpaid one (whoever owes it) holds it back unless include_owing. The last
-- loan of an item stays when it was returned since keep_last_since.
CREATE FUNCTION lms.movable_history(
  patrons bigint[], before timestamptz, before_day date, include_owing boolean, keep_last_since timestamptz
) RETURNS TABLE (patron bigint, kind text, id bigint, stays text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH loan AS MATERIALIZED ( -- from the index alone
    SELECT l.id, l.patron, l.returned_at FROM lms.loan AS l WHERE l.patron = ANY (patrons) AND l.returned_at < before
    UNION ALL
    SELECT l.id, l.patron, NULL FROM lms.loan AS l WHERE l.patron = ANY (patrons) AND l.returned_at IS NULL
  ), zero AS MATERIALIZED (
    SELECT f.id, f.patron, f.loan, f.raised_on
    FROM lms.fee AS f
    WHERE f.patron = ANY (patrons)
      AND f.amount = 0
      AND NOT EXISTS (SELECT FROM lms.payment AS y WHERE y.fee = f.id AND y.amount <> 0) -- a payment is an accounting record
  ), owed AS MATERIALIZED (
    SELECT f.loan
    FROM loan AS l
    JOIN lms.fee AS f ON f.loan = l.id
    WHERE NOT include_owing
      AND f.amount > (SELECT coalesce(sum(y.amount), 0) FROM lms.payment AS y WHERE y.fee = f.id)
  ), judged AS MATERIALIZED (
    SELECT l.id, l.patron,
      CASE
        WHEN l.returned_at IS NULL THEN 'on_loan'
        WHEN l.id IN (SELECT o.loan FROM owed AS o) THEN 'unpaid_fee'
        WHEN l.returned_at >= keep_last_since
          AND NOT EXISTS (
            SELECT FROM lms.loan AS o JOIN lms.loan AS n ON n.item = o.item AND n.lent_at > o.lent_at WHERE o.id = l.id
          )
          AND NOT EXISTS (
            SELECT FROM lms.loan AS o JOIN lms.anonymous_loan AS n ON n.item = o.item AND n.lent_at > o.lent_at WHERE o.id = l.id
          )
          THEN 'last_borrower'
      END AS stays
    FROM loan AS l
  )
  SELECT j.patron, 'loan', j.id, j.stays FROM judged AS j
  UNION ALL
  SELECT h.patron, 'hold', h.id, CASE WHEN h.closed_at IS NULL THEN 'open_hold' END
  FROM lms.hold AS h
  WHERE h.patron = ANY (patrons)
    AND (h.closed_at IS NULL OR h.closed_at < before)
  UNION ALL
  SELECT z.patron, 'fee', z.id, NULL
  FROM zero AS z
  WHERE z.raised_on < before_day
     OR z.loan IN (SELECT j.id FROM judged AS j WHERE j.stays IS NULL)
$$;

-- Moves these rows of some patrons to their stand-ins (each patron's at the same place of its list) and cuts what still
-- points at them. Returns how many fees stay on an account without their loan. The order of the moved rows says nothing
-- about the order they had. One plan for all batches: a mode that plans anew would do so for each row whose references
-- are checked.
CREATE FUNCTION lms.move_history(patrons bigint[], stand_ins bigint[], loans bigint[], holds bigint[], fees bigint[]) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off
AS $$
DECLARE
  unlinked integer;
BEGIN
  DELETE FROM lms.payment AS y
  WHERE y.fee = ANY (fees);
  WITH moved AS (
    DELETE FROM lms.fee AS f
    WHERE f.id = ANY (fees)
    RETURNING f.patron, f.authority, f.kind, f.amount, f.raised_on
  )
  INSERT INTO lms.anonymous_fee
  SELECT s.stand_in, m.authority, m.kind, m.amount, m.raised_on
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();

  UPDATE lms.fee AS f
  SET loan = NULL
  WHERE f.loan = ANY (loans);
  GET DIAGNOSTICS unlinked = ROW_COUNT;

  WITH moved AS (
    DELETE FROM lms.loan AS l
    WHERE l.id = ANY (loans)
    RETURNING l.patron, l.item, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
  )
  INSERT INTO lms.anonymous_loan
  SELECT s.stand_in, m.item, m.authority, m.branch, m.lent_at, m.due_at, m.returned_at, m.renewals
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();

  WITH moved AS (
    DELETE FROM lms.hold AS h
    WHERE h.id = ANY (holds)
    RETURNING h.patron, h.kind, h.item, h.authority, h.placed_at, h.closed_at, h.outcome
  )
  INSERT INTO lms.anonymous_hold
  SELECT s.stand_in, m.kind, m.item, m.authority, m.placed_at, m.closed_at, m.outcome
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();
  RETURN unlinked;
END
$$;

-- Cuts the person from fees and their payments. The amounts stay.
CREATE FUNCTION lms.unlink_fees(fees bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.payment SET patron = NULL WHERE fee = ANY (fees);
  UPDATE lms.fee SET patron = NULL, loan = NULL WHERE id = ANY (fees);
$$;

-- The relations that hold personal, special or secret values about patrons, special categories first. The catalogue names
-- them, so a new one cannot be missed.
CREATE FUNCTION lms.personal_relations() RETURNS TABLE (schema_name text, relation text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT k.schema_name, k.relation
    FROM patronctl.catalogue AS k
    WHERE k.class IN ('personal', 'special', 'secret')
      AND EXISTS (
        SELECT FROM patronctl.catalogue AS p
        WHERE (p.schema_name, p.relation, p.column_name) = (k.schema_name, k.relation, 'patron')
      )
    GROUP BY k.schema_name, k.relation
    ORDER BY bool_or(k.class = 'special') DESC, k.relation;
END
$$;

-- The words of a name in one order: 'Wardley, Ruth' and 'ruth wardley' are the same.
CREATE FUNCTION lms.name_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM lms.name_words(value) AS w;
END;

-- Guardians are often written down by name only. No sample of these names in pg_statistic either.
CREATE INDEX identity_guardian ON lms.identity (lms.name_key(guardian)) WHERE guardian IS NOT NULL;
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN
    SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = 'lms.identity_guardian'::regclass
  LOOP
    EXECUTE format('ALTER INDEX %s ALTER COLUMN 1 SET STATISTICS 0', part);
  END LOOP;
END
$$;

-- Takes people as guardians out of others' rows: where the account is named, and where only the name is written down and
-- the ward shares the surname or the address, which is as sure as a name can be.
CREATE FUNCTION lms.forget_guardians(patrons bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off -- some names among everybody's guardians: by the index
AS $$
  UPDATE lms.identity AS w
  SET guardian = NULL
  FROM lms.patron AS p
  WHERE p.guardian_patron = ANY (patrons)
    AND w.patron = p.id
    AND w.guardian IS NOT NULL;
  WITH gone AS MATERIALIZED (
    SELECT n.patron, string_agg(DISTINCT d.word, ' ' ORDER BY d.word) COLLATE "default" AS name -- as lms.name_key would have it, its collation too
    FROM lms.named AS n
    JOIN lms.word AS d ON d.id = n.word
    WHERE n.patron = ANY (patrons)
    GROUP BY n.patron
  ), ward AS MATERIALIZED (
    SELECT w.patron, w.authority
    FROM gone AS o
    JOIN lms.identity AS w ON lms.name_key(w.guardian) = o.name AND w.guardian IS NOT NULL
    JOIN lms.identity AS g ON g.patron = o.patron
    WHERE (
        lms.fold(w.surname) = lms.fold(g.surname)
        OR EXISTS (
          SELECT FROM lms.address AS a
          JOIN lms.address AS b ON lms.fold(b.lines) = lms.fold(a.lines)
          WHERE a.patron = g.patron AND b.patron = w.patron
        )
      )
      AND NOT EXISTS (SELECT FROM lms.patron AS p WHERE p.id = w.patron AND p.guardian_patron <> ALL (patrons))
  )
  UPDATE lms.identity AS w
  SET guardian = NULL
  FROM ward AS o
  WHERE w.patron = o.patron AND w.authority = o.authority;
  UPDATE lms.patron SET guardian_patron = NULL WHERE guardian_patron = ANY (patrons);
$$;

-- Forgets people for good: every row that holds personal, special or secret values about them, and what others' rows say
-- of them as guardians. The dictionary of names follows by its triggers. The names of relations are no input: they come
-- from the catalogue.
CREATE FUNCTION lms.erase_patrons(patrons bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  holder record;
BEGIN
  PERFORM lms.forget_guardians(patrons); -- by their names, which are still there
  FOR holder IN
    SELECT * FROM lms.personal_relations()
  LOOP
    EXECUTE format('DELETE FROM %I.%I AS r WHERE r.patron = ANY ($1)', holder.schema_name, holder.relation) USING patrons;
  END LOOP;
  UPDATE lms.patron
  SET status = 'erased', guardian_patron = NULL, keeps_history = FALSE, login = 'local'
  WHERE id = ANY (patrons);
END
$$;

-- How many rows about a patron erasing takes away, by relation.
CREATE FUNCTION lms.personal_rows(patron bigint) RETURNS TABLE (relation text, held bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  holder record;
BEGIN
  FOR holder IN
    SELECT * FROM lms.personal_relations()
  LOOP
    relation := holder.relation;
    EXECUTE format('SELECT count(*) FROM %I.%I AS r WHERE r.patron = $1', holder.schema_name, holder.relation) INTO held USING patron;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Makes an expired or deleted account valid again until a day.
CREATE FUNCTION lms.reactivate(patron bigint, expires_on date, today date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE lms.patron AS p
  SET status = 'active',
      deleted_on = NULL,
      expires_on = reactivate.expires_on,
      last_activity_on = greatest(p.last_activity_on, today)
  WHERE p.id = reactivate.patron
$$;

-- Keeps the numbers of patrons up to this one from being given out again.
CREATE FUNCTION lms.reserve_patron_numbers(up_to bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT setval('lms.patron_number', up_to) FROM lms.patron_number AS n WHERE n.last_value < up_to
$$;

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

-- Makes somebody at an authority whose every personal text is the canary, to be erased at once: what a search of the files
-- finds of it afterwards, it would find of a person. NULL where there is no branch, and so nobody.
CREATE FUNCTION lms.plant_canary(authority text, canary text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  planted bigint;
BEGIN
  INSERT INTO lms.patron (authority, branch, category)
  SELECT b.authority, b.code, c.code
  FROM lms.branch AS b, lms.category AS c
  WHERE b.authority = plant_canary.authority
  LIMIT 1
  RETURNING id INTO planted;
  IF planted IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO lms.identity (patron, authority, surname, forenames, title, email, phone, document_number, guardian, language)
  VALUES (planted, authority, canary, canary, canary, canary, canary, canary, canary, canary);
  INSERT INTO lms.address (patron, authority, kind, lines, town, postcode, country)
  VALUES (planted, authority, 'permanent', canary, canary, canary, canary);
  INSERT INTO lms.special (patron, authority, faith, sexuality, disability, ethnic_origin)
  VALUES (planted, authority, canary, canary, canary, canary);
  INSERT INTO lms.credential (patron, authority, secret_hash) VALUES (planted, authority, canary);
  INSERT INTO lms.card (number, patron) VALUES (canary, planted);
  INSERT INTO lms.consent (patron, authority, purpose, channel, given_at, source)
  VALUES (planted, authority, 'service', canary, clock_timestamp(), canary);
  RETURN planted;
END
$$;

-- The erased canaries leave no row behind that a statistic would count.
CREATE FUNCTION lms.remove_canaries(patrons bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM lms.patron WHERE id = ANY (patrons)
$$;
