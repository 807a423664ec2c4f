INSERT INTO lms.identity (patron, authority, surname, forenames, title, birth_date, email, phone, document_number, guardian, language)
SELECT p.id, home.authority, s.surname, s.forenames, s.title, s.birth_date, s.email, s.phone, s.document_number,
  s.guardian, s.language
FROM pg_temp.identity AS s
JOIN patronctl.imported_patron AS p ON p.source = s.patron
JOIN lms.patron AS home ON home.id = p.id
ORDER BY p.id;
