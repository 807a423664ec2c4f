-- How functions refuse. What the text says is also there in parts, as JSON in DETAIL, so that programs read it and people
-- can be told it in their language: the templates of message and hint, and what fills their {names}. It stands in the
-- server's log, so nothing fills a name that is not in a template.

CREATE FUNCTION desk.fail(code text, message text, hint text DEFAULT '', params jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '%', desk.filled(message, params)
  USING ERRCODE = code, HINT = desk.filled(hint, params),
    DETAIL = jsonb_build_object('message', message, 'hint', hint, 'params', params);
END
$$;

-- A broken constraint is a fault of the program or of the data. The server's own words would quote the row.
CREATE FUNCTION desk.fault(message text, state text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.fail('LB500', message || ': {state}', 'run patronctl db status', jsonb_build_object('state', state));
END
$$;

-- A template with what fills its {names}; a value is never read as a template.
CREATE FUNCTION desk.filled(template text, params jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(string_agg(CASE
      WHEN p.number = 1 THEN p.piece
      WHEN params ? split_part(p.piece, '}', 1)
        THEN coalesce(params ->> split_part(p.piece, '}', 1), '?') || substr(p.piece, strpos(p.piece, '}') + 1)
      ELSE '{' || p.piece
    END, '' ORDER BY p.number), '')
  FROM string_to_table(template, '{') WITH ORDINALITY AS p (piece, number)
$$;
