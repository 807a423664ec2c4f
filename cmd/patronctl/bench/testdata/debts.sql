-- debt check --file for a login of the whole consortium: cards in, one statement, the same columns out.
CREATE TEMP TABLE asked (place bigint GENERATED ALWAYS AS IDENTITY, number text);
\cd :files
\copy asked (number) FROM cards.txt
ANALYZE asked;
COPY (
  WITH shown AS MATERIALIZED (
    SELECT a.place, a.number, c.patron, c.status = 'lost' AS lost
    FROM asked AS a
    LEFT JOIN lms.card AS c ON c.number = a.number
  ), subject AS MATERIALIZED (
    SELECT p.id, p.status, p.expires_on, p.authority AS home, s.lost
    FROM (SELECT patron, bool_or(lost) AS lost FROM shown GROUP BY patron) AS s
    JOIN lms.patron AS p ON p.id = s.patron
  ), day AS MATERIALIZED (
    SELECT a.code, a.currency, patronctl.today(a.code) AS today,
      desk.setting('debt_limit_own', a.code)::numeric AS own, desk.setting('debt_limit_others', a.code) AS others
    FROM lms.authority AS a
  ), bound AS (
    SELECT d.code AS desk, split_part(part, '=', 1) AS currency, split_part(part, '=', 2)::numeric AS amount
    FROM day AS d, unnest(string_to_array(nullif(d.others, ''), ',')) AS part
  ), balance AS (
    SELECT f.patron, f.authority, sum(f.amount - coalesce(y.amount, 0)) AS outstanding
    FROM subject AS s
    JOIN lms.fee AS f ON f.patron = s.id
    LEFT JOIN (
      SELECT y.fee, sum(y.amount) AS amount FROM subject AS s JOIN lms.payment AS y ON y.patron = s.id GROUP BY y.fee
    ) AS y ON y.fee = f.id
    GROUP BY f.patron, f.authority
  ), overdue AS (
    SELECT l.patron, l.authority, count(*) AS items
    FROM subject AS s
    JOIN lms.loan AS l ON l.patron = s.id AND l.returned_at IS NULL AND l.due_at < (SELECT patronctl.clock())
    GROUP BY l.patron, l.authority
  ), debt AS MATERIALIZED (
    SELECT patron, authority, d.currency, coalesce(b.outstanding, 0) AS outstanding, coalesce(o.items, 0) AS items
    FROM balance AS b
    FULL JOIN overdue AS o USING (patron, authority)
    JOIN day AS d ON d.code = authority
    WHERE b.outstanding <> 0 OR o.items > 0
  ), owed AS MATERIALIZED (
    SELECT d.patron, s.home, d.authority = s.home AS own, d.currency, sum(greatest(d.outstanding, 0)) AS amount, sum(d.items) AS items
    FROM debt AS d
    JOIN subject AS s ON s.id = d.patron
    GROUP BY 1, 2, 3, 4
  ), ground AS (
    SELECT s.id, 'deleted' AS reason, TRUE AS refuse FROM subject AS s WHERE s.status <> 'active'
    UNION ALL
    SELECT s.id, 'expired', TRUE
    FROM subject AS s
    JOIN day AS d ON d.code = s.home
    WHERE s.expires_on < d.today
      AND NOT EXISTS (
        SELECT FROM lms.membership AS m
        WHERE m.patron = s.id AND m.authority = s.home AND (m.expires_on IS NULL OR m.expires_on >= d.today)
      )
    UNION ALL
    SELECT s.id, 'card_lost', TRUE
    FROM subject AS s
    JOIN lms.card AS c ON c.patron = s.id
    GROUP BY s.id
    HAVING bool_or(s.lost) OR bool_or(c.status = 'lost') AND NOT bool_or(c.status = 'active')
    UNION ALL
    SELECT DISTINCT b.patron, CASE b.level WHEN 'refuse' THEN 'blocked' ELSE 'warning' END, b.level = 'refuse'
    FROM subject AS s
    JOIN lms.block AS b ON b.patron = s.id
    JOIN day AS d ON d.code = b.authority
    WHERE b.lifted_on IS NULL OR b.lifted_on > d.today
    UNION ALL
    SELECT o.patron, 'overdue', FALSE FROM owed AS o GROUP BY o.patron HAVING sum(o.items) > 0
    UNION ALL
    SELECT o.patron, 'debt_own', TRUE FROM owed AS o JOIN day AS d ON d.code = o.home WHERE o.own AND o.amount > d.own
    UNION ALL
    SELECT DISTINCT o.patron, CASE WHEN b.amount IS NULL THEN 'debt_no_limit' ELSE 'debt_others' END, b.amount IS NOT NULL
    FROM owed AS o
    LEFT JOIN bound AS b ON b.desk = o.home AND b.currency = o.currency
    WHERE NOT o.own AND o.amount > coalesce(b.amount, 0)
  ), verdict AS (
    SELECT g.id, bool_or(g.refuse) AS refuse, string_agg(g.reason, ', ' ORDER BY g.refuse DESC, g.reason) AS reasons
    FROM ground AS g
    GROUP BY g.id
  ), owes AS (
    SELECT d.patron,
      string_agg(format('%s %s %s', d.authority, d.outstanding::numeric(12, 2), d.currency), ', ' ORDER BY d.authority) AS list
    FROM debt AS d
    WHERE d.outstanding > 0
    GROUP BY d.patron
  )
  SELECT s.number AS input, s.patron,
    CASE WHEN s.patron IS NULL THEN 'not_found' WHEN v.refuse THEN 'refuse' WHEN v.id IS NOT NULL THEN 'warn' ELSE 'clear' END AS verdict,
    coalesce(v.reasons, '') AS reasons, coalesce(o.list, '') AS owes
  FROM shown AS s
  LEFT JOIN verdict AS v ON v.id = s.patron
  LEFT JOIN owes AS o ON o.patron = s.patron
  ORDER BY s.place
) TO STDOUT (FORMAT csv, HEADER);
