-- The loans of the patron with the card :card, as the rows of an export.
COPY (
  SELECT row_to_json(r)
  FROM (
    SELECT l.id, t.barcode, t.title, l.authority, l.branch, l.lent_at, l.due_at, l.returned_at, l.renewals
    FROM lms.card AS c
    JOIN lms.loan AS l ON l.patron = c.patron
    JOIN lms.item AS t ON t.id = l.item
    WHERE c.number = :'card'
    ORDER BY l.id
  ) AS r
) TO STDOUT;
