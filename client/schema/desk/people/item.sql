-- Who has an item, and for those who may, who had it last.

-- The borrower as an answer names one.
CREATE FUNCTION desk.borrower(patron bigint, facts boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'patron', p.id,
    'card', CASE WHEN facts THEN '' ELSE coalesce(desk.cards(p.id) #>> '{0,number}', '') END,
    'surname', CASE WHEN facts THEN '' ELSE coalesce(i.surname, '') END,
    'forenames', CASE WHEN facts THEN '' ELSE coalesce(i.forenames, '') END,
    'erased', p.status = 'erased')
  FROM lms.patron AS p
  LEFT JOIN lms.identity AS i ON i.patron = p.id AND i.authority = p.authority
  WHERE p.id = borrower.patron
$$;

CREATE FUNCTION desk.show_item(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'show_item');
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'barcode', t.barcode, 'title', t.title, 'branch', t.branch,
      'status', CASE WHEN l.id IS NULL THEN 'available' ELSE 'on_loan' END,
      'lent_at', l.lent_at, 'due_at', l.due_at, 'overdue', coalesce(l.due_at < patronctl.clock(), FALSE),
      'borrower', desk.borrower(l.patron, a.facts),
      'access', a.id)
    FROM lms.item AS t
    LEFT JOIN LATERAL (
      SELECT * FROM lms.loan AS r
      WHERE r.item = t.id AND r.patron = a.patrons[1] AND r.returned_at IS NULL
      ORDER BY r.lent_at DESC, r.id DESC LIMIT 1
    ) AS l ON TRUE
    WHERE t.id = a.subject
  );
END
$$;

-- Who had it last, and until when; nobody when that loan is anonymous.
CREATE FUNCTION desk.show_last_borrower(access bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, 'show_last_borrower');
BEGIN
  RETURN (
    SELECT jsonb_build_object('last_borrower', desk.borrower(a.patrons[1], a.facts), 'returned_at', max(l.returned_at), 'access', a.id)
    FROM lms.loan AS l
    WHERE l.item = a.subject AND l.patron = a.patrons[1] AND l.returned_at IS NOT NULL
  );
END
$$;
