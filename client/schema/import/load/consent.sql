INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, withdrawn_at, source)
SELECT DISTINCT p.id, s.authority, s.purpose, s.channel, s.wording, s.given_at, s.withdrawn_at, s.source
FROM pg_temp.consent AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron;
