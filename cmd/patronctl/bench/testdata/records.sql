-- :records access records of two years, by 300 logins about all patrons, with the hashes that the guard would give them. The
-- indexes are made anew at the end, which takes a fraction of the time.
SET session_replication_role = replica;
SET TimeZone = 'UTC';
CREATE TEMPORARY TABLE made_anew AS
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'patronctl' AND tablename = 'access' AND indexname <> 'access_pkey';
SELECT format('DROP INDEX patronctl.%I', indexname) FROM made_anew \gexec
SELECT max(id) AS most FROM lms.patron \gset
INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE
SELECT u.*, desk.access_hash_in_utc(ROW(u.*, '')::patronctl.access)
FROM (
  SELECT nextval('patronctl.access_id_seq') AS id, pg_current_xact_id() AS xid, '0/0'::pg_lsn AS written_at,
    now() - (:records - n) * (interval '2 years' / :records) AS at, 'clerk' || n % 300 AS login, NULL::inet AS client,
    'CAM' AS authority, 'clerk' AS role,
    'patron show' AS operation, 'service' AS purpose, NULL::text AS reason, 'allowed' AS outcome, NULL::text AS because, FALSE AS facts,
    ARRAY[1 + (n * 7919::bigint) % :most] AS patrons, '{}'::bigint[] AS others, '{}'::integer[] AS lost_cards, NULL::bigint AS subject,
    uuid_send(gen_random_uuid()) AS nonce
  FROM generate_series(1, :records) AS n
  OFFSET 0
) AS u;
SET maintenance_work_mem = '1GB';
SELECT indexdef FROM made_anew \gexec
VACUUM ANALYZE patronctl.access;
