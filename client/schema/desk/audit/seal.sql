-- Sealing the access records into a Merkle tree (RFC 6962), and checking that it still says what they say.

-- Adds the next finished records to the tree. A transaction may commit long after later ones, so what counts is that no
-- earlier one is still open; and the place in a tree that was restored on another server says nothing about this one's
-- transactions, so there everything that is not in it yet is added first.
CREATE FUNCTION desk.add_leaves(tree patronctl.tree, most integer) RETURNS patronctl.tree
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off -- the limits are not known to the planner, and the rows are few
AS $$
DECLARE
  here     bigint := (SELECT c.system_identifier FROM pg_control_system() AS c);
  moved    boolean := tree.server <> here;
  finished xid8 := pg_snapshot_xmin(pg_current_snapshot());
  from_xid xid8 := CASE WHEN moved THEN '0'::xid8 ELSE tree.xid END;
  from_id  bigint := CASE WHEN moved THEN 0 ELSE tree.access END;
  to_xid   xid8 := CASE WHEN moved THEN '18446744073709551615'::xid8 ELSE finished END;
  added    integer;
BEGIN
  INSERT INTO patronctl.leaf (number, access, result, hash)
  SELECT tree.size - 1 + row_number() OVER (ORDER BY u.xid, u.access, u.result), u.access, u.result, u.row_hash
  FROM (
    (SELECT a.xid, a.id AS access, FALSE AS result, a.row_hash
     FROM patronctl.access AS a
     WHERE (a.xid, a.id) >= (from_xid, from_id) AND a.xid < to_xid
       AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = a.id AND NOT l.result)
     ORDER BY a.xid, a.id
     LIMIT most)
    UNION ALL
    (SELECT r.xid, r.access, TRUE, r.row_hash
     FROM patronctl.result AS r
     WHERE (r.xid, r.access) >= (from_xid, from_id) AND r.xid < to_xid
       AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = r.access AND l.result)
     ORDER BY r.xid, r.access
     LIMIT most)
    ORDER BY xid, access, result
    LIMIT most
  ) AS u;
  GET DIAGNOSTICS added = ROW_COUNT;
  tree.size := tree.size + added;
  IF added < most THEN
    tree.server := here;
    tree.xid := finished;
    tree.access := 0;
  ELSIF NOT moved THEN
    SELECT l.access, CASE WHEN l.result THEN r.xid ELSE a.xid END INTO tree.access, tree.xid
    FROM patronctl.leaf AS l
    JOIN patronctl.access AS a ON a.id = l.access
    LEFT JOIN patronctl.result AS r ON r.access = l.access
    WHERE l.number = tree.size - 1;
  END IF;
  RETURN tree;
END
$$;

-- The nodes that became complete when the tree grew, of every fourth level: writing them is most of the work.
CREATE FUNCTION desk.add_nodes(old bigint, size bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  height integer := 0;
BEGIN
  WHILE size >> (height + 4) > 0 LOOP
    INSERT INTO patronctl.node (level, number, hash)
    WITH below AS (
      SELECT l.number, l.hash FROM patronctl.leaf AS l WHERE height = 0
      UNION ALL
      SELECT n.number, n.hash FROM patronctl.node AS n WHERE n.level = height
    ), sixteen AS MATERIALIZED ( -- hashing pairs within a row takes half the time of grouping them four times
      SELECT number >> 4 AS number, array_agg(hash ORDER BY number) AS h
      FROM below
      WHERE number >= (old >> (height + 4)) << 4 AND number < (size >> (height + 4)) << 4
      GROUP BY number >> 4
    ), eight AS MATERIALIZED (
      SELECT number, ARRAY[
        sha256('\x01'::bytea || h[1] || h[2]), sha256('\x01'::bytea || h[3] || h[4]),
        sha256('\x01'::bytea || h[5] || h[6]), sha256('\x01'::bytea || h[7] || h[8]),
        sha256('\x01'::bytea || h[9] || h[10]), sha256('\x01'::bytea || h[11] || h[12]),
        sha256('\x01'::bytea || h[13] || h[14]), sha256('\x01'::bytea || h[15] || h[16])
      ] AS h FROM sixteen
    ), four AS MATERIALIZED (
      SELECT number, ARRAY[
        sha256('\x01'::bytea || h[1] || h[2]), sha256('\x01'::bytea || h[3] || h[4]),
        sha256('\x01'::bytea || h[5] || h[6]), sha256('\x01'::bytea || h[7] || h[8])
      ] AS h FROM eight
    ), two AS MATERIALIZED (
      SELECT number, ARRAY[sha256('\x01'::bytea || h[1] || h[2]), sha256('\x01'::bytea || h[3] || h[4])] AS h FROM four
    )
    SELECT height + 4, number, sha256('\x01'::bytea || h[1] || h[2]) FROM two;
    height := height + 4;
  END LOOP;
END
$$;

-- Seals the next records; returns the size of the tree, whether there may be more, and how often rows of it were touched.
CREATE FUNCTION desk.seal(access bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'seal');
  old   patronctl.tree;
  grown patronctl.tree;
BEGIN
  PERFORM desk.keep_paging(a.id);
  PERFORM desk.forget_asked(); -- the sealer comes by every minute
  most := greatest(1, least(20000, most));
  SELECT * INTO STRICT old FROM patronctl.tree FOR UPDATE;
  grown := desk.add_leaves(old, most);
  PERFORM desk.add_nodes(old.size, grown.size);
  UPDATE patronctl.tree SET size = grown.size, xid = grown.xid, access = grown.access, server = grown.server;
  RETURN jsonb_build_object('size', grown.size, 'more', grown.size - old.size = most, 'touched', desk.touched());
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the records could not be sealed', SQLSTATE);
END
$$;

-- Keeps a signed head of the tree, and how often rows had been touched before the sealer looked at them. Who signs is checked
-- by those who read it; here only that it is always the same key.
CREATE FUNCTION desk.keep_head(access bigint, restores integer, size bigint, signed text, verifier text, touched bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a    patronctl.access := desk.use_access(access, 'keep_head', TRUE);
  tree patronctl.tree;
  last patronctl.head;
BEGIN
  SELECT * INTO STRICT tree FROM patronctl.tree FOR UPDATE;
  SELECT * INTO last FROM desk.last_head();
  IF tree.verifier <> keep_head.verifier THEN
    PERFORM desk.fail('LB409', 'the heads of this database are signed with another key',
      'seal where that key is, or name it: --key FILE');
  ELSIF keep_head.size > tree.size OR (keep_head.restores, keep_head.size) <= (last.restores, last.size) THEN
    PERFORM desk.fail('LB423', 'the tree was sealed by somebody else meanwhile', 'try again');
  ELSIF NOT coalesce(keep_head.restores >= 0 AND keep_head.size >= 0 AND length(keep_head.signed) <= 1000
    AND length(keep_head.verifier) <= 200, FALSE) THEN
    PERFORM desk.fail('LB400', 'this is no signed head');
  END IF;
  UPDATE patronctl.tree AS t SET verifier = coalesce(t.verifier, keep_head.verifier), touched = keep_head.touched;
  INSERT INTO patronctl.head VALUES (keep_head.restores, keep_head.size, keep_head.signed);
  PERFORM desk.record_result(a.id, jsonb_build_object('restores', keep_head.restores, 'size', keep_head.size));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('the head could not be kept', SQLSTATE);
END
$$;

CREATE FUNCTION desk.last_head() RETURNS SETOF patronctl.head
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT h.* FROM patronctl.head AS h ORDER BY h.restores DESC, h.size DESC LIMIT 1;
END;

-- The first head after each restore.
CREATE FUNCTION desk.first_heads(restores integer) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT (SELECT h.signed FROM patronctl.head AS h WHERE h.restores = r.number ORDER BY h.size LIMIT 1)
    FROM generate_series(1, first_heads.restores) AS r(number)
    ORDER BY r.number
  )
$$;

-- The heads of the ledger and of the audit tree, told to every client that connects: about nobody, so nothing is recorded.
-- `seen` is what a client kept of the ledger, `successors` are the first heads after restores; `wrong` says that sealed rows were
-- touched of which the sealer has not told yet; `notices` are lines to show to this login. Every run waits for it, in a
-- session that knows none of these tables yet: nearly all of it is one query, and what is seldom needed is a function.
CREATE FUNCTION desk.heads(seen text[])
RETURNS TABLE (
  database uuid, number bigint, keep text, quarantined boolean, verifier text, head text, successors text[], wrong text, notices text[]
)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT l.database, l.number, kept.head,
    CASE WHEN kept.head = ALL (seen) THEN l.quarantined_at IS NOT NULL ELSE desk.close_restored(seen) END,
    t.verifier, last.signed,
    CASE WHEN last.restores > 0 THEN desk.first_heads(last.restores) ELSE '{}' END,
    CASE WHEN desk.touched() > t.touched OR desk.truncated(last.size) THEN 'since the last seal' END,
    CASE WHEN EXISTS (SELECT FROM patronctl.incident) THEN desk.incident_notices() ELSE '{}' END
  FROM patronctl.ledger AS l
  LEFT JOIN LATERAL (SELECT h.head FROM desk.head_seen_at(l, l.number) AS h OFFSET 0) AS kept ON TRUE -- computed once, used twice
  CROSS JOIN patronctl.tree AS t
  LEFT JOIN desk.last_head() AS last ON TRUE
$$;

-- Hashes of the tree, for proofs: of levels 0, 4, 8 …, in the order asked for, NULL where there is none.
CREATE FUNCTION desk.tree_hashes(levels integer[], numbers bigint[]) RETURNS bytea[]
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(
    CASE u.level
      WHEN 0 THEN (SELECT l.hash FROM patronctl.leaf AS l WHERE l.number = u.number)
      ELSE (SELECT n.hash FROM patronctl.node AS n WHERE n.level = u.level AND n.number = u.number)
    END ORDER BY u.ordinality)
  FROM (SELECT * FROM unnest(levels, numbers) WITH ORDINALITY LIMIT 2000) AS u(level, number, ordinality)
$$;

-- What a write is remembered by, in one word: its access, and the hash of what came of it.
CREATE FUNCTION desk.receipt(access bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.access || '-' || encode(r.row_hash, 'hex') FROM patronctl.result AS r WHERE r.access = receipt.access
$$;

-- Where in the tree the result of an access is; NULL while it is not sealed.
CREATE FUNCTION desk.find_leaf(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'find_leaf');
BEGIN
  RETURN (
    SELECT jsonb_build_object('there', EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = a.subject), 'number',
      (SELECT l.number FROM patronctl.leaf AS l WHERE l.access = a.subject AND l.result))
  );
END
$$;
