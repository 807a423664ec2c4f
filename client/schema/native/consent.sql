-- Consents: given, and withdrawn once.

CREATE FUNCTION lms.give_consent(
  patron bigint, authority text, purpose text, channel text, wording text, given_at timestamptz, source text
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, source)
  VALUES (patron, authority, purpose, channel, wording, given_at, source)
$$;

-- Ends the consents to a purpose that are in force, over one channel or NULL for all, and returns how many.
CREATE FUNCTION lms.withdraw_consent(patron bigint, authority text, purpose text, channel text, withdrawn_at timestamptz) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ended integer;
BEGIN
  UPDATE lms.consent AS c
  SET withdrawn_at = withdraw_consent.withdrawn_at
  WHERE c.patron = withdraw_consent.patron
    AND c.authority = withdraw_consent.authority
    AND c.purpose = withdraw_consent.purpose
    AND (withdraw_consent.channel IS NULL OR c.channel = withdraw_consent.channel)
    AND c.given_at <= withdraw_consent.withdrawn_at
    AND c.withdrawn_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END
$$;
