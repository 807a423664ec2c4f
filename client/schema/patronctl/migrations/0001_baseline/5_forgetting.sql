-- Rules of forgetting, the plans made by them, the runs of plans, and the ledger of who was erased.

-- What is forgotten after which time. Intervals are counted by the calendar of the authority. A rule without authority is
-- offered to all; each authority puts rules in force for itself.
CREATE TABLE patronctl.rule (
  name               text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  authority          text,
  branches           text[] NOT NULL DEFAULT '{}', -- none: all
  except_branches    text[] NOT NULL DEFAULT '{}',
  categories         text[] NOT NULL DEFAULT '{}', -- none: all
  action             text NOT NULL CHECK (action IN ('erase-deleted', 'erase-lapsed', 'anonymize-history', 'unlink-accounts')),
  age                interval NOT NULL,
  counted_from       text NOT NULL DEFAULT 'expired' CHECK (counted_from IN ('expired', 'last-fee', 'deleted')),
  despite            text[] NOT NULL DEFAULT '{}'
    CHECK (despite <@ '{loans,reservations,orders,fees,memberships,keeps-history}'),
  cap                integer NOT NULL CHECK (cap >= 0), -- people; a plan of more needs a second officer
  generalize_to      integer CHECK (generalize_to > 0), -- widen anonymous groups until so many people fit
  last_borrower_days integer NOT NULL DEFAULT 0 CHECK (last_borrower_days >= 0)
);
-- Whoever deleted an account has ended its membership at home.
INSERT INTO patronctl.rule (name, action, age, counted_from, despite, cap) VALUES
  ('lapsed', 'erase-lapsed', '18 months', 'expired', '{}', 1000),
  ('deleted', 'erase-deleted', '365 days', 'deleted', '{memberships}', 1000),
  ('history', 'anonymize-history', '3 years', 'expired', '{}', 10000),
  ('accounts', 'unlink-accounts', '10 years', 'expired', '{}', 10000);

CREATE TABLE patronctl.rule_in_force (
  rule      text NOT NULL REFERENCES patronctl.rule ON DELETE CASCADE,
  authority text NOT NULL,
  since     timestamptz NOT NULL,
  login     text NOT NULL,
  PRIMARY KEY (rule, authority)
);

-- A frozen list of people, and what is to be done with them.
CREATE TABLE patronctl.plan (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  origin         text NOT NULL CHECK (origin IN ('rules', 'due', 'date', 'file')),
  made_at        timestamptz NOT NULL,
  made_by        text NOT NULL,
  hash           text, -- over parts and items as they were frozen
  needs_approval text, -- why, or NULL
  approved_at    timestamptz,
  approved_by    text,
  state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'superseded', 'withdrawn'))
);
CREATE INDEX plan_open ON patronctl.plan (id) WHERE state = 'open';

-- One rule at one authority. The rule is kept as it was: changing it changes no plan.
CREATE TABLE patronctl.plan_part (
  plan       bigint NOT NULL REFERENCES patronctl.plan,
  part       integer NOT NULL,
  authority  text NOT NULL,
  conditions jsonb NOT NULL, -- the row of patronctl.rule; without a name when somebody gave a date instead
  before     date, -- the day that history or accounts older than it go
  todo       bigint NOT NULL DEFAULT 0, -- people
  skipped    jsonb NOT NULL DEFAULT '[]', -- people left out, by reason
  branches   jsonb NOT NULL DEFAULT '[]', -- both, by branch
  done_to    bigint NOT NULL DEFAULT 0, -- the last patron of this part that a run has dealt with
  finished   boolean NOT NULL DEFAULT FALSE,
  done       bigint NOT NULL DEFAULT 0, -- people
  left_out   bigint NOT NULL DEFAULT 0, -- people whom the runs found changed
  counts     jsonb NOT NULL DEFAULT '{}', -- rows, by what they were
  PRIMARY KEY (plan, part)
);

CREATE TABLE patronctl.plan_item (
  plan     bigint NOT NULL,
  part     integer NOT NULL,
  patron   bigint NOT NULL,
  branch   text NOT NULL,
  reasons  text[], -- why somebody was left out when the list was made; NULL: to do
  left_out text[], -- why somebody was left out when it was run
  PRIMARY KEY (plan, part, patron) -- no foreign key: a million looks at the same part would take longer than the plan
);
CREATE INDEX plan_item_skipped ON patronctl.plan_item (plan, part, patron) WHERE reasons IS NOT NULL OR left_out IS NOT NULL;

-- Whoever runs a plan holds it by a row that is renewed with each batch and given up after 30 seconds of silence.
CREATE TABLE patronctl.run (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan       bigint NOT NULL REFERENCES patronctl.plan,
  login      text NOT NULL,
  pid        integer NOT NULL, -- of the server process that did the last batch
  started_at timestamptz NOT NULL,
  renewed_at timestamptz NOT NULL,
  ended_at   timestamptz,
  outcome    text CHECK (outcome IN ('done', 'stopped', 'broken off')),
  done       bigint NOT NULL DEFAULT 0, -- people
  skipped    bigint NOT NULL DEFAULT 0,
  remaining  bigint NOT NULL
);
CREATE UNIQUE INDEX run_at_work ON patronctl.run (plan) WHERE ended_at IS NULL;

-- Numbers of imported files whose loans have moved to the anonymous since: seen, and no more. Without an index: a night moves
-- millions of loans, and an import reads all of these at once.
CREATE TABLE patronctl.seen_loan (source bigint NOT NULL);

-- Who was erased. No name, no card, no hash of one: after a backup was restored, this is enough to erase again.
CREATE TABLE patronctl.erasure (
  number      bigint PRIMARY KEY, -- without gaps
  patron      bigint NOT NULL UNIQUE,
  authority   text NOT NULL,
  rule        text NOT NULL, -- or request
  at          timestamptz NOT NULL,
  scrubbed_at timestamptz -- since when no file of the server holds the values
);
CREATE INDEX erasure_unscrubbed ON patronctl.erasure (authority) WHERE scrubbed_at IS NULL;

-- Up to which transaction a relation's files hold nothing of what had died: when it was last rewritten.
CREATE TABLE patronctl.rewrite (
  relation text PRIMARY KEY,
  up_to    xid8 NOT NULL,
  server   bigint NOT NULL, -- its system identifier: the numbers of another server's transactions mean nothing here
  at       timestamptz NOT NULL
);

-- Made-up people, from their planting to their erasing within one transaction. Nobody is number 0, so that a row which is
-- still here at its end forbids the commit.
CREATE TABLE patronctl.canary (
  patron bigint PRIMARY KEY,
  nobody bigint NOT NULL DEFAULT 0 REFERENCES patronctl.canary DEFERRABLE INITIALLY DEFERRED
);

-- The head of the ledger. While quarantined, the database answers nobody but the replay.
CREATE TABLE patronctl.ledger (
  singleton      boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  database       uuid NOT NULL DEFAULT gen_random_uuid(),
  secret         uuid NOT NULL DEFAULT gen_random_uuid(), -- proves that a number was once the head here
  number         bigint NOT NULL DEFAULT 0,
  quarantined_at timestamptz,
  replay_to      bigint, -- quarantine ends when a ledger was replayed as far as this
  replayed_to    bigint NOT NULL DEFAULT 0 -- how far that was done
);
INSERT INTO patronctl.ledger DEFAULT VALUES;
