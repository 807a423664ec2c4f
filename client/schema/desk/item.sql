-- Who has an item, and for those who may, who had it last.

CREATE FUNCTION desk.show_item(access bigint, last boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a patronctl.access := desk.use_access(access, CASE WHEN last THEN 'item show last' ELSE 'item show' END);
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'barcode', t.barcode, 'title', t.title, 'branch', t.branch,
      'status', CASE WHEN EXISTS (SELECT FROM lms.loan AS n WHERE n.item = t.id AND n.returned_at IS NULL) THEN 'on_loan' ELSE 'available' END,
      'lent_at', l.lent_at, 'due_at', l.due_at, 'returned_at', l.returned_at,
      'overdue', coalesce(l.returned_at IS NULL AND l.due_at < patronctl.clock(), FALSE),
      CASE WHEN last THEN 'last_borrower' ELSE 'borrower' END, CASE WHEN p.id IS NOT NULL THEN jsonb_build_object(
        'patron', p.id,
        'card', CASE WHEN a.facts THEN '' ELSE coalesce(desk.cards(p.id) #>> '{0,number}', '') END,
        'surname', CASE WHEN a.facts THEN '' ELSE coalesce(i.surname, '') END,
        'forenames', CASE WHEN a.facts THEN '' ELSE coalesce(i.forenames, '') END)
      END,
      'access', a.id)
    FROM lms.item AS t
    LEFT JOIN LATERAL (
      SELECT * FROM lms.loan AS r
      WHERE r.item = t.id AND r.patron = a.patrons[1] AND (r.returned_at IS NOT NULL) = last
      ORDER BY r.lent_at DESC, r.id DESC LIMIT 1
    ) AS l ON TRUE
    LEFT JOIN lms.patron AS p ON p.id = l.patron
    LEFT JOIN lms.identity AS i ON i.patron = p.id AND i.authority = p.authority
    WHERE t.id = a.subject
  );
END
$$;
