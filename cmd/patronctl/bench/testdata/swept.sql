SELECT (SELECT count(*) FROM lms.anonymous_loan), (SELECT count(*) FROM lms.anonymous_hold), (SELECT count(*) FROM lms.anonymous_fee),
  (SELECT count(*) FROM lms.loan), (SELECT count(*) FROM lms.hold), (SELECT count(*) FROM lms.fee), (SELECT count(loan) FROM lms.fee);
