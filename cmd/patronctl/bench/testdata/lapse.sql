-- One in :share of the patrons lapsed 25 years ago, and has neither loans nor fees, nor anything else that holds them.
CREATE TEMP TABLE lapsing AS
SELECT p.id
FROM lms.patron AS p
WHERE p.status = 'active'
  AND NOT p.protected
  AND NOT EXISTS (SELECT FROM lms.patron AS w WHERE w.guardian_patron = p.id)
  AND NOT EXISTS (SELECT FROM lms.hold AS h WHERE h.patron = p.id AND h.closed_at IS NULL)
  AND NOT EXISTS (SELECT FROM lms.loan AS l WHERE l.patron = p.id AND l.returned_at IS NULL)
  AND NOT EXISTS (SELECT FROM lms.fee AS f WHERE f.patron = p.id)
ORDER BY hashint8(p.id)
LIMIT (SELECT count(*) / :share FROM lms.patron);
ANALYZE lapsing;
UPDATE lms.patron AS p SET expires_on = current_date - interval '25 years' FROM lapsing AS l WHERE p.id = l.id;
UPDATE lms.membership AS m SET expires_on = current_date - interval '25 years' FROM lapsing AS l WHERE m.patron = l.id;
