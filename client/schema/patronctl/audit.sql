-- What is sealed.

-- What a result says, ready to be sealed; it vouches for its access too. This form never changes.
CREATE FUNCTION patronctl.result_hash(access bigint, access_hash bytea, xid xid8, at timestamptz, counts jsonb) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
AS $$
  SELECT sha256('\x00'::bytea || convert_to(jsonb_build_array(access, encode(access_hash, 'hex'), xid::text, at, counts)::text, 'UTF8'))
$$;
