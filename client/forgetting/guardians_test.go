package forgetting_test

import (
	"testing"

	"patronctl/client/localpg/pgtest"
)

// A ward who has the surname of an erased person, and names her as guardian, keeps the name as long as somebody else could be
// meant: whoever is left and has all words of it.
func TestNamesakesKeepAGuardian(t *testing.T) {
	t.Parallel()
	super := pgtest.Connect(t, pgtest.New(t), "postgres")
	super.Must(`UPDATE lms.patron SET guardian_patron = NULL WHERE id = 21;
		UPDATE lms.identity SET guardian = 'Ruth Ann Wardley' WHERE patron = 21;
		UPDATE lms.identity SET surname = 'Wardley', forenames = 'Ruth Ann' WHERE patron = 20;
		UPDATE lms.address SET lines = 'elsewhere 1' WHERE patron = 21`)
	for name, c := range map[string]struct {
		surname, forenames string
		erased             []string
		kept               bool
	}{
		"a namesake":                     {"Wardley", "Ruth Ann", []string{"20"}, true},
		"in another order":               {"Ruth", "Wardley Ann", []string{"20"}, true},
		"with capitals and accents":      {"WÁRDLEY", "Rúth Ann", []string{"20"}, true},
		"with one more name":             {"Wardley", "Ann Ruth Mary", []string{"20"}, true},
		"with one name less":             {"Wardley", "Ruth", []string{"20"}, false},
		"with half of a name":            {"Wardley", "Ruth An", []string{"20"}, false},
		"with another surname":           {"Wardle", "Ruth Ann", []string{"20"}, false},
		"a namesake who is erased, too":  {"Wardley", "Ruth Ann", []string{"41", "20"}, false},
		"erased first":                   {"Wardley", "Ruth Ann Mary", []string{"41"}, true},
		"a namesake without the surname": {"", "Ruth Ann Wardley", []string{"20"}, true},
	} {
		super.Must("BEGIN")
		super.Must("UPDATE lms.identity SET surname = '%s', forenames = '%s' WHERE patron = 41", c.surname, c.forenames)
		erase(super, c.erased...)
		if left := super.Must("SELECT guardian IS NOT NULL FROM lms.identity WHERE patron = 21"); (left == "t") != c.kept {
			t.Errorf("%s: the name is kept: %s", name, left)
		}
		super.Must("ROLLBACK")
	}
}

// Whose name goes from a ward's row with an erased guardian: 20, Ruth Wardley, is erased, and 36 is another grown-up. What
// the account says beats what the name says, and a name alone needs the address, or a surname that nobody else has with it.
func TestWhichGuardiansGo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, at := range []struct{ name, ward, erased, want string }{
		{"named by the account", "account = 20, said = 'Ruth Wardley'", "20", ""},
		{"named by the account, written otherwise", "account = 20, said = 'Mother'", "20", ""},
		{"the account names another, who has the address", "account = 36, said = 'Ruth Wardley', lives = TRUE", "20", "36 Ruth Wardley"},
		{"the account names another, and the surname fits", "account = 36, said = 'Ruth Wardley', surname = 'Wardley'", "20", "36 Ruth Wardley"},
		{"the account names another, who is erased too", "account = 36, said = 'Ruth Wardley', lives = TRUE", "20,36", ""},
		{"only the name, and the address", "said = 'WARDLEY, Ruth', lives = TRUE", "20", ""},
		{"only the name, and the surname", "said = 'Ruth Wardley', surname = 'wardley'", "20", ""},
		{"only the name, and a namesake", "said = 'Ruth Wardley', surname = 'Wardley', namesake = TRUE", "20", " Ruth Wardley"},
		{"a namesake, who is erased too", "said = 'Ruth Wardley', surname = 'Wardley', namesake = TRUE", "20,37", ""},
		{"a namesake, but the address", "said = 'Ruth Wardley', surname = 'Wardley', namesake = TRUE, lives = TRUE", "20", ""},
		{"only the name, and nothing else", "said = 'Ruth Wardley'", "20", " Ruth Wardley"},
		{"another name at the address", "said = 'Ruth Ward', lives = TRUE", "20", " Ruth Ward"},
		{"part of the name at the address", "said = 'Wardley', lives = TRUE", "20", " Wardley"},
		{"nobody", "lives = TRUE", "20", ""},
	} {
		super := pgtest.Connect(t, db, "postgres")
		super.Must("BEGIN") // and never COMMIT: each begins anew
		super.Must(`
			CREATE TEMP TABLE ward ON COMMIT DROP AS
			SELECT NULL::bigint AS account, NULL::text AS said, 'Otherwise' AS surname, FALSE AS lives, FALSE AS namesake;
			UPDATE ward SET %s;
			UPDATE lms.patron SET guardian_patron = NULL WHERE id = 21;
			UPDATE lms.patron SET guardian_patron = (SELECT account FROM ward) WHERE id = 21;
			UPDATE lms.identity AS i SET guardian = w.said, surname = w.surname FROM ward AS w WHERE i.patron = 21;
			UPDATE lms.identity SET surname = 'Wardley', forenames = 'Ruth' WHERE patron = 37 AND (SELECT namesake FROM ward);
			UPDATE lms.identity SET guardian = 'A Grandmother' WHERE patron = 41;
			UPDATE lms.address SET lines = 'elsewhere 1' WHERE patron IN (21, 41);
			UPDATE lms.address AS a SET lines = (SELECT upper(b.lines) FROM lms.address AS b WHERE b.patron = 20 LIMIT 1)
			WHERE a.patron = 21 AND (SELECT lives FROM ward)`, at.ward)
		super.Must("SELECT desk.erase('{%s}', 'request')", at.erased)
		got := super.Must(`
			SELECT concat(p.guardian_patron, ' ' || i.guardian)
			FROM lms.patron AS p JOIN lms.identity AS i ON i.patron = p.id
			WHERE p.id = 21`)
		if got != at.want {
			t.Errorf("%s: the ward's guardian is %q, want %q", at.name, got, at.want)
		}
		if got := super.Must("SELECT guardian FROM lms.identity WHERE patron = 41"); got != "A Grandmother" {
			t.Errorf("%s: the guardian of somebody else's ward is %q", at.name, got)
		}
		super.Must("ROLLBACK")
	}
}
