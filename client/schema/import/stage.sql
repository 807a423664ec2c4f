-- The files as they are, typed but not yet checked: `line` is where the row begins in its file. The tables belong to the
-- login, who lends them to the tool's owner, and are gone with the transaction.
SET LOCAL work_mem = '128MB';
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL jit = off; -- compiling takes longer than these statements gain

CREATE TEMP TABLE bad (relation text, line bigint, column_name text, reason text) ON COMMIT DROP;
CREATE TEMP TABLE warning (relation text, warning text, count bigint) ON COMMIT DROP;

CREATE TEMP TABLE authority (line bigint, code text, name text, currency text, time_zone text) ON COMMIT DROP;
CREATE TEMP TABLE branch (line bigint, code text, authority text, name text) ON COMMIT DROP;
CREATE TEMP TABLE category (line bigint, code text, name text) ON COMMIT DROP;
CREATE TEMP TABLE item (line bigint, id bigint, barcode text, title text, branch text) ON COMMIT DROP;
CREATE TEMP TABLE patron (
  line bigint, id bigint, authority text, branch text, category text, birth_year bigint, status text, registered_on date,
  expires_on date, last_fee_on date, deleted_on date, last_activity_on date, keeps_history boolean, login text,
  protected boolean, guardian_patron bigint
) ON COMMIT DROP;
CREATE TEMP TABLE identity (
  line bigint, patron bigint, authority text, surname text, forenames text, title text, birth_date date, email text,
  phone text, document_number text, guardian text, language text
) ON COMMIT DROP;
CREATE TEMP TABLE address (
  line bigint, patron bigint, authority text, kind text, lines text, town text, postcode text, country text
) ON COMMIT DROP;
CREATE TEMP TABLE special (
  line bigint, patron bigint, authority text, faith text, sexuality text, disability text, ethnic_origin text
) ON COMMIT DROP;
CREATE TEMP TABLE credential (
  line bigint, patron bigint, authority text, secret_hash text, set_at timestamptz, one_time_until timestamptz,
  must_change boolean, failed_attempts bigint, locked_until timestamptz
) ON COMMIT DROP;
CREATE TEMP TABLE card (line bigint, number text, patron bigint, issued_on date, status text) ON COMMIT DROP;
CREATE TEMP TABLE membership (
  line bigint, patron bigint, authority text, basis text, joined_on date, expires_on date
) ON COMMIT DROP;
CREATE TEMP TABLE consent (
  line bigint, patron bigint, authority text, purpose text, channel text, wording text, given_at timestamptz,
  withdrawn_at timestamptz, source text
) ON COMMIT DROP;
CREATE TEMP TABLE block (
  line bigint, id bigint, patron bigint, authority text, level text, reason_code text, placed_on date, lifted_on date
) ON COMMIT DROP;
CREATE TEMP TABLE loan (
  line bigint, id bigint, patron bigint, item bigint, authority text, branch text, lent_at timestamptz,
  due_at timestamptz, returned_at timestamptz, renewals bigint
) ON COMMIT DROP;
CREATE TEMP TABLE hold (
  line bigint, id bigint, patron bigint, kind text, item bigint, authority text, placed_at timestamptz,
  closed_at timestamptz, outcome text
) ON COMMIT DROP;
CREATE TEMP TABLE fee (
  line bigint, id bigint, patron bigint, authority text, kind text, amount bigint, raised_on date, loan bigint
) ON COMMIT DROP; -- amounts are in hundredths
CREATE TEMP TABLE payment (
  line bigint, id bigint, patron bigint, fee bigint, amount bigint, paid_on date, method text, branch text, taken_by text
) ON COMMIT DROP;

GRANT ALL ON ALL TABLES IN SCHEMA pg_temp TO patronctl_owner;
