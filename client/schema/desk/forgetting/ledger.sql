-- Reading the ledger of erasures, in keyset pages, and proving that something was written there.

-- Proof that the database with this ledger said something, now or before a backup of it was restored: nobody else knows the
-- secret.
CREATE FUNCTION desk.ledger_proof(ledger patronctl.ledger, said text) RETURNS text
LANGUAGE sql STABLE
RETURN encode(sha256(uuid_send(ledger.secret) || sha256(uuid_send(ledger.secret) || convert_to(said, 'UTF8'))), 'hex');

-- An entry as an export has it, without its proof. Its parts hold no spaces.
CREATE FUNCTION desk.ledger_line(e patronctl.erasure) RETURNS text
LANGUAGE sql STABLE
RETURN concat_ws(' ', e.number, e.patron, e.authority, e.rule, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));

-- The entry that a line of an export says; none for no line. Refuses a line that this database never wrote; one with its
-- proof has the right form.
CREATE FUNCTION desk.ledger_entry(line text) RETURNS patronctl.erasure
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  part   text[] := string_to_array(line, ' ');
  ledger patronctl.ledger;
  e      patronctl.erasure;
BEGIN
  SELECT * INTO STRICT ledger FROM patronctl.ledger;
  IF line IS NULL THEN
    RETURN NULL;
  ELSIF cardinality(part) <> 6 OR part[6] IS DISTINCT FROM desk.ledger_proof(ledger, 'entry ' || array_to_string(part[:5], ' ')) THEN
    PERFORM desk.fail('LB409', 'an entry was not written by this database',
      'use a file made by patronctl erasure export');
  END IF;
  e.number := part[1];
  e.patron := part[2];
  e.authority := part[3];
  e.rule := part[4];
  e.at := part[5];
  RETURN e;
END
$$;

-- The authorities whose entries this login may see; NULL for all of them.
CREATE FUNCTION desk.ledger_reach() RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN NOT bool_or(r.reach = 'any' OR r.authority IS NULL) THEN array_agg(r.authority) END
  FROM desk.my_rights('erasure list') AS r
$$;

-- Lets an access read pages for 15 minutes from its first one.
CREATE FUNCTION desk.keep_paging(access bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO patronctl.paging (access, until)
  VALUES (keep_paging.access, clock_timestamp() + interval '15 minutes')
  ON CONFLICT DO NOTHING
$$;

-- The next entries after a number. NULL leaves a filter out; since a day, or today, where the entry's authority is.
CREATE FUNCTION desk.list_erasures(access bigint, authority text, since text, after bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'list_erasures');
  reach text[] := desk.ledger_reach();
BEGIN
  PERFORM desk.require_authority(list_erasures.authority);
  IF list_erasures.authority <> ALL (reach) THEN
    PERFORM desk.fail('LB403', 'erasure list is for staff of {authority}',
      params => jsonb_build_object('authority', list_erasures.authority));
  END IF;
  PERFORM desk.keep_paging(a.id);
  RETURN (
    SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.number), '[]')
    FROM (
      SELECT r.*
      FROM patronctl.erasure AS r
      LEFT JOIN lms.authority AS c ON c.code = r.authority
      WHERE r.number > after
        AND (reach IS NULL OR r.authority = ANY (reach))
        AND (list_erasures.authority IS NULL OR r.authority = list_erasures.authority)
        AND (since IS NULL OR (r.at AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date
          >= CASE since WHEN 'today' THEN patronctl.today(r.authority) ELSE since::date END)
      ORDER BY r.number
      LIMIT greatest(1, least(2000, most))
    ) AS e
  );
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the list could not go on', SQLSTATE);
END
$$;

-- The next lines of an export, each with its proof: of the whole consortium, or a replay would forget to forget.
CREATE FUNCTION desk.export_ledger(access bigint, after bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'export_ledger');
BEGIN
  IF desk.ledger_reach() IS NOT NULL THEN
    PERFORM desk.fail('LB403', 'the ledger is exported for the whole consortium, and your login belongs to one authority',
      'a maintenance job exports it');
  END IF;
  PERFORM desk.keep_paging(a.id);
  RETURN (
    SELECT coalesce(jsonb_agg(e.line || ' ' || desk.ledger_proof(l, 'entry ' || e.line) ORDER BY e.number), '[]')
    FROM patronctl.ledger AS l, (
      SELECT r.number, desk.ledger_line(r) AS line
      FROM patronctl.erasure AS r
      WHERE r.number > after
      ORDER BY r.number
      LIMIT greatest(1, least(2000, most))
    ) AS e
  );
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the export could not go on', SQLSTATE);
END
$$;
