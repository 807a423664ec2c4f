-- A patron's history: showing it, and making it anonymous for good.

CREATE FUNCTION desk.show_history(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'history show');
BEGIN
  RETURN jsonb_build_object('patron', a.patrons[1], 'past', (
    SELECT coalesce(jsonb_agg(to_jsonb(h) - 'since' ORDER BY h.since DESC, h.kind, h.id), '[]')
    FROM (
      SELECT 'loan' AS kind, l.id, l.authority, l.branch, t.barcode, t.title, to_jsonb(l.lent_at) #>> '{}' AS "from",
        to_jsonb(l.returned_at) #>> '{}' AS until, CASE WHEN l.renewals > 0 THEN format('%s renewals', l.renewals) ELSE '' END AS detail, l.lent_at AS since
      FROM lms.loan AS l JOIN lms.item AS t ON t.id = l.item
      WHERE l.patron = a.patrons[1]
      UNION ALL
      SELECT 'hold', h.id, h.authority, '', coalesce(t.barcode, ''), coalesce(t.title, ''), to_jsonb(h.placed_at) #>> '{}',
        to_jsonb(h.closed_at) #>> '{}', concat_ws(' ', h.kind, h.outcome), h.placed_at
      FROM lms.hold AS h LEFT JOIN lms.item AS t ON t.id = h.item
      WHERE h.patron = a.patrons[1]
      UNION ALL
      SELECT 'fee', f.id, f.authority, '', '', '', f.raised_on::text, NULL, concat_ws(' ', f.kind, f.amount), f.raised_on
      FROM lms.fee AS f
      WHERE f.patron = a.patrons[1]
    ) AS h
  ));
END
$$;

-- How many people of an authority fit a group; NULL stands for any branch or birth year.
CREATE FUNCTION desk.people_behind(authority text, branch text, category text, birth_year integer, any_branch boolean, any_year boolean) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)
  FROM lms.patron AS p
  WHERE p.authority = people_behind.authority
    AND p.category = people_behind.category
    AND p.status <> 'erased'
    AND (any_year OR p.birth_year IS NOT DISTINCT FROM people_behind.birth_year)
    AND (any_branch OR p.branch = people_behind.branch)
$$;

-- Anonymizes the history of one patron before a day of the home authority; NULL or today's date covers everything
-- returned so far. A dry run takes the same way and leaves out the moving. One call, one transaction: it happened, or
-- it did not.
CREATE FUNCTION desk.anonymize_history(access bigint, before date, include_owing boolean, generalize boolean, dry_run boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a          patronctl.access := desk.use_access(access, 'history anonymize', NOT dry_run);
  p          lms.patron;
  zone       text;
  today      date;
  latest     date;
  day        date;
  moment     timestamptz;
  any_year   boolean := FALSE;
  any_branch boolean := FALSE;
  k          integer;
  people     bigint;
  loans      bigint[];
  holds      bigint[];
  fees       bigint[];
  skipped    jsonb;
  unlinked   integer;
  counts     jsonb;
BEGIN
  IF NOT dry_run THEN
    PERFORM lms.lock_patron(a.patrons[1]);
  END IF;
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  SELECT h.time_zone INTO STRICT zone FROM lms.authority AS h WHERE h.code = p.authority;
  today := patronctl.today(p.authority);
  latest := today - desk.setting('history_keep_days', p.authority)::integer;
  day := coalesce(anonymize_history.before, today);
  IF day > today THEN
    RAISE EXCEPTION 'that day is in the future; the latest allowed is %', latest USING ERRCODE = 'LB400';
  ELSIF day > latest THEN
    RAISE EXCEPTION '% keeps history for % days; the latest day allowed is %', p.authority, today - latest, latest
      USING ERRCODE = 'LB400';
  END IF;
  -- Today is the exception that readers ask for: everything returned so far.
  IF day = today THEN
    moment := 'infinity';
  ELSE
    moment := day::timestamp AT TIME ZONE zone;
    -- Where clocks go back at midnight a day has two; it begins with the first.
    IF ((moment - interval '1 hour') AT TIME ZONE zone)::date = day THEN
      moment := moment - interval '1 hour';
    END IF;
  END IF;

  SELECT
    coalesce(array_agg(h.id) FILTER (WHERE h.kind = 'loan' AND h.stays IS NULL), '{}'),
    coalesce(array_agg(h.id) FILTER (WHERE h.kind = 'hold' AND h.stays IS NULL), '{}'),
    coalesce(array_agg(h.id) FILTER (WHERE h.kind = 'fee' AND h.stays IS NULL), '{}'),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('reason', s.stays, 'count', s.count) ORDER BY s.stays), '[]')
     FROM (
       SELECT h2.stays, count(*)
       FROM lms.movable_history(p.id, moment, CASE WHEN day = today THEN 'infinity' ELSE day END, include_owing) AS h2
       WHERE h2.stays IS NOT NULL
       GROUP BY h2.stays
     ) AS s)
  INTO loans, holds, fees, skipped
  FROM lms.movable_history(p.id, moment, CASE WHEN day = today THEN 'infinity' ELSE day END, include_owing) AS h;

  k := desk.setting('k', p.authority)::integer;
  people := desk.people_behind(p.authority, p.branch, p.category, p.birth_year, FALSE, FALSE);
  IF generalize AND people < k THEN
    any_year := TRUE;
    people := desk.people_behind(p.authority, p.branch, p.category, NULL, FALSE, TRUE);
    IF people < k THEN
      any_branch := TRUE;
      people := desk.people_behind(p.authority, NULL, p.category, NULL, TRUE, TRUE);
    END IF;
  END IF;

  IF dry_run THEN
    SELECT count(*) INTO unlinked FROM lms.fee AS f WHERE f.loan = ANY (loans) AND f.id <> ALL (fees);
  ELSE
    unlinked := 0;
    IF loans <> '{}' OR holds <> '{}' OR fees <> '{}' THEN
      unlinked := lms.move_history(p.id, loans, holds, fees,
        p.authority, CASE WHEN NOT any_branch THEN p.branch END, p.category, CASE WHEN NOT any_year THEN p.birth_year END);
    END IF;
    PERFORM desk.forget_sources(loans, holds, fees);
  END IF;

  counts := jsonb_build_object(
    'before', day, 'loans', cardinality(loans), 'holds', cardinality(holds), 'zero_fees', cardinality(fees),
    'fees_unlinked', unlinked, 'skipped', skipped);
  IF NOT dry_run THEN
    PERFORM desk.record_result(a.id, counts);
  END IF;
  RETURN counts || jsonb_build_object(
    'patron', p.id, 'dry_run', dry_run,
    'group', jsonb_build_object(
      'authority', p.authority,
      'branch', CASE WHEN NOT any_branch THEN p.branch END,
      'category', p.category,
      'birth_year', CASE WHEN NOT any_year THEN p.birth_year END,
      'people', people),
    'k', k, 'below_k', people < k, 'access', a.id,
    'name', CASE WHEN dry_run THEN (
      SELECT concat_ws(' ', i.forenames, i.surname) FROM lms.identity AS i WHERE i.patron = p.id AND i.authority = p.authority
    ) END);
EXCEPTION WHEN integrity_constraint_violation THEN
  RAISE EXCEPTION 'the history could not be moved: %', SQLSTATE USING ERRCODE = 'LB409', HINT = 'run patronctl db status';
END
$$;

-- Moved rows keep only "seen" in the memory of imports.
CREATE FUNCTION desk.forget_sources(loans bigint[], holds bigint[], fees bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE patronctl.imported_loan SET id = NULL WHERE id = ANY (loans);
  UPDATE patronctl.imported_hold SET id = NULL WHERE id = ANY (holds);
  UPDATE patronctl.imported_fee SET id = NULL WHERE id = ANY (fees);
$$;
