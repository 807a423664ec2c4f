-- The clock and the day that rules ask; in plpgsql, because a session plans that once: a function in SQL that reads a table is
-- planned anew by every query that calls it, and these are called by nearly all.

CREATE FUNCTION patronctl.clock() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT clock_timestamp() + i.clock_offset FROM patronctl.installation AS i);
END
$$;

CREATE FUNCTION patronctl.set_clock_offset(clock_offset interval) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE patronctl.installation SET clock_offset = set_clock_offset.clock_offset
$$;

CREATE FUNCTION patronctl.today(authority text) RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (patronctl.clock() AT TIME ZONE coalesce(
    (SELECT a.time_zone FROM lms.authority AS a WHERE a.code = today.authority), 'UTC'
  ))::date;
END
$$;
