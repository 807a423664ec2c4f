-- Statistics would keep sample values of people in pg_statistic, where no erasure reaches. lms.add_authority does the same
-- to each partition; ANALYZE samples these parents too.
ALTER TABLE lms.identity
  ALTER COLUMN surname SET STATISTICS 0,
  ALTER COLUMN forenames SET STATISTICS 0,
  ALTER COLUMN title SET STATISTICS 0,
  ALTER COLUMN birth_date SET STATISTICS 0,
  ALTER COLUMN emails SET STATISTICS 0,
  ALTER COLUMN phones SET STATISTICS 0,
  ALTER COLUMN document_number SET STATISTICS 0,
  ALTER COLUMN guardian SET STATISTICS 0,
  ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE lms.address
  ALTER COLUMN lines SET STATISTICS 0,
  ALTER COLUMN town SET STATISTICS 0,
  ALTER COLUMN postcode SET STATISTICS 0,
  ALTER COLUMN country SET STATISTICS 0;
ALTER TABLE lms.special
  ALTER COLUMN faith SET STATISTICS 0,
  ALTER COLUMN sexuality SET STATISTICS 0,
  ALTER COLUMN disability SET STATISTICS 0,
  ALTER COLUMN ethnic_origin SET STATISTICS 0;
ALTER TABLE lms.credential
  ALTER COLUMN secret_hash SET STATISTICS 0;
ALTER TABLE lms.consent
  ALTER COLUMN channel SET STATISTICS 0,
  ALTER COLUMN source SET STATISTICS 0;
ALTER TABLE lms.word
  ALTER COLUMN word SET STATISTICS 0;
ALTER TABLE lms.card
  ALTER COLUMN number SET STATISTICS 0;
