-- Whether the access records are still what was sealed: all of them for audit verify, some of them at every seal.

-- The leaves from one up to before another, and what is wrong with the record of each: NULL when nothing is. `full` reads
-- what the records say; otherwise their own hash is taken for it. For callers that have set TimeZone to UTC; their query takes
-- it in.
CREATE FUNCTION desk.compare_leaves(first bigint, past bigint, "full" boolean)
RETURNS TABLE (number bigint, access bigint, hash bytea, wrong text)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT l.number, l.access, l.hash, CASE WHEN r.hash IS DISTINCT FROM l.hash THEN
    CASE WHEN l.result THEN 'result ' ELSE 'record ' END || CASE WHEN r.access IS NULL THEN 'deleted' ELSE 'edited' END
  END
  FROM patronctl.leaf AS l
  LEFT JOIN LATERAL (
    SELECT c.id, CASE WHEN NOT compare_leaves.full OR c.row_hash = desk.access_hash_in_utc(c) THEN c.row_hash END
    FROM patronctl.access AS c
    WHERE c.id = l.access AND NOT l.result
    UNION ALL
    SELECT d.access, CASE WHEN NOT compare_leaves.full
      OR d.row_hash = patronctl.result_hash(d.access, (SELECT c.row_hash FROM patronctl.access AS c WHERE c.id = d.access), d.xid, d.at,
        d.counts)
      THEN d.row_hash END
    FROM patronctl.result AS d
    WHERE d.access = l.access AND l.result
  ) AS r(access, hash) ON TRUE
  WHERE l.number >= first AND l.number < past;
END;

-- The hashes of the next leaves, one after the other, and which of their records are not as they were sealed.
CREATE FUNCTION desk.page_of_leaves(first bigint, most integer, "full" boolean, OUT hashes bytea, OUT wrong jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET enable_seqscan = off -- how few they are is not known to the planner
AS $$
  SELECT string_agg(l.hash, '' ORDER BY l.number),
    coalesce(jsonb_agg(jsonb_build_object('access', l.access, 'what', l.wrong) ORDER BY l.number) FILTER (WHERE l.wrong IS NOT NULL), '[]')
  FROM desk.compare_leaves(first, first + most, page_of_leaves.full) AS l
$$;

CREATE FUNCTION desk.verify_leaves(access bigint, first bigint, most integer, "full" boolean) RETURNS TABLE (hashes bytea, wrong jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'verify_leaves');
BEGIN
  PERFORM desk.keep_paging(a.id);
  RETURN QUERY SELECT p.hashes, p.wrong FROM desk.page_of_leaves(first, most, verify_leaves.full) AS p;
END
$$;

-- The same for the sealer, which looks at what records say.
CREATE FUNCTION desk.recheck_leaves(access bigint, first bigint, most integer) RETURNS TABLE (hashes bytea, wrong jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'recheck_leaves');
BEGIN
  PERFORM desk.keep_paging(a.id);
  RETURN QUERY SELECT p.hashes, p.wrong FROM desk.page_of_leaves(first, most, TRUE) AS p;
END
$$;

-- Of the next records after a number (all, without `most`) those that are not in the tree although it has passed their place:
-- nobody commits there any more, so they were put in behind its back. `last` is NULL at the end. At most 100.
CREATE FUNCTION desk.put_in(after bigint, most integer, OUT last bigint, OUT wrong jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Until the tree has gone on where it was restored, the numbers of transactions say nothing.
  passed xid8 := (SELECT CASE t.server WHEN c.system_identifier THEN t.xid ELSE '0' END FROM patronctl.tree AS t, pg_control_system() AS c);
BEGIN
  IF most IS NOT NULL THEN
    last := (SELECT a.id FROM patronctl.access AS a WHERE a.id > after ORDER BY a.id OFFSET most - 1 LIMIT 1);
  END IF;
  SELECT coalesce(jsonb_agg(jsonb_build_object('access', u.id, 'what', u.what)), '[]') INTO wrong
  FROM (
    SELECT c.id, 'record inserted' AS what
    FROM patronctl.access AS c
    WHERE c.id > after AND (last IS NULL OR c.id <= last) AND c.xid < passed
      AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = c.id AND NOT l.result)
    UNION ALL
    SELECT d.access, 'result inserted'
    FROM patronctl.result AS d
    WHERE d.access > after AND (last IS NULL OR d.access <= last) AND d.xid < passed
      AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = d.access AND l.result)
    LIMIT 100
  ) AS u;
END
$$;

CREATE FUNCTION desk.verify_others(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'verify_others');
  RETURN (SELECT p.wrong FROM desk.put_in(-9223372036854775808, NULL) AS p);
END
$$;

CREATE FUNCTION desk.recheck_others(access bigint, after bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  PERFORM desk.use_access(access, 'recheck_others');
  RETURN (SELECT to_jsonb(p) FROM desk.put_in(after, most) AS p);
END
$$;

-- How often rows of the records and of the tree were changed or removed, as the server counts it, triggers or not. It should
-- never change: who sees that it did looks at everything. Counting may lag ten seconds, and begins anew after a crash. Every
-- start asks for it: it is taken into the query.
CREATE FUNCTION desk.touched() RETURNS bigint
LANGUAGE sql STABLE
RETURN pg_stat_get_tuples_updated('patronctl.access'::regclass) + pg_stat_get_tuples_deleted('patronctl.access'::regclass)
  + pg_stat_get_tuples_updated('patronctl.result'::regclass) + pg_stat_get_tuples_deleted('patronctl.result'::regclass)
  + pg_stat_get_tuples_updated('patronctl.leaf'::regclass) + pg_stat_get_tuples_deleted('patronctl.leaf'::regclass)
  + pg_stat_get_tuples_updated('patronctl.node'::regclass) + pg_stat_get_tuples_deleted('patronctl.node'::regclass);

-- Whether records were emptied at one stroke, which is not counted: they take less room than as many must.
CREATE FUNCTION desk.truncated(size bigint) RETURNS boolean
LANGUAGE sql STABLE
RETURN pg_relation_size('patronctl.access'::regclass) < 50 * size; -- half of the leaves are records at least, of 100 bytes and more
