SELECT (SELECT count(*) FROM lms.patron), (SELECT count(*) FROM lms.identity), (SELECT count(*) FROM lms.named),
  (SELECT count(*) FROM lms.loan),
  (SELECT count(*) FROM lms.hold), (SELECT count(*) FROM lms.fee), (SELECT count(*) FROM lms.payment);
