-- Moving history to anonymous stand-ins. Everything here works on many patrons at once: a night has millions of rows.

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

-- What of some patrons' history may move before a moment and day, and what stays for which reason. The fees of a loan
-- follow the loan: a zero fee goes with it, an unpaid one holds it back unless include_owing. The last
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
      AND NOT EXISTS ( -- a payment is an accounting record
        SELECT FROM lms.payment AS y WHERE (y.patron, y.fee) = (f.patron, f.id) AND y.amount <> 0
      )
  ), owed AS MATERIALIZED (
    SELECT f.loan
    FROM loan AS l
    JOIN lms.fee AS f ON (f.patron, f.loan) = (l.patron, l.id)
    WHERE NOT include_owing
      AND f.amount > (SELECT coalesce(sum(y.amount), 0) FROM lms.payment AS y WHERE (y.patron, y.fee) = (f.patron, f.id))
  ), judged AS MATERIALIZED (
    SELECT l.id, l.patron,
      CASE
        WHEN l.returned_at IS NULL THEN 'on_loan'
        WHEN l.id IN (SELECT o.loan FROM owed AS o) THEN 'unpaid_fee'
        WHEN l.returned_at >= keep_last_since
          AND NOT EXISTS (
            SELECT FROM lms.loan AS o
            JOIN lms.loan AS n ON n.item = o.item AND n.lent_at > o.lent_at
            WHERE (o.patron, o.id) = (l.patron, l.id)
          )
          AND NOT EXISTS (
            SELECT FROM lms.loan AS o
            JOIN lms.anonymous_loan AS n ON n.item = o.item AND n.lent_at > o.lent_at
            WHERE (o.patron, o.id) = (l.patron, l.id)
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
-- about the order they had. Rows are found by their patrons, and told apart by a hash of the ids: two lists for one index would be
-- tried pair by pair. One plan for all batches: a mode that plans anew would do so for each row whose references
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
  WHERE y.patron = ANY (patrons) AND y.fee IN (SELECT unnest(fees));
  WITH moved AS (
    DELETE FROM lms.fee AS f
    WHERE f.patron = ANY (patrons) AND f.id IN (SELECT unnest(fees)) AND f.amount = 0 -- not one that was raised in this moment
    RETURNING f.patron, f.authority, f.kind, f.amount, f.raised_on
  )
  INSERT INTO lms.anonymous_fee
  SELECT s.stand_in, m.authority, m.kind, m.amount, m.raised_on
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();

  UPDATE lms.fee AS f
  SET loan = NULL
  WHERE f.patron = ANY (patrons) AND f.loan IN (SELECT unnest(loans));
  GET DIAGNOSTICS unlinked = ROW_COUNT;

  WITH moved AS (
    DELETE FROM lms.loan AS l
    WHERE l.patron = ANY (patrons) AND l.id IN (SELECT unnest(loans))
    RETURNING l.patron, l.item, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
  )
  INSERT INTO lms.anonymous_loan
  SELECT s.stand_in, m.item, m.authority, m.branch, m.lent_at, m.due_at, m.returned_at, m.renewals
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();

  WITH moved AS (
    DELETE FROM lms.hold AS h
    WHERE h.patron = ANY (patrons) AND h.id IN (SELECT unnest(holds))
    RETURNING h.patron, h.kind, h.item, h.authority, h.branch, h.placed_at, h.ready_at, h.closed_at, h.outcome -- a title is free text
  )
  INSERT INTO lms.anonymous_hold
  SELECT s.stand_in, m.kind, m.item, m.authority, m.branch, m.placed_at, m.ready_at, m.closed_at, m.outcome
  FROM moved AS m
  LEFT JOIN unnest(patrons, stand_ins) AS s(patron, stand_in) ON s.patron = m.patron -- nobody: refused, and nothing is lost
  ORDER BY random();
  RETURN unlinked;
END
$$;

-- Moves these fees of some patrons, and their payments, to where they lead to nobody. The amounts stay.
CREATE FUNCTION lms.settle_fees(patrons bigint[], fees bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.settled_fee (id, authority, kind, amount, raised_on)
  SELECT f.id, f.authority, f.kind, f.amount, f.raised_on
  FROM lms.fee AS f
  WHERE f.patron = ANY (patrons) AND f.id IN (SELECT unnest(fees))
  ORDER BY f.id;
  WITH settled AS (
    DELETE FROM lms.payment AS y
    WHERE y.patron = ANY (patrons) AND y.fee IN (SELECT unnest(fees))
    RETURNING y.*
  )
  INSERT INTO lms.settled_payment (id, fee, amount, paid_on, method, branch, taken_by)
  SELECT s.id, s.fee, s.amount, s.paid_on, s.method, s.branch, s.taken_by FROM settled AS s ORDER BY s.id;
  DELETE FROM lms.fee AS f
  WHERE f.patron = ANY (patrons) AND f.id IN (SELECT unnest(fees));
$$;
