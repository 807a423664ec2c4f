-- The only list of people there is: those at home at an authority who consented to be written to or called.

-- Where somebody prefers to be reached over a channel; NULL where nowhere.
CREATE FUNCTION desk.contact(patron bigint, home text, channel text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT nullif(btrim(CASE
    WHEN channel = 'email' THEN (SELECT i.emails[1] FROM lms.identity AS i WHERE i.patron = contact.patron AND i.authority = home)
    WHEN channel IN ('phone', 'sms') THEN (SELECT i.phones[1] FROM lms.identity AS i WHERE i.patron = contact.patron AND i.authority = home)
    WHEN channel = 'post' THEN (
      SELECT concat_ws(', ', VARIADIC array_remove(regexp_split_to_array(d.lines, '\s*[\r\n]+\s*'), '')
        || nullif(concat_ws(' ', d.postcode, d.town), '') || d.country)
      FROM lms.address AS d
      WHERE d.patron = contact.patron AND d.authority = home
      ORDER BY d.kind, d.place -- permanent before temporary
      LIMIT 1
    )
  END), '')
$$;

-- The next people of a list, in the order of their numbers: valid accounts with a consent in force and a way to be reached.
-- Whoever is expired, deleted or erased is no reader any more, whatever was consented to.
CREATE FUNCTION desk.consented(home text, purpose text, asked jsonb) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_hashagg = off SET enable_sort = off -- the next of very many: in the order of the index, until there are enough
AS $$
DECLARE
  now   timestamptz := patronctl.clock();
  today date := patronctl.today(home);
BEGIN
  IF home IS NULL THEN
    PERFORM desk.fail('LB400', 'name the authority whose people to list');
  END IF;
  PERFORM desk.require_reach('patron list', home);
  IF asked ->> 'channel' NOT IN ('email', 'phone', 'sms', 'post') THEN
    PERFORM desk.fail('LB400', 'a channel is email, phone, sms or post');
  ELSIF asked ->> 'branch' IS NOT NULL
    AND NOT EXISTS (SELECT FROM lms.branch AS b WHERE b.code = asked ->> 'branch' AND b.authority = home) THEN
    PERFORM desk.fail('LB400', 'unknown branch; use one of {branches}',
      params => jsonb_build_object('branches', (
        SELECT string_agg(b.code, ', ' ORDER BY b.code) FROM lms.branch AS b WHERE b.authority = home
      )));
  END IF;
  RETURN ARRAY(
    SELECT DISTINCT c.patron
    FROM lms.consent AS c
    JOIN lms.patron AS p ON p.id = c.patron
    WHERE c.authority = home
      AND c.purpose = consented.purpose
      AND c.patron > coalesce((asked ->> 'after')::bigint, 0)
      AND desk.in_force(c, now)
      AND c.channel = coalesce(asked ->> 'channel', c.channel)
      AND p.authority = home
      AND p.branch = coalesce(asked ->> 'branch', p.branch)
      AND p.status = 'active'
      AND (
        p.expires_on IS NULL OR p.expires_on >= today
        OR EXISTS (
          SELECT FROM lms.membership AS m
          WHERE m.patron = p.id AND m.authority = home AND (m.expires_on IS NULL OR m.expires_on >= today)
        )
      )
      AND desk.contact(p.id, home, c.channel) IS NOT NULL
    ORDER BY c.patron
    LIMIT 2000
  );
END
$$;

-- Names, channels and addresses of the people that an access opened, as far as they still consent, and nothing else. `after`
-- is where the next access goes on; NULL at the end.
CREATE FUNCTION desk.list_consented(access bigint, channel text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'list_consented');
BEGIN
  RETURN jsonb_build_object(
    'after', CASE WHEN cardinality(a.patrons) = 2000 THEN a.patrons[2000] END,
    'people', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'channel', l.channel, 'address', l.address)
        ORDER BY l.patron, l.channel), '[]')
      FROM (
        SELECT DISTINCT p.id AS patron, desk.full_name(p) AS name, c.channel, desk.contact(p.id, p.authority, c.channel) AS address
        FROM lms.patron AS p
        JOIN lms.consent AS c ON c.patron = p.id AND c.authority = p.authority AND c.purpose = a.purpose
        WHERE p.id = ANY (a.patrons)
          AND p.status = 'active'
          AND p.authority = a.authority -- still
          AND c.channel = coalesce(list_consented.channel, c.channel)
          AND desk.in_force(c, (SELECT patronctl.clock()))
      ) AS l
      WHERE l.address IS NOT NULL
    ));
END
$$;
