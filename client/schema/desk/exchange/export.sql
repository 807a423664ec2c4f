-- Everything about one person, in pages: what article 20 of the GDPR lets them take along (portability), and all that is
-- held about them (access, article 15). Names of guardians and staff are other people's data and stay out. Instants are UTC.

-- The columns of a row that an export shows, under the names and in the order of the catalogue. For relations of a few rows
-- each; those that can have a hundred thousand name their columns, which is ten times as fast and which a test compares.
CREATE FUNCTION desk.exported(relation text, content json) RETURNS json
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ('{' || string_agg(to_json(k.exported_as) || ':' || e.value, ',' ORDER BY k.place) || '}')::json
  FROM json_each(content) AS e
  JOIN patronctl.catalogue AS k ON (k.schema_name, k.relation, k.column_name) = ('lms', exported.relation, e.key)
  WHERE k.exported_as IS NOT NULL
$$;

-- The next rows of one relation after a key. The first page lets the export go on for 15 minutes.
CREATE FUNCTION desk.export_page(access bigint, relation text, after bigint, most integer)
RETURNS TABLE (key bigint, content json)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
  a      patronctl.access := desk.use_access(access, 'export_page');
  person bigint := a.patrons[1];
BEGIN
  INSERT INTO patronctl.paging (access, until)
  VALUES (a.id, clock_timestamp() + interval '15 minutes')
  ON CONFLICT DO NOTHING;
  most := greatest(1, least(most, 2000));
  CASE relation
    WHEN 'patron' THEN
      RETURN QUERY
        SELECT 1::bigint, desk.exported(relation, to_json(p)) FROM lms.patron AS p WHERE p.id = person AND after < 1;
    WHEN 'identity' THEN
      RETURN QUERY
        SELECT 1::bigint, desk.exported(relation, to_json(i)) FROM lms.identity AS i WHERE i.patron = person AND after < 1;
    WHEN 'address' THEN
      RETURN QUERY
        SELECT x.n, desk.exported(relation, to_json(x)) FROM (
          SELECT row_number() OVER (ORDER BY d.kind, d.place) AS n, d.*
          FROM lms.address AS d WHERE d.patron = person
        ) AS x WHERE x.n > after ORDER BY x.n LIMIT most;
    WHEN 'special' THEN
      RETURN QUERY
        SELECT 1::bigint, desk.exported(relation, to_json(s)) FROM lms.special AS s WHERE s.patron = person AND after < 1;
    WHEN 'account' THEN
      -- What the library noted for itself; the secret itself opens the account and is shown to nobody.
      RETURN QUERY
        SELECT 1::bigint, row_to_json(r) FROM (
          SELECT p.deleted_on, p.protected, m.source AS imported_as, c.set_at AS password_set_at, c.one_time_until, c.must_change,
            c.failed_attempts, c.locked_until
          FROM lms.patron AS p
          LEFT JOIN lms.credential AS c ON c.patron = p.id AND c.authority = p.authority
          LEFT JOIN patronctl.imported_patron AS m ON m.id = p.id
          WHERE p.id = person
        ) AS r WHERE after < 1;
    WHEN 'card' THEN
      RETURN QUERY
        SELECT x.n, desk.exported(relation, to_json(x)) FROM (
          SELECT row_number() OVER (ORDER BY c.issued_on, c.number) AS n, c.*
          FROM lms.card AS c WHERE c.patron = person
        ) AS x WHERE x.n > after ORDER BY x.n LIMIT most;
    WHEN 'membership' THEN
      RETURN QUERY
        SELECT x.n, desk.exported(relation, to_json(x)) FROM (
          SELECT row_number() OVER (ORDER BY m.authority, m.basis) AS n, m.*
          FROM lms.membership AS m WHERE m.patron = person
        ) AS x WHERE x.n > after ORDER BY x.n LIMIT most;
    WHEN 'consent' THEN
      RETURN QUERY
        SELECT x.n, desk.exported(relation, to_json(x)) FROM (
          SELECT row_number() OVER (ORDER BY c.given_at, c.authority, c.purpose, c.channel, c.wording, c.source, c.withdrawn_at) AS n, c.*
          FROM lms.consent AS c WHERE c.patron = person
        ) AS x
        WHERE x.n > after ORDER BY x.n LIMIT most;
    WHEN 'loan' THEN
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT l.id, t.barcode, t.title, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
          FROM lms.loan AS l JOIN lms.item AS t ON t.id = l.item
          WHERE l.patron = person AND l.id > after ORDER BY l.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'hold' THEN
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT h.id, h.kind, t.barcode, coalesce(t.title, h.title) AS title, h.authority, h.branch,
            h.placed_at, h.ready_at, h.closed_at, h.outcome
          FROM lms.hold AS h LEFT JOIN lms.item AS t ON t.id = h.item
          WHERE h.patron = person AND h.id > after ORDER BY h.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'fee' THEN
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT f.id, f.authority, c.currency, f.kind, f.amount::text AS amount, f.raised_on, f.loan
          FROM lms.fee AS f JOIN lms.authority AS c ON c.code = f.authority
          WHERE f.patron = person AND f.id > after ORDER BY f.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'payment' THEN
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT y.id, y.fee, c.currency, y.amount::text AS amount, y.paid_on, y.method, y.branch
          FROM lms.payment AS y JOIN lms.authority AS c ON c.code = desk.paid_to(y)
          WHERE (y.patron = person AND y.paid_by IS NULL OR y.paid_by = person) AND y.id > after ORDER BY y.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'block' THEN
      RETURN QUERY
        SELECT b.id, desk.exported(relation, to_json(b))
        FROM lms.block AS b WHERE b.patron = person AND b.id > after ORDER BY b.id LIMIT most;
    WHEN 'retention' THEN
      -- The rules in force for this person: at home for the account and the history, at every member for its own fees.
      RETURN QUERY
        SELECT x.n, row_to_json(r) FROM (
          SELECT row_number() OVER (ORDER BY f.authority, u.action, u.name) AS n, f.authority, u.name AS rule, u.action,
            desk.age_text(u.age) AS age, w.counted_from,
            CASE WHEN w.counted < date '5000-01-01' THEN (w.counted + u.age)::date END AS due_on
          FROM lms.patron AS p
          JOIN patronctl.rule_in_force AS f ON TRUE
          JOIN patronctl.rule AS u ON u.name = f.rule,
            LATERAL (
              SELECT
                CASE u.action WHEN 'erase-lapsed' THEN u.counted_from WHEN 'erase-deleted' THEN 'deleted'
                  WHEN 'anonymize-history' THEN 'returned' ELSE 'paid' END,
                CASE u.action
                  WHEN 'erase-lapsed' THEN coalesce(CASE u.counted_from WHEN 'last-fee' THEN p.last_fee_on END, p.expires_on)
                  WHEN 'erase-deleted' THEN p.deleted_on
                END
            ) AS w(counted_from, counted)
          WHERE p.id = person
            AND (f.authority = p.authority OR u.action = 'unlink-accounts')
            AND desk.in_area(u, p.branch, p.category)
            AND desk.closer_rule(u, ARRAY(
              SELECT o
              FROM patronctl.rule_in_force AS g
              JOIN patronctl.rule AS o ON o.name = g.rule
              WHERE g.authority = f.authority AND o.action = u.action
            ), p.branch, p.category) IS NULL
        ) AS x, LATERAL (SELECT x.authority, x.rule, x.action, x.age, x.counted_from, x.due_on) AS r
        WHERE x.n > after ORDER BY x.n LIMIT most;
    WHEN 'support' THEN
      RETURN QUERY
        SELECT r.access, row_to_json(r) FROM (
          SELECT g.access, o.at AS opened_at, g.until, g.revoked_at
          FROM patronctl.support_grant AS g JOIN patronctl.access AS o ON o.id = g.access
          WHERE g.patron = person AND g.access > after ORDER BY g.access LIMIT most
        ) AS r ORDER BY r.access;
    WHEN 'request' THEN
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT q.id, q.authority, q.kind, q.received_on, s.on_day AS closed_on, s.outcome
          FROM patronctl.request AS q
          LEFT JOIN patronctl.request_step AS s ON s.request = q.id AND s.step = 'close'
          WHERE q.patron = person AND q.id > after ORDER BY q.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'disclosure' THEN
      -- To whom the data went (GDPR art. 15 (1) (c)), but where telling would defeat what it was for (art. 23).
      RETURN QUERY
        SELECT r.id, row_to_json(r) FROM (
          SELECT d.id, d.at, d.authority, d.recipient, d.organisation, d.power, array_to_string(d.released, ' ') AS released
          FROM patronctl.disclosure AS d
          LEFT JOIN patronctl.disclosure_step AS s ON s.disclosure = d.id
          WHERE d.patron = person AND d.id > after
            AND d.recipient IN ('within-authority', 'partner')
            AND d.decision = 'release' AND (NOT d.needs_second OR s.step = 'approve')
          ORDER BY d.id LIMIT most
        ) AS r ORDER BY r.id;
    WHEN 'consultation' THEN
      -- Who looked is staff's data: dates and purposes only (CJEU C-579/21). Disclosures have a relation of their own.
      RETURN QUERY
        SELECT r.access, row_to_json(r) FROM (
          SELECT o.id AS access, o.at, o.authority, o.operation, o.purpose
          FROM patronctl.access AS o
          WHERE (o.patrons @> ARRAY[person] OR o.others @> ARRAY[person])
            AND o.outcome = 'allowed' AND o.operation NOT IN (SELECT desk.marked('untold'))
            AND o.id NOT IN (SELECT desk.read_for_others(person)) AND o.id > after AND o.id < a.id ORDER BY o.id LIMIT most
        ) AS r ORDER BY r.access;
    ELSE
      PERFORM desk.fail('LB400', 'unknown relation');
  END CASE;
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the export could not go on', SQLSTATE);
END
$$;
