-- Access records that cannot be changed quietly: nobody updates or deletes one, and a Merkle tree (RFC 6962) over them and
-- over what came of them is sealed by signed heads. The key never comes here.

-- What a result says, ready to be sealed; it vouches for its access too. This form never changes.
CREATE FUNCTION patronctl.result_hash(access bigint, access_hash bytea, xid xid8, at timestamptz, counts jsonb) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
  SELECT sha256('\x00'::bytea || convert_to(jsonb_build_array(access, encode(access_hash, 'hex'), xid::text, at, counts)::text, 'UTF8'))
$$;

ALTER TABLE patronctl.result ADD COLUMN xid xid8, ADD COLUMN row_hash bytea;
-- Nothing was sealed before now, so that the place of older results is free.
UPDATE patronctl.result AS r
SET xid = a.xid, row_hash = patronctl.result_hash(r.access, a.row_hash, a.xid, r.at, r.counts)
FROM patronctl.access AS a
WHERE a.id = r.access;
ALTER TABLE patronctl.result ALTER COLUMN xid SET NOT NULL, ALTER COLUMN row_hash SET NOT NULL;

-- For who owns the tables and errs: no right of staff reaches here.
CREATE FUNCTION patronctl.append_only() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'records of the audit are never changed or removed' USING ERRCODE = 'LB409';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.access
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON patronctl.result
  FOR EACH STATEMENT EXECUTE FUNCTION patronctl.append_only();

-- The sealer takes finished transactions in the order of their numbers, for ids are handed out before the commit.
CREATE INDEX access_xid ON patronctl.access (xid, id);
CREATE INDEX result_xid ON patronctl.result (xid, access);
-- The newest records of millions, of a day and of a login.
CREATE INDEX access_at ON patronctl.access (at, id);
CREATE INDEX access_login_at ON patronctl.access (login, at, id);
DROP INDEX patronctl.access_login;

CREATE TABLE patronctl.tree (
  singleton boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  size      bigint NOT NULL DEFAULT 0,
  xid       xid8 NOT NULL DEFAULT '0', -- every record of an earlier transaction of this server is in the tree,
  access    bigint NOT NULL DEFAULT 0, -- and of this one those with a smaller number
  server    bigint NOT NULL, -- its system identifier: the numbers of another server's transactions mean nothing here
  verifier  text -- the public half of the key that signs
);
INSERT INTO patronctl.tree (server) SELECT system_identifier FROM pg_control_system();

CREATE TABLE patronctl.leaf (
  number bigint PRIMARY KEY, -- from 0, without gaps
  access bigint NOT NULL,
  result boolean NOT NULL, -- what came of the access, not the access itself
  hash   bytea NOT NULL,
  UNIQUE (access, result)
);
CREATE TABLE patronctl.node (
  level  smallint NOT NULL CHECK (level > 0 AND level % 4 = 0), -- over 2^level leaves; those between are made of 8 at most
  number bigint NOT NULL,
  hash   bytea NOT NULL,
  PRIMARY KEY (level, number)
);

-- Signed heads, in the notation of signed notes. After a restore the next head names the one that was lost.
CREATE TABLE patronctl.head (
  restores integer NOT NULL,
  size     bigint NOT NULL,
  signed   text NOT NULL,
  PRIMARY KEY (restores, size)
);

INSERT INTO patronctl.catalogue (schema_name, relation, column_name, class) VALUES
  ('patronctl', 'result', 'xid', 'fact'),
  ('patronctl', 'result', 'row_hash', 'fact'),
  ('patronctl', 'tree', 'singleton', 'fact'),
  ('patronctl', 'tree', 'size', 'fact'),
  ('patronctl', 'tree', 'xid', 'fact'),
  ('patronctl', 'tree', 'access', 'fact'),
  ('patronctl', 'tree', 'server', 'fact'),
  ('patronctl', 'tree', 'verifier', 'fact'),
  ('patronctl', 'leaf', 'number', 'fact'),
  ('patronctl', 'leaf', 'access', 'fact'),
  ('patronctl', 'leaf', 'result', 'fact'),
  ('patronctl', 'leaf', 'hash', 'fact'),
  ('patronctl', 'node', 'level', 'fact'),
  ('patronctl', 'node', 'number', 'fact'),
  ('patronctl', 'node', 'hash', 'fact'),
  ('patronctl', 'head', 'restores', 'fact'),
  ('patronctl', 'head', 'size', 'fact'),
  ('patronctl', 'head', 'signed', 'fact');
