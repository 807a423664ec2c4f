-- A patron's history: showing it, and making it anonymous for good.

CREATE FUNCTION desk.show_history(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'show_history');
BEGIN
  RETURN jsonb_build_object('patron', a.patrons[1], 'past', (
    SELECT coalesce(jsonb_agg(to_jsonb(h) - 'since' ORDER BY h.since DESC NULLS LAST, h.kind, h.id), '[]')
    FROM (
      SELECT 'loan' AS kind, l.id, l.authority, l.branch, t.barcode, t.title, to_jsonb(l.lent_at) #>> '{}' AS "from",
        to_jsonb(l.returned_at) #>> '{}' AS until,
        CASE l.renewals WHEN 0 THEN '' WHEN 1 THEN '1 renewal' ELSE format('%s renewals', l.renewals) END AS detail, l.lent_at AS since
      FROM lms.loan AS l JOIN lms.item AS t ON t.id = l.item
      WHERE l.patron = a.patrons[1]
      UNION ALL
      SELECT 'hold', h.id, h.authority, coalesce(h.branch, ''), coalesce(t.barcode, ''), coalesce(t.title, h.title, ''),
        to_jsonb(h.placed_at) #>> '{}',
        to_jsonb(h.closed_at) #>> '{}',
        concat_ws(' ', h.kind, coalesce(h.outcome, CASE WHEN h.ready_at IS NOT NULL THEN 'ready' END)),
        h.placed_at
      FROM lms.hold AS h LEFT JOIN lms.item AS t ON t.id = h.item
      WHERE h.patron = a.patrons[1]
      UNION ALL
      SELECT 'fee', f.id, f.authority, '', '', '', to_jsonb(f.raised_on) #>> '{}', NULL,
        concat_ws(' ', f.kind, f.amount, c.currency), f.raised_on
      FROM lms.fee AS f JOIN lms.authority AS c ON c.code = f.authority
      WHERE f.patron = a.patrons[1]
    ) AS h
  ));
END
$$;

-- The moment a day begins somewhere. Where clocks go back at midnight it begins with the first of the two.
CREATE FUNCTION desk.begins(day date, zone text) RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN ((midnight - interval '1 hour') AT TIME ZONE zone)::date = day THEN midnight - interval '1 hour'
    ELSE midnight
  END
  FROM (SELECT day::timestamp AT TIME ZONE zone) AS m(midnight)
$$;

-- The day that a history is anonymized before: 'infinity' is today. Refuses the future, and what the authority keeps.
CREATE FUNCTION desk.cutoff(asked date, authority text) RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  today  date := patronctl.today(authority);
  keep   integer := desk.setting('history_keep_days', authority)::integer;
  latest text := to_char(today - keep, 'YYYY-MM-DD');
  day    date := CASE WHEN asked = 'infinity' THEN today ELSE asked END;
BEGIN
  IF day > today THEN
    PERFORM desk.fail('LB400', 'that day is in the future; the latest allowed is {day}',
      params => jsonb_build_object('day', latest));
  ELSIF day > today - keep THEN
    PERFORM desk.fail('LB400', '{authority} keeps history for {days} days; the latest day allowed is {day}',
      params => jsonb_build_object('authority', authority, 'days', keep, 'day', latest));
  END IF;
  RETURN day;
END
$$;

-- How many people fit an anonymous group: living accounts of the authority and category, of one branch or any, of one birth
-- year or any.
CREATE FUNCTION desk.people_behind(p lms.patron, any_branch boolean, any_year boolean) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)
  FROM lms.patron AS o
  WHERE o.authority = p.authority
    AND o.category = p.category
    AND o.status = 'active'
    AND (any_year OR o.birth_year IS NOT DISTINCT FROM p.birth_year)
    AND (any_branch OR o.branch = p.branch)
$$;

-- The group that stands for a patron; generalizing gives up the birth year, then the branch, until k people fit it.
CREATE FUNCTION desk.group_of(p lms.patron, generalize boolean, k integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  people     bigint := desk.people_behind(p, FALSE, FALSE);
  any_year   boolean := generalize AND people < k;
  any_branch boolean := FALSE;
BEGIN
  IF any_year THEN
    people := desk.people_behind(p, FALSE, TRUE);
    any_branch := people < k;
  END IF;
  IF any_branch THEN
    people := desk.people_behind(p, TRUE, TRUE);
  END IF;
  RETURN jsonb_build_object(
    'authority', p.authority, 'branch', CASE WHEN NOT any_branch THEN p.branch END, 'category', p.category,
    'birth_year', CASE WHEN NOT any_year THEN p.birth_year END, 'people', people);
END
$$;

-- Anonymizes the history of one patron before a day of the home authority; 'infinity' or today's date covers everything
-- returned so far, which is what readers ask for. A dry run takes the same way and leaves out the moving. One call, one
-- transaction: it happened, or it did not.
CREATE FUNCTION desk.anonymize_history(access bigint, before date, include_owing boolean, generalize boolean, dry_run boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a        patronctl.access := desk.use_access(access, 'anonymize_history', NOT dry_run);
  p        lms.patron;
  day      date;
  moment   timestamptz := 'infinity';
  of_fees  date := 'infinity';
  people   jsonb;
  k        integer;
  loans    bigint[];
  holds    bigint[];
  fees     bigint[];
  skipped  jsonb;
  unlinked integer := 0;
  counts   jsonb;
BEGIN
  IF num_nulls(before, include_owing, generalize, dry_run) > 0 THEN -- an unknown dry_run is neither
    PERFORM desk.fail('LB400', 'before, include_owing, generalize and dry_run must be given');
  ELSIF NOT dry_run THEN
    PERFORM lms.lock_patron(a.patrons[1]);
    PERFORM desk.refuse_erased(a.patrons[1]); -- while this waited for the lock
  END IF;
  PERFORM desk.require_history_free(a.patrons[1]);
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  day := desk.cutoff(before, p.authority);
  IF day < patronctl.today(p.authority) THEN
    moment := desk.begins(day, (SELECT h.time_zone FROM lms.authority AS h WHERE h.code = p.authority));
    of_fees := day;
  END IF;
  WITH movable AS MATERIALIZED (
    SELECT * FROM lms.movable_history(ARRAY[p.id], moment, of_fees, include_owing, 'infinity')
  ), stays AS (
    SELECT m.stays AS reason, count(*) FROM movable AS m WHERE m.stays IS NOT NULL GROUP BY m.stays
  )
  SELECT
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'loan' AND m.stays IS NULL), '{}'),
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'hold' AND m.stays IS NULL), '{}'),
    coalesce(array_agg(m.id) FILTER (WHERE m.kind = 'fee' AND m.stays IS NULL), '{}'),
    (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.reason), '[]') FROM stays AS s)
  INTO loans, holds, fees, skipped
  FROM movable AS m;
  k := desk.setting('k', p.authority)::integer;
  people := desk.group_of(p, generalize, k);

  IF dry_run THEN
    SELECT count(*) INTO unlinked
    FROM lms.fee AS f
    WHERE f.patron = p.id AND f.loan = ANY (loans) AND f.id <> ALL (fees);
  ELSIF loans <> '{}' OR holds <> '{}' OR fees <> '{}' THEN
    PERFORM desk.forget_sources(ARRAY[p.id], loans, holds, fees);
    unlinked := lms.move_history(ARRAY[p.id],
      lms.stand_ins(p.authority, ARRAY[people ->> 'branch'], ARRAY[people ->> 'category'], ARRAY[(people ->> 'birth_year')::smallint]),
      loans, holds, fees);
  END IF;
  counts := jsonb_build_object(
    'before', day, 'loans', cardinality(loans), 'holds', cardinality(holds), 'zero_fees', cardinality(fees),
    'fees_unlinked', unlinked, 'skipped', skipped);
  IF NOT dry_run THEN
    PERFORM desk.record_result(a.id, counts);
  END IF;
  RETURN counts || jsonb_build_object(
    'patron', p.id, 'dry_run', dry_run, 'group', people, 'k', k, 'below_k', (people ->> 'people')::bigint < k, 'access', a.id,
    'name', CASE WHEN dry_run THEN desk.full_name(p) END);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the history could not be moved', SQLSTATE);
END
$$;

-- Rows that are about to move keep only "seen" in the memory of imports.
CREATE FUNCTION desk.forget_sources(patrons bigint[], loans bigint[], holds bigint[], fees bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM patronctl.imported_loan WHERE id = ANY (loans) RETURNING source
  )
  INSERT INTO patronctl.seen_loan SELECT g.source FROM gone AS g ORDER BY g.source;
  UPDATE patronctl.imported_hold SET id = NULL WHERE id = ANY (holds);
  SELECT desk.forget_accounts(patrons, fees);
$$;
