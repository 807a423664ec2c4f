SELECT count(*), (SELECT count(*) FROM patronctl.erasure), (SELECT count(*) FROM lms.identity), (SELECT count(*) FROM lms.address),
  (SELECT count(*) FROM lms.card), (SELECT count(*) FROM lms.named)
FROM lms.patron
WHERE status = 'erased';
