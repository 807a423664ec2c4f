-- The dictionary of distinct folded words that names are found through: misspelt words are looked for among some hundred
-- thousand words instead of among all people. It is personal data like the names.

CREATE TABLE lms.word (
  id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  word text COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX word_similar ON lms.word USING gin (word lms.gin_trgm_ops);

CREATE TABLE lms.named (
  patron  bigint NOT NULL,
  word    integer NOT NULL REFERENCES lms.word,
  surname boolean NOT NULL,
  PRIMARY KEY (patron, word, surname)
);
CREATE INDEX named_word ON lms.named (word, surname DESC, patron);

CREATE TRIGGER a_name_removed AFTER DELETE ON lms.identity
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_removed();
CREATE TRIGGER a_name_changed_from AFTER UPDATE ON lms.identity
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_removed();
CREATE TRIGGER b_name_changed_to AFTER UPDATE ON lms.identity
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_added();
CREATE TRIGGER b_name_added AFTER INSERT ON lms.identity
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION lms.name_added();
