-- One verdict for every screen: clear, warn or refuse, with named reasons.

-- The authority that a payment is made to: that of its fee; of a payment on account that of its branch, else the home.
CREATE FUNCTION desk.paid_to(y lms.payment) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(
    (SELECT f.authority FROM lms.fee AS f WHERE (f.patron, f.id) = (y.patron, y.fee)),
    (SELECT b.authority FROM lms.branch AS b WHERE b.code = y.branch),
    (SELECT p.authority FROM lms.patron AS p WHERE p.id = y.patron)
  )
$$;

-- What patrons owe to each authority: fees less payments, live. Credits are negative and offset nothing elsewhere.
CREATE FUNCTION desk.balances(patrons bigint[]) RETURNS TABLE (patron bigint, authority text, outstanding numeric, oldest_on date)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH paid AS (
    SELECT y.fee, sum(y.amount) AS amount -- whoever paid it
    FROM lms.payment AS y
    WHERE y.patron = ANY (patrons)
    GROUP BY y.fee
  ), entry AS (
    SELECT f.patron, f.authority, f.amount - coalesce(p.amount, 0) AS outstanding, f.raised_on
    FROM lms.fee AS f
    LEFT JOIN paid AS p ON p.fee = f.id
    WHERE f.patron = ANY (patrons)
    UNION ALL
    SELECT y.patron, desk.paid_to(y), -y.amount, NULL
    FROM lms.payment AS y
    WHERE y.patron = ANY (patrons) AND y.fee IS NULL
  )
  SELECT e.patron, e.authority, sum(e.outstanding), min(e.raised_on) FILTER (WHERE e.outstanding > 0)
  FROM entry AS e
  GROUP BY e.patron, e.authority
$$;

-- The same with the items overdue there. Amounts are text with two decimals, as every answer writes them.
CREATE FUNCTION desk.debts(patrons bigint[])
RETURNS TABLE (patron bigint, authority text, currency text, outstanding text, oldest_on date, overdue_items bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH overdue AS (
    SELECT l.patron, l.authority, count(*) AS items
    FROM lms.loan AS l
    WHERE l.patron = ANY (patrons)
      AND l.returned_at IS NULL
      AND l.due_at < (SELECT patronctl.clock())
    GROUP BY l.patron, l.authority
  )
  SELECT patron, authority, a.currency, coalesce(b.outstanding, 0)::numeric(12, 2)::text, b.oldest_on, coalesce(o.items, 0)
  FROM desk.balances(patrons) AS b
  FULL JOIN overdue AS o USING (patron, authority)
  JOIN lms.authority AS a ON a.code = authority
  WHERE b.outstanding <> 0
     OR o.items > 0
$$;

-- The same as the JSON list that every answer carries.
CREATE FUNCTION desk.debts_json(patron bigint) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(to_jsonb(d) - 'patron' ORDER BY d.authority), '[]')
  FROM desk.debts(ARRAY[debts_json.patron]) AS d
$$;

-- The patrons at some places of an access.
CREATE FUNCTION desk.at_places(patrons bigint[], places integer[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT patrons[place] FROM unnest(places) AS place)
$$;

-- The verdict, with the debts behind it, at a desk of an authority (for staff of the whole consortium: at the patron's
-- home), whose limits count.
-- with_lost_card are the patrons who were named by a card that is reported lost.
CREATE FUNCTION desk.verdicts(patrons bigint[], at_authority text, with_lost_card bigint[])
RETURNS TABLE (patron bigint, verdict text, reasons text[], debts jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH subject AS (
    SELECT p.id, p.status, p.expires_on, p.authority AS home, coalesce(at_authority, p.authority) AS desk
    FROM lms.patron AS p
    WHERE p.id = ANY (patrons)
  ), day AS (
    SELECT a.code, a.currency, patronctl.today(a.code) AS today FROM lms.authority AS a
  ), bounds AS (
    SELECT d.desk,
      desk.setting('debt_limit_own', d.desk)::numeric AS own,
      desk.setting('debt_limit_others', d.desk) AS others
    FROM (SELECT DISTINCT s.desk FROM subject AS s) AS d
  ), bound AS (
    SELECT b.desk, split_part(part, '=', 1) AS currency, split_part(part, '=', 2)::numeric AS amount
    FROM bounds AS b, unnest(string_to_array(nullif(b.others, ''), ',')) AS part
  ), debt AS MATERIALIZED (
    SELECT d.* FROM desk.debts(patrons) AS d
  ), owed AS (
    SELECT d.patron, s.desk, d.authority = s.desk AS own, d.currency,
      sum(greatest(d.outstanding::numeric, 0)) AS amount, sum(d.overdue_items) AS overdue
    FROM debt AS d
    JOIN subject AS s ON s.id = d.patron
    GROUP BY 1, 2, 3, 4
  ), ground AS (
    SELECT s.id, 'deleted' AS reason, TRUE AS refuse FROM subject AS s WHERE s.status <> 'active'
    UNION ALL
    SELECT s.id, 'expired', TRUE
    FROM subject AS s
    JOIN day AS h ON h.code = s.home
    WHERE s.expires_on < h.today
      AND NOT EXISTS (
        SELECT FROM lms.membership AS m
        JOIN day AS d ON d.code = m.authority
        WHERE m.patron = s.id
          AND m.authority IN (s.home, s.desk)
          AND (m.expires_on IS NULL OR m.expires_on >= d.today)
      )
    UNION ALL
    SELECT s.id, 'card_lost', TRUE
    FROM subject AS s
    WHERE s.id = ANY (with_lost_card)
       OR (EXISTS (SELECT FROM lms.card AS c WHERE c.patron = s.id AND c.status = 'lost')
           AND NOT EXISTS (SELECT FROM lms.card AS c WHERE c.patron = s.id AND c.status = 'active'))
    UNION ALL
    SELECT DISTINCT b.patron, CASE b.level WHEN 'refuse' THEN 'blocked' ELSE 'warning' END, b.level = 'refuse'
    FROM lms.block AS b
    JOIN day AS d ON d.code = b.authority
    WHERE b.patron = ANY (patrons)
      AND (b.lifted_on IS NULL OR b.lifted_on > d.today)
    UNION ALL
    SELECT o.patron, 'overdue', FALSE FROM owed AS o GROUP BY o.patron HAVING sum(o.overdue) > 0
    UNION ALL
    SELECT o.patron, 'debt_own', TRUE FROM owed AS o JOIN bounds AS b USING (desk) WHERE o.own AND o.amount > b.own
    UNION ALL
    SELECT DISTINCT o.patron, CASE WHEN b.amount IS NULL THEN 'debt_no_limit' ELSE 'debt_others' END, b.amount IS NOT NULL
    FROM owed AS o
    LEFT JOIN bound AS b USING (desk, currency)
    WHERE NOT o.own
      AND o.amount > coalesce(b.amount, 0)
  )
  SELECT s.id,
    CASE WHEN bool_or(g.refuse) THEN 'refuse' WHEN count(g.reason) > 0 THEN 'warn' ELSE 'clear' END,
    coalesce(array_agg(g.reason ORDER BY g.refuse DESC, g.reason) FILTER (WHERE g.reason IS NOT NULL), '{}'),
    coalesce(o.list, '[]')
  FROM subject AS s
  LEFT JOIN ground AS g ON g.id = s.id
  LEFT JOIN (
    SELECT d.patron, jsonb_agg(to_jsonb(d) - 'patron' ORDER BY d.authority) AS list FROM debt AS d GROUP BY d.patron
  ) AS o ON o.patron = s.id
  GROUP BY s.id, o.list
$$;
