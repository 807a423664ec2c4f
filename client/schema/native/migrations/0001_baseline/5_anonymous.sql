-- Where history goes when it leaves its people.

-- One stand-in for everybody who shares these four facts; one per person would keep a history linkable.
CREATE TABLE lms.anonymous_patron (
  id         bigint PRIMARY KEY DEFAULT nextval('lms.patron_number'),
  authority  text NOT NULL,
  branch     text,
  category   text,
  birth_year smallint,
  UNIQUE NULLS NOT DISTINCT (authority, branch, category, birth_year)
);

-- No id and no foreign key in these three: nothing may lead from a row back to the one it was.
CREATE TABLE lms.anonymous_loan (
  anonymous_patron bigint NOT NULL,
  item             bigint NOT NULL,
  authority        text NOT NULL,
  branch           text,
  lent_at          timestamptz NOT NULL,
  due_at           timestamptz,
  returned_at      timestamptz NOT NULL,
  renewals         integer NOT NULL
);
CREATE INDEX anonymous_loan_patron ON lms.anonymous_loan (anonymous_patron);
CREATE INDEX anonymous_loan_item ON lms.anonymous_loan (item, lent_at);
CREATE INDEX anonymous_loan_branch ON lms.anonymous_loan (authority, branch, lent_at);

CREATE TABLE lms.anonymous_hold (
  anonymous_patron bigint NOT NULL,
  kind             text NOT NULL,
  item             bigint,
  authority        text NOT NULL,
  branch           text,
  placed_at        timestamptz NOT NULL,
  ready_at         timestamptz,
  closed_at        timestamptz NOT NULL,
  outcome          text
);
CREATE INDEX anonymous_hold_patron ON lms.anonymous_hold (anonymous_patron);

CREATE TABLE lms.anonymous_fee (
  anonymous_patron bigint NOT NULL,
  authority        text NOT NULL,
  kind             text NOT NULL,
  amount           numeric(12, 2) NOT NULL,
  raised_on        date
);
CREATE INDEX anonymous_fee_patron ON lms.anonymous_fee (anonymous_patron);
