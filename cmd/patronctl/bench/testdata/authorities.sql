-- The authorities and their partitions, which db import makes by itself.
CREATE TEMP TABLE authority (LIKE lms.authority);
\cd :files
\copy authority FROM authority.csv (FORMAT csv, HEADER match)
SELECT lms.add_authority(code, name, currency, time_zone) FROM authority;
