package exchange

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// TestImport takes every awkward person to another library, through both formats that an import reads, and out of that one
// again: what moves is the same to the byte, and nothing else moves.
func TestImport(t *testing.T) {
	db := pgtest.New(t)
	addresses := 0
	for i, person := range awkward(t, db) {
		var first *people.Newcomer
		for f, scope := range map[Format]Scope{JSON: FullAccess, XML: Portability} {
			found, err := ReadNewcomer(bytes.NewReader(exported(t, person.officer, person.ref, f, scope)))
			if err != nil {
				t.Fatalf("%s, %s: %v", person.ref, f, err)
			}
			if first == nil {
				first = found
			}
			if !sameMoving(found, first) {
				t.Errorf("%s, %s:\n%+v\n%+v", person.ref, f, found, first)
			}
		}
		addresses += len(first.Addresses)
		to := map[string]string{"CAM": "PBK", "KEN": "CAM", "PBK": "KEN"}[first.From.Authority]
		done, err := people.RegisterNewcomer(t.Context(), db.Client(t, "clerk."+strings.ToLower(to)), client.Why{}, first, people.Registration{
			Authority: to, Branch: map[string]string{"CAM": "CAM-CEN", "KEN": "KEN-CEN", "PBK": "PBK-UST"}[to], Category: "ADULT",
			Card: fmt.Sprintf("M%d", i), Basis: "resident", Wording: "joining-1", Source: "desk",
		})
		if person.id == 13 { // whom CAM knows as 12
			if !refused(err) || !strings.Contains(err.Error(), "id:12") {
				t.Errorf("registered twice: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", person.ref, err)
		}
		officer := db.Client(t, "officer."+strings.ToLower(to))
		for _, f := range []Format{JSON, XML} {
			after, err := ReadNewcomer(bytes.NewReader(exported(t, officer, fmt.Sprintf("id:%d", *done.Patron), f, FullAccess)))
			if err != nil || !sameMoving(first, after) {
				t.Fatalf("%s: %v: was\n%+v\nis\n%+v", person.ref, err, first, after)
			}
			if len(after.Consents) != 1 || after.Consents[0].Purpose != "joining" {
				t.Errorf("%s: %+v", person.ref, after.Consents)
			}
			for _, left := range after.Stays {
				if slices.Contains([]string{"special", "loan", "hold", "fee", "payment", "block"}, left.What) {
					t.Errorf("%s: %+v moved", person.ref, left)
				}
			}
		}
	}
	if addresses < 30 {
		t.Errorf("only %d addresses moved", addresses)
	}
}

func sameMoving(a, b *people.Newcomer) bool {
	return reflect.DeepEqual(a.Person, b.Person) && reflect.DeepEqual(a.Addresses, b.Addresses)
}
