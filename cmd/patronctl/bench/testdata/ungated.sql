-- desk.show_patron as it would be without the gate: the same document for a card, in one call.
CREATE SCHEMA bench;
CREATE FUNCTION bench.opened(card text) RETURNS patronctl.access
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  a patronctl.access;
BEGIN
  a.authority := 'CAM';
  a.facts := FALSE;
  a.patrons := desk.resolve(card);
  a.lost_cards := '{}';
  RETURN a;
END
$$;
DO $$
DECLARE
  gated   text := pg_get_functiondef('desk.show_patron(bigint, boolean)'::regprocedure);
  ungated text := replace(replace(gated, 'desk.show_patron(access bigint', 'bench.show_patron(card text'),
    'desk.use_access(access, ''show_patron'')', 'bench.opened(card)');
BEGIN
  IF ungated ~ 'use_access|access bigint' THEN
    RAISE EXCEPTION 'desk.show_patron has changed: adapt ungated.sql';
  END IF;
  EXECUTE ungated;
END
$$;
