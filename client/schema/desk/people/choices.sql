-- What patrons choose, and the special categories (GDPR article 9) that they may have told: the desk writes these without
-- being able to read them.

-- NULL leaves a choice as it is; an empty language is none.
CREATE FUNCTION desk.set_choices(access bigint, keeps_history boolean, language text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a     patronctl.access := desk.use_access(access, 'set_choices', TRUE);
  asked text := btrim(lower(language));
  p     lms.patron;
BEGIN
  IF asked <> '' AND asked !~ '^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$' THEN
    PERFORM desk.fail('LB400', 'a language is a code such as en or cy');
  ELSIF keeps_history IS NULL AND asked IS NULL THEN
    PERFORM desk.fail('LB400', 'nothing to set');
  END IF;
  PERFORM lms.lock_patron(a.patrons[1]);
  PERFORM desk.refuse_erased(a.patrons[1]);
  PERFORM lms.set_choices(a.patrons[1], keeps_history, asked);
  PERFORM desk.record_result(a.id,
    jsonb_strip_nulls(jsonb_build_object('keeps_history', keeps_history, 'languages', CASE WHEN asked IS NOT NULL THEN 1 END)));
  SELECT * INTO STRICT p FROM lms.patron AS r WHERE r.id = a.patrons[1];
  RETURN jsonb_build_object(
    'patron', p.id, 'authority', p.authority, 'keeps_history', p.keeps_history, 'access', a.id,
    'language', (SELECT coalesce(i.language, '') FROM lms.identity AS i WHERE i.patron = p.id AND i.authority = p.authority));
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('this could not be set', SQLSTATE);
END
$$;

-- NULL leaves a field as it is, an empty one clears it. The answer says nothing about what was there.
CREATE FUNCTION desk.set_special(access bigint, faith text, sexuality text, disability text, ethnic_origin text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a      patronctl.access := desk.use_access(access, 'set_special', TRUE);
  fields text[] := ARRAY[btrim(faith), btrim(sexuality), btrim(disability), btrim(ethnic_origin)];
  said   bigint := (SELECT count(f) FROM unnest(fields) AS f);
BEGIN
  IF EXISTS (SELECT FROM unnest(fields) AS f WHERE length(f) > 200 OR f ~ '[[:cntrl:]]') THEN
    PERFORM desk.fail('LB400', 'a special category is one line of at most 200 characters');
  ELSIF said = 0 THEN
    PERFORM desk.fail('LB400', 'nothing to set');
  END IF;
  PERFORM lms.lock_patron(a.patrons[1]);
  PERFORM desk.refuse_erased(a.patrons[1]);
  PERFORM lms.set_special(a.patrons[1], fields[1], fields[2], fields[3], fields[4]);
  PERFORM desk.record_result(a.id, jsonb_build_object('fields', said));
  RETURN jsonb_build_object('patron', a.patrons[1], 'fields', said, 'access', a.id);
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM desk.fault('this could not be set', SQLSTATE);
END
$$;

CREATE FUNCTION desk.show_special(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'show_special');
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'patron', p.id, 'faith', coalesce(s.faith, ''), 'sexuality', coalesce(s.sexuality, ''),
      'disability', coalesce(s.disability, ''), 'ethnic_origin', coalesce(s.ethnic_origin, ''), 'access', a.id)
    FROM lms.patron AS p
    LEFT JOIN lms.special AS s ON s.patron = p.id AND s.authority = p.authority
    WHERE p.id = a.patrons[1]
  );
END
$$;
