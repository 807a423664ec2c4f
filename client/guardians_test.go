package client_test

import (
	"testing"

	"patronctl/client/localpg/pgtest"
)

// A ward who has the surname of an erased person, and names her as guardian, keeps the name as long as somebody else could be
// meant: whoever is left and has all words of it.
func TestNamesakesKeepAGuardian(t *testing.T) {
	t.Parallel()
	super := connect(t, pgtest.New(t), "postgres")
	super.must(`UPDATE lms.patron SET guardian_patron = NULL WHERE id = 21;
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
		super.must("BEGIN")
		super.must("UPDATE lms.identity SET surname = '%s', forenames = '%s' WHERE patron = 41", c.surname, c.forenames)
		erase(super, c.erased...)
		if left := super.must("SELECT guardian IS NOT NULL FROM lms.identity WHERE patron = 21"); (left == "t") != c.kept {
			t.Errorf("%s: the name is kept: %s", name, left)
		}
		super.must("ROLLBACK")
	}
}
