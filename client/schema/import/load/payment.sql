-- The patron of a delivery is who paid, unless it names another who did; what is paid on account is the patron's.
INSERT INTO lms.payment (id, patron, fee, amount, paid_on, method, branch, taken_by, paid_by)
SELECT y.id, debtor.id, fee.id, s.amount, s.paid_on, s.method, s.branch, s.taken_by, nullif(coalesce(payer.id, p.id), debtor.id)
FROM pg_temp.payment AS s
JOIN patronctl.imported_payment AS y ON y.source = s.id
LEFT JOIN patronctl.imported_fee AS f ON f.source = s.fee
LEFT JOIN lms.fee AS fee ON fee.id = f.id
LEFT JOIN patronctl.imported_patron AS p ON p.source = s.patron
LEFT JOIN patronctl.imported_patron AS payer ON payer.source = s.paid_by,
  LATERAL (SELECT coalesce(fee.patron, p.id)) AS debtor(id)
ORDER BY y.id;
