-- A Merkle tree (RFC 6962) over access records and over what came of them is sealed by signed heads, so that they cannot be changed
-- quietly. The key never comes here.

CREATE TABLE patronctl.tree (
  singleton boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  size      bigint NOT NULL DEFAULT 0,
  xid       xid8 NOT NULL DEFAULT '0', -- every record of an earlier transaction of this server is in the tree,
  access    bigint NOT NULL DEFAULT 0, -- and of this one those with a smaller number
  server    bigint NOT NULL, -- its system identifier: the numbers of another server's transactions mean nothing here
  verifier  text, -- the public half of the key that signs
  touched   bigint -- how often sealed rows had been touched when the newest head was signed: a start compares numbers, not records
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

-- Which access counted logins last. Its result says until when, and is sealed with the counts.
CREATE TABLE patronctl.collected (
  singleton boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  access    bigint REFERENCES patronctl.access -- NULL before the first
);
INSERT INTO patronctl.collected DEFAULT VALUES;
