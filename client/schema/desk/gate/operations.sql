-- All that is known of an operation stands in one row of operations.csv, which every upgrade loads:
--
--   operation  as it is opened and recorded: the words of its command, and what tells it from others of that command
--   asked by   what it may be asked by, and the resolver that says which patrons this leads to; nothing: nobody
--     ref=patron               one patron: id:N, a card number, words that fit one person
--     words=hits               whom a search finds, and this login may open
--     card=holder              the patron of one card, and nothing else leads there
--     cards=patrons            the patrons of many
--     cards=sorted             the same, of whom the function leaves out those at home elsewhere
--     applicant=matches        registrations of the same name and birth date
--     applicant=newcomer       somebody new; the registrations of the same name at that authority are others
--     barcode=item             an item, and nobody
--     barcode=borrower         who has it
--     barcode=last-borrower    who had it last
--     access=record            a record of the audit, and nobody
--     plan=batch               the next of a plan
--     consented=list           the next who consented to the purpose
--     erased=numbers           the numbers as they are written: not all of them need exist
--   purpose    the one that it has when none is given
--   clerk ...  the reach of each role; with +reason, only for a reason; empty, none
--     any    patrons of every member authority
--     home   patrons whose home it is; for staff of the whole consortium, everybody
--     rows   rows of one's own authority about patrons of every member
--     facts  every patron, without personal values
--     own    records of one's own login
--     logins records of the logins, and about the patrons, of one's own authority
--     id     one record by its number, without patrons
--   marks      what else it is
--     writes         an access of it may change something, once
--     erases         it adds to the ledger
--     pages          the first page lets it go on for 15 minutes
--     texts          what the call is going to say may be given beforehand, to be looked through for people
--     by-members     other members' staff may, too, where the setting reset_by_members of the home says so
--     in-quarantine  it leads out of quarantine
--     tells-erased   of somebody who was erased it says so, where others refuse
--     untold         patrons are not told that it was done
--     shows          it shows people's data
--     look           one that looks at a single person
--     debts          one that shows debts
--     releases       one that shows what a disclosure may have released
--     secret         it checks or sets a patron's password
--   functions  those that take an access of it. Whoever has a right to one of their operations may call them.
CREATE FUNCTION desk.load_operations(written jsonb) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM patronctl.rights;
  DELETE FROM patronctl.operation;
  INSERT INTO patronctl.operation SELECT o.* FROM jsonb_populate_recordset(NULL::patronctl.operation, written) AS o;
  INSERT INTO patronctl.rights SELECT r.* FROM desk.written_rights(written) AS r;
$$;

CREATE FUNCTION desk.written_rights(written jsonb) RETURNS SETOF patronctl.rights
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o ->> 'name', r.key, split_part(r.value, '+', 1), r.value LIKE '%+reason'
  FROM jsonb_array_elements(written) AS o, jsonb_each_text(o -> 'rights') AS r
$$;

-- What sessions read is in tables, which their owner can change. NULL: the program that asks is of another version.
CREATE FUNCTION desk.check_operations(written jsonb) RETURNS TABLE (severity text, finding text, mend text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH operation AS (
    SELECT o FROM jsonb_populate_recordset(NULL::patronctl.operation, written) AS o
  ), differing AS (
    (TABLE operation EXCEPT SELECT o FROM patronctl.operation AS o)
    UNION ALL
    (SELECT o FROM patronctl.operation AS o EXCEPT TABLE operation)
  ), strange AS (
    (TABLE patronctl.rights EXCEPT SELECT r.* FROM desk.written_rights(written) AS r)
    UNION ALL
    (SELECT r.* FROM desk.written_rights(written) AS r EXCEPT TABLE patronctl.rights)
  )
  SELECT 'error', format('the right to %s of the role %s was changed in patronctl.rights', s.operation, s.role), 'patronctl db upgrade'
  FROM strange AS s
  WHERE written IS NOT NULL
  UNION
  SELECT 'error', format('%s was changed in patronctl.operation', (d.o).name), 'patronctl db upgrade'
  FROM differing AS d
  WHERE written IS NOT NULL
  ORDER BY 2
  LIMIT 10
$$;

-- The operations that have a mark.
CREATE FUNCTION desk.marked(mark text) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o.name FROM patronctl.operation AS o WHERE mark = ANY (o.marks)
$$;

CREATE FUNCTION desk.operations() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(o.name, ', ' ORDER BY o.name) FROM patronctl.operation AS o
$$;

-- The roles of staff, from the desk on.
CREATE FUNCTION desk.roles() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '{clerk,supervisor,officer,support,admin,job,auditor,opac}'::text[]
$$;
