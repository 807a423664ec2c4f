-- Doing what a plan says, for some of its patrons, after a last look at each. Who is left out has the reason on the plan.
-- Lists of patrons are in order: a plan can have a million people, and its rows are looked up between the first and the last.

CREATE FUNCTION desk.leave_out(p patronctl.plan_part, patrons bigint[], why text[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE patronctl.plan_item AS i
  SET left_out = why
  WHERE i.plan = p.plan AND i.part = p.part AND i.patron = ANY (patrons)
    AND i.patron BETWEEN patrons[1] AND patrons[cardinality(patrons)]
$$;

-- Leaves out those whom a request or a disclosure preserves, and returns the others.
CREATE FUNCTION desk.leave_out_preserved(p patronctl.plan_part, patrons bigint[]) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k    record;
  kept bigint[] := '{}';
BEGIN
  FOR k IN SELECT * FROM desk.preserved() AS o WHERE o.patron = ANY (patrons) LOOP
    PERFORM desk.leave_out(p, ARRAY[k.patron], k.reasons);
    kept := kept || k.patron;
  END LOOP;
  RETURN desk.without(patrons, kept);
END
$$;

-- Locks patrons for a batch; those whom somebody else holds get a second to come free and are left out then.
CREATE FUNCTION desk.lock_batch(p patronctl.plan_part, patrons bigint[], exclusively boolean) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  held bigint[];
BEGIN
  FOR attempt IN 1 .. 5 LOOP
    held := ARRAY(SELECT lms.lock_patrons(patrons, exclusively));
    EXIT WHEN cardinality(held) = cardinality(patrons);
    PERFORM pg_sleep(0.2);
  END LOOP;
  IF cardinality(held) < cardinality(patrons) THEN
    PERFORM desk.leave_out(p, desk.without(patrons, held), '{busy}');
  END IF;
  RETURN held;
END
$$;

CREATE FUNCTION desk.without(patrons bigint[], others bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT p FROM unnest(patrons) AS p EXCEPT SELECT o FROM unnest(others) AS o ORDER BY 1)
$$;

-- Does a batch at once; when a bad record stops it, one patron at a time, so that only those with bad records are left out.
-- Returns how many rows of which kind were dealt with.
CREATE FUNCTION desk.forget(p patronctl.plan_part, patrons bigint[]) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r      patronctl.rule := desk.rule_of(p);
  held   bigint[] := desk.lock_batch(p, patrons, r.action LIKE 'erase-%');
  counts jsonb := '{}';
  one    bigint;
BEGIN
  BEGIN
    RETURN desk.forget_some(p, r, held);
  EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR triggered_data_change_violation THEN
    NULL; -- whoever it was is found below
  END;
  FOREACH one IN ARRAY held LOOP
    BEGIN
      counts := desk.add_counts(counts, desk.forget_some(p, r, ARRAY[one]));
    EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR triggered_data_change_violation THEN
      PERFORM desk.leave_out(p, ARRAY[one], ARRAY['failed ' || SQLSTATE]);
    END;
  END LOOP;
  RETURN counts;
END
$$;

CREATE FUNCTION desk.forget_some(p patronctl.plan_part, r patronctl.rule, patrons bigint[]) RETURNS jsonb
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN r.action LIKE 'erase-%' THEN desk.erase_due(p, r, patrons)
    WHEN r.action = 'anonymize-history' THEN desk.anonymize_due(p, r, patrons)
    ELSE desk.unlink_due(p, patrons)
  END
$$;

-- Who is no longer due at all, such as an account that was renewed, is left out as changed.
CREATE FUNCTION desk.erase_due(p patronctl.plan_part, r patronctl.rule, patrons bigint[]) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  due bigint[];
BEGIN
  WITH today AS MATERIALIZED (
    SELECT * FROM desk.due_to_erase(r, p.authority, '{}', patrons)
  ), changed AS (
    UPDATE patronctl.plan_item AS i
    SET left_out = coalesce(t.reasons, '{changed}')
    FROM unnest(patrons) AS a(patron)
    LEFT JOIN today AS t ON t.patron = a.patron
    WHERE i.plan = p.plan AND i.part = p.part AND i.patron = a.patron
      AND i.patron BETWEEN patrons[1] AND patrons[cardinality(patrons)]
      AND (t.patron IS NULL OR t.reasons IS NOT NULL)
  )
  SELECT coalesce(array_agg(t.patron ORDER BY t.patron), '{}') INTO due
  FROM today AS t
  WHERE t.reasons IS NULL;
  PERFORM desk.erase(due, r.name);
  RETURN jsonb_build_object('people', cardinality(due));
END
$$;

-- Who has moved out of the area of a rule, or to another home.
CREATE FUNCTION desk.out_of_area(p patronctl.plan_part, r patronctl.rule, patrons bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT o.id FROM lms.patron AS o
    WHERE o.id = ANY (patrons)
      AND NOT (o.authority = p.authority AND desk.in_area(r, o.branch, o.category))
    ORDER BY o.id
  )
$$;

CREATE FUNCTION desk.anonymize_due(p patronctl.plan_part, r patronctl.rule, patrons bigint[]) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  zone      text := (SELECT a.time_zone FROM lms.authority AS a WHERE a.code = p.authority);
  today     date := patronctl.today(p.authority);
  old       record := desk.limits(r, p.authority, p.before);
  keep      timestamptz := CASE WHEN r.last_borrower_days > 0 THEN desk.begins(today - r.last_borrower_days, zone) ELSE 'infinity' END;
  strangers bigint[];
  keepers   bigint[];
  others    bigint[];
  going     bigint[];
  loans     bigint[];
  holds     bigint[];
  fees      bigint[];
  unlinked  integer;
BEGIN
  strangers := desk.out_of_area(p, r, patrons);
  PERFORM desk.leave_out(p, strangers, '{changed}');
  others := desk.leave_out_preserved(p, desk.without(patrons, strangers));
  keepers := ARRAY(
    SELECT o.id FROM lms.patron AS o
    WHERE o.id = ANY (others) AND o.keeps_history AND 'keeps-history' <> ALL (r.despite)
    ORDER BY o.id
  );
  PERFORM desk.leave_out(p, keepers, '{keeps_history}');
  others := desk.without(others, keepers);
  SELECT
    coalesce(array_agg(DISTINCT m.patron), '{}'),
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'loan'), '{}'),
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'hold'), '{}'),
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'fee'), '{}')
  INTO going, loans, holds, fees
  FROM lms.movable_history(others, old.moment, old.of_fees, FALSE, keep) AS m
  WHERE m.stays IS NULL;
  others := desk.without(others, going);
  UPDATE patronctl.plan_item AS i
  SET left_out = coalesce((
    SELECT array_agg(DISTINCT m.stays ORDER BY m.stays)
    FROM lms.movable_history(ARRAY[i.patron], old.moment, old.of_fees, FALSE, keep) AS m
  ), '{changed}')
  WHERE i.plan = p.plan AND i.part = p.part AND i.patron = ANY (others)
    AND i.patron BETWEEN others[1] AND others[cardinality(others)];
  IF going = '{}' THEN
    RETURN '{}';
  END IF;
  PERFORM desk.forget_sources(going, loans, holds, fees);
  unlinked := lms.move_history(going, desk.stand_ins(going, r.generalize_to), loans, holds, fees);
  RETURN jsonb_build_object('loans', cardinality(loans), 'holds', cardinality(holds), 'zero_fees', cardinality(fees),
    'fees_unlinked', unlinked);
END
$$;

-- Who stands in for patrons of one authority, each at the same place; with generalize_to, groups are widened until so many
-- people fit.
CREATE FUNCTION desk.stand_ins(patrons bigint[], generalize_to integer) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  branches   text[];
  categories text[];
  years      smallint[];
  home       text;
BEGIN
  IF generalize_to IS NULL THEN
    SELECT min(o.authority), array_agg(o.branch ORDER BY o.id), array_agg(o.category ORDER BY o.id), array_agg(o.birth_year ORDER BY o.id)
    INTO home, branches, categories, years
    FROM lms.patron AS o
    WHERE o.id = ANY (patrons);
  ELSE
    SELECT min(g.wide ->> 'authority'), array_agg(g.wide ->> 'branch' ORDER BY o.id), array_agg(g.wide ->> 'category' ORDER BY o.id),
      array_agg((g.wide ->> 'birth_year')::smallint ORDER BY o.id)
    INTO home, branches, categories, years
    FROM lms.patron AS o,
      LATERAL desk.group_of(o, TRUE, generalize_to) AS g(wide)
    WHERE o.id = ANY (patrons);
  END IF;
  RETURN lms.stand_ins(home, branches, categories, years);
END
$$;

CREATE FUNCTION desk.unlink_due(p patronctl.plan_part, patrons bigint[]) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fees  bigint[];
  whose bigint[];
BEGIN
  patrons := desk.leave_out_preserved(p, patrons);
  SELECT coalesce(array_agg(s.fee), '{}'), coalesce(array_agg(DISTINCT s.patron), '{}') INTO fees, whose
  FROM desk.settled_fees(p.authority, p.before, patrons) AS s;
  PERFORM desk.leave_out(p, desk.without(patrons, whose), '{changed}');
  PERFORM desk.forget_accounts(whose, fees);
  PERFORM lms.settle_fees(whose, fees);
  RETURN jsonb_build_object('fees', cardinality(fees));
END
$$;

-- Fees that are about to lead to nobody keep only "seen" in the memory of imports, and so do their payments.
CREATE FUNCTION desk.forget_accounts(patrons bigint[], fees bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE patronctl.imported_fee SET id = NULL WHERE id = ANY (fees);
  UPDATE patronctl.imported_payment SET id = NULL
  WHERE id IN (SELECT y.id FROM lms.payment AS y WHERE y.patron = ANY (patrons) AND y.fee IN (SELECT unnest(fees)));
$$;
