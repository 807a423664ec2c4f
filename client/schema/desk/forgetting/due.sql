-- Whom a rule is about today: who is due, and of those who must stay, why. The same functions make a plan and look again
-- just before it is done. Reasons are a word, or a word and the authority it is about: 'loans KEN'.

-- What forbids to erase: what is out, reserved, ordered, owed (either way) or still valid, at any authority, and what preserves
-- the account but for the request that it is done for. An authority can waive what is owed to itself.
CREATE FUNCTION desk.obstacles(patrons bigint[], waived text[], waived_by text, done_for bigint DEFAULT NULL)
RETURNS TABLE (patron bigint, reason text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH day AS MATERIALIZED (
    SELECT a.code, patronctl.today(a.code) AS today FROM lms.authority AS a
  ), obstacle AS (
    SELECT l.patron, 'loans' AS what, l.authority
    FROM lms.loan AS l
    WHERE l.patron = ANY (patrons) AND l.returned_at IS NULL
    UNION
    SELECT h.patron, h.kind || 's', h.authority
    FROM lms.hold AS h
    WHERE h.patron = ANY (patrons) AND h.closed_at IS NULL
    UNION ALL
    SELECT b.patron, CASE WHEN b.outstanding > 0 THEN 'fees' ELSE 'credit' END, b.authority
    FROM desk.balances(patrons) AS b
    WHERE b.outstanding <> 0
    UNION
    SELECT m.patron, 'memberships', m.authority
    FROM lms.membership AS m
    JOIN day AS d ON d.code = m.authority
    WHERE m.patron = ANY (patrons)
      AND (m.expires_on IS NULL OR m.expires_on >= d.today)
    UNION
    SELECT p.id, 'memberships', p.authority
    FROM lms.patron AS p
    JOIN day AS d ON d.code = p.authority
    WHERE p.id = ANY (patrons) AND p.status = 'active' AND p.expires_on >= d.today
  )
  SELECT o.patron, o.what || ' ' || o.authority
  FROM obstacle AS o
  WHERE o.authority IS DISTINCT FROM waived_by
     OR CASE o.what WHEN 'credit' THEN 'fees' ELSE o.what END <> ALL (waived)
  UNION ALL
  SELECT DISTINCT k.patron, k.reason
  FROM desk.preserving(done_for) AS k
  WHERE k.patron IN (SELECT u FROM unnest(patrons) AS u)
$$;

-- Whether a patron of a branch and category is in the area of a rule.
CREATE FUNCTION desk.in_area(r patronctl.rule, branch text, category text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN (r.branches = '{}' OR branch = ANY (r.branches))
  AND branch <> ALL (r.except_branches)
  AND (r.categories = '{}' OR category = ANY (r.categories));

-- How closely a rule names its area: the rule that names a branch beats the general one.
CREATE FUNCTION desk.closeness(r patronctl.rule) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN r.branches <> '{}' THEN 4 ELSE 0 END
  + CASE WHEN r.categories <> '{}' THEN 2 ELSE 0 END
  + CASE WHEN r.authority IS NOT NULL THEN 1 ELSE 0 END;

-- The rule that a patron is left to.
CREATE FUNCTION desk.closer_rule(r patronctl.rule, others patronctl.rule[], branch text, category text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN others <> '{}' THEN (
  SELECT o.name
  FROM unnest(others) AS o
  WHERE desk.closeness(o) > desk.closeness(r)
    AND desk.in_area(o, branch, category)
  ORDER BY desk.closeness(o) DESC, o.name
  LIMIT 1
) END;

-- Whom a rule would erase at an authority, with the reasons why not. `among` looks at some patrons only.
CREATE FUNCTION desk.due_to_erase(r patronctl.rule, authority text, others patronctl.rule[], among bigint[])
RETURNS TABLE (patron bigint, branch text, reasons text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  today  date := patronctl.today(authority);
  months interval := make_interval(months => desk.setting('reactivation_months', authority)::integer);
  due    bigint[];
BEGIN
  due := ARRAY(
    SELECT p.id
    FROM lms.patron AS p,
      LATERAL (SELECT coalesce(CASE r.counted_from WHEN 'last-fee' THEN p.last_fee_on WHEN 'deleted' THEN p.deleted_on END,
        p.expires_on)) AS d(counted)
    WHERE p.authority = due_to_erase.authority
      AND (among IS NULL OR p.id = ANY (among))
      AND p.status = CASE r.action WHEN 'erase-deleted' THEN 'deleted' ELSE 'active' END
      AND desk.in_area(r, p.branch, p.category)
      AND CASE WHEN d.counted <= today THEN (d.counted + r.age)::date <= today ELSE d.counted IS NULL END -- a day far off overflows
  );
  RETURN QUERY
    WITH person AS (
      SELECT p.* FROM lms.patron AS p WHERE p.id = ANY (due)
    ), why AS (
      SELECT o.patron, o.reason FROM desk.obstacles(due, r.despite, due_to_erase.authority) AS o
      UNION ALL
      SELECT p.id, 'rule ' || o.rule
      FROM person AS p, desk.closer_rule(r, others, p.branch, p.category) AS o(rule)
      WHERE others <> '{}' AND o.rule IS NOT NULL
      UNION ALL
      SELECT p.id, 'protected' FROM person AS p WHERE p.protected
      UNION ALL
      SELECT p.id, 'no_date'
      FROM person AS p
      WHERE coalesce(CASE r.counted_from WHEN 'last-fee' THEN p.last_fee_on WHEN 'deleted' THEN p.deleted_on END, p.expires_on) IS NULL
      UNION ALL
      SELECT p.id, 'reactivation'
      FROM person AS p
      WHERE r.action = 'erase-lapsed' AND CASE WHEN p.expires_on < today THEN (p.expires_on + months)::date > today END
      UNION
      SELECT w.guardian_patron, 'guardian'
      FROM lms.patron AS w
      WHERE r.action = 'erase-lapsed' AND w.guardian_patron = ANY (due) AND w.status = 'active'
    )
    SELECT p.id, p.branch, nullif(array_agg(y.reason ORDER BY y.reason), '{NULL}')
    FROM person AS p
    LEFT JOIN why AS y ON y.patron = p.id
    GROUP BY p.id, p.branch;
END
$$;

-- The moment before which loans and holds are old enough, and the day for fees. Today, given as a date, is everything
-- returned so far.
CREATE FUNCTION desk.limits(r patronctl.rule, authority text, before date, OUT moment timestamptz, OUT of_fees date)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT
    CASE WHEN r.name IS NULL AND before >= patronctl.today(a.code) THEN 'infinity' ELSE desk.begins(before, a.time_zone) END,
    CASE WHEN r.name IS NULL AND before >= patronctl.today(a.code) THEN 'infinity' ELSE before END
  FROM lms.authority AS a
  WHERE a.code = limits.authority
$$;

-- Whose history of an authority is older than a day, with the reason why all of it must stay. Person by person, each by a
-- few looks into indexes: of an authority's people there are fewer than of everybody's loans.
CREATE FUNCTION desk.due_to_anonymize(r patronctl.rule, authority text, before date, others patronctl.rule[])
RETURNS TABLE (patron bigint, branch text, reasons text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  old record := desk.limits(r, authority, before);
BEGIN
  RETURN QUERY
    SELECT p.id, p.branch, nullif(array_remove(ARRAY[
        CASE WHEN others <> '{}' THEN 'rule ' || desk.closer_rule(r, others, p.branch, p.category) END,
        CASE WHEN p.keeps_history AND 'keeps-history' <> ALL (r.despite) THEN 'keeps_history' END,
        CASE WHEN NOT m.movable THEN 'unpaid_fee' END
      ] || k.reasons, NULL), '{}')
    FROM lms.patron AS p
    LEFT JOIN desk.preserved() AS k ON k.patron = p.id,
      LATERAL (
        SELECT EXISTS (
          SELECT FROM lms.loan AS l
          WHERE l.patron = p.id
            AND l.returned_at < old.moment
            AND NOT EXISTS (
              SELECT FROM lms.fee AS f
              WHERE (f.patron, f.loan) = (l.patron, l.id)
                AND f.amount > (SELECT coalesce(sum(y.amount), 0) FROM lms.payment AS y WHERE (y.patron, y.fee) = (f.patron, f.id))
            )
        ) OR EXISTS (
          SELECT FROM lms.hold AS h WHERE h.patron = p.id AND h.closed_at < old.moment
        ) OR EXISTS (
          SELECT FROM lms.fee AS f
          WHERE f.patron = p.id
            AND f.amount = 0
            AND f.raised_on < old.of_fees
            AND NOT EXISTS (SELECT FROM lms.payment AS y WHERE (y.patron, y.fee) = (f.patron, f.id) AND y.amount <> 0)
        ) AS movable
        OFFSET 0 -- once
      ) AS m
    WHERE p.authority = due_to_anonymize.authority
      AND desk.in_area(r, p.branch, p.category)
      AND (m.movable OR EXISTS (SELECT FROM lms.loan AS l WHERE l.patron = p.id AND l.returned_at < old.moment));
END
$$;

-- The fees of an authority that were settled before a day, by their last payment: its accounting has no use for the person.
CREATE FUNCTION desk.settled_fees(authority text, before date, among bigint[]) RETURNS TABLE (fee bigint, patron bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  RETURN QUERY
    SELECT f.id, f.patron
    FROM lms.fee AS f
    JOIN lms.payment AS y ON (y.patron, y.fee) = (f.patron, f.id)
    WHERE f.authority = settled_fees.authority
      AND (among IS NULL OR f.patron = ANY (among))
      AND f.raised_on < before
    GROUP BY f.id, f.patron, f.amount
    HAVING sum(y.amount) = f.amount AND bool_and(coalesce(y.paid_on < before, FALSE)); -- a day that is not known is not over
END
$$;

CREATE FUNCTION desk.due_to_unlink(r patronctl.rule, authority text, before date, others patronctl.rule[])
RETURNS TABLE (patron bigint, branch text, reasons text[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p.id, p.branch, nullif(array_remove(ARRAY['rule ' || o.rule] || k.reasons, NULL), '{}')
  FROM (SELECT DISTINCT s.patron FROM desk.settled_fees(authority, before, NULL) AS s) AS f
  JOIN lms.patron AS p ON p.id = f.patron
  LEFT JOIN desk.preserved() AS k ON k.patron = p.id,
    LATERAL desk.closer_rule(r, others, p.branch, p.category) AS o(rule)
  WHERE desk.in_area(r, p.branch, p.category)
$$;
