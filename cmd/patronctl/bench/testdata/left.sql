-- What the patron with the card :card still has.
SELECT (SELECT count(*) FROM lms.loan AS l WHERE l.patron = c.patron), (SELECT count(*) FROM lms.hold AS h WHERE h.patron = c.patron),
  (SELECT count(*) FROM lms.fee AS f WHERE f.patron = c.patron), (SELECT count(f.loan) FROM lms.fee AS f WHERE f.patron = c.patron)
FROM lms.card AS c
WHERE c.number = :'card';
