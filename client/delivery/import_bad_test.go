package delivery_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/localpg/pgtest"
)

// consortium is a small one without a bad row.
var consortium = map[string]string{
	"authority": "code,name,currency,time_zone\nB,Barley,GBP,Europe/London\n",
	"branch":    "code,authority,name\nB-1,B,One\nB-2,B,Two\n",
	"category":  "code,name\nadult,Adults\n",
	"item":      "id,barcode,title,branch\n1,I1,A book,B-1\n2,I2,,B-2\n",
	"patron":    "id,authority,branch,category,registered_on,expires_on\n1,B,B-1,adult,,\n2,B,B-2,adult,2026-01-02,2026-01-01\n",
	"identity": "patron,surname,forenames,birth_date,emails,phones\n" +
		"1,Hall,Ann,1980-02-29,a@example.org ; b@example.org;,\n2,Císařová,Eva,,,; \n",
	"address":    "patron,kind,place,lines\n1,permanent,,\"1 Mill \"\"Lane\"\",\nCambermere\"\n1,permanent,2,2 Mill Lane\n",
	"special":    "patron,disability\n1,none\n",
	"credential": "patron,secret_hash\n1,x\n",
	"card":       "number,patron\nC1,1\nC2,2\n",
	"membership": "patron,authority,basis\n1,B,resident\n",
	"consent":    "patron,authority,purpose,given_at\n1,B,marketing,2026-01-01T00:00:00Z\n",
	"block":      "id,patron,authority,level,reason_code,placed_on\n1,1,B,warn,noise,2026-01-01\n",
	"loan":       "id,patron,item,authority,branch,lent_at\n1,1,1,B,B-1,2026-01-02T10:00:00Z\n",
	"hold":       "id,patron,title,authority,branch,placed_at,ready_at\n1,1,A wish,B,B-2,2026-01-02T10:00:00Z,2026-01-03T10:00:00Z\n",
	"fee":        "id,patron,authority,kind,amount,raised_on,loan\n1,1,B,overdue,2.50,2026-01-03,1\n2,2,B,service,1.00,,\n",
	"payment":    "id,patron,fee,amount,paid_on,paid_by\n1,,2,1.50,,1\n2,1,,0.50,2026-01-04,\n",
}

// write makes a directory of files; later ones replace earlier ones of the same name.
func write(t *testing.T, files ...map[string]string) string {
	t.Helper()
	dir, all := t.TempDir(), map[string]string{}
	for _, f := range files {
		maps.Copy(all, f)
	}
	for name, content := range all {
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func wantBad(t *testing.T, bad []delivery.BadRow, want ...string) {
	t.Helper()
	var got []string
	for _, b := range bad {
		got = append(got, fmt.Sprintf("%s:%d: %s: %s", b.File, b.Line, b.Column, b.Reason))
	}
	if !slices.Equal(got, want) {
		t.Errorf("bad rows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var badRows = []struct {
	name  string
	files map[string]string
	want  []string
}{
	{"types", map[string]string{
		"item": "id,barcode,title,branch\nx,I1,A,B-1\n99999999999999999999,I2,A,B-1\n,I3,A,B-1\n3,,A,B-1\n",
		"patron": "id,authority,branch,category,birth_year,status,registered_on,keeps_history,login\n" +
			"1,B,B-1,adult,19x,gone,2026-02-30,yes,remote\n2,B,B-1,adult,10000,active,1.2.2026,TRUE,local\n",
		"membership": "patron,authority,basis\n", "identity": "patron\n", "address": "patron,kind\n", "special": "patron\n",
		"credential": "patron,failed_attempts\n", "card": "number,patron\n", "consent": "patron,authority,purpose,given_at\n",
		"block": "id,patron,authority,level,reason_code,placed_on\n", "hold": "id,patron,authority,placed_at\n",
		"loan": "id,patron,item,branch,lent_at,renewals\n1,1,1,B-1,2026-01-02 10:00:00,-1\n",
		"fee": "id,patron,authority,kind,amount,raised_on\n1,1,B,overdue,2.5,2026-01-03\n2,1,B,overdue,2,2026-01-03\n" +
			"3,1,B,overdue,1e3.00,2026-01-03\n4,1,B,overdue,12345678901.00,infinity\n",
		"payment": "id,fee,amount,paid_on\n",
	}, []string{
		"item.csv:2: id: not a whole number",
		"item.csv:3: id: not a whole number",
		"item.csv:4: id: empty",
		"patron.csv:2: birth_year: not a year",
		"patron.csv:2: keeps_history: not t, f, true or false",
		"patron.csv:2: login: not one of local, external",
		"patron.csv:2: registered_on: not a date such as 2026-01-31",
		"patron.csv:2: status: not one of active, deleted, erased",
		"patron.csv:3: birth_year: not a year",
		"patron.csv:3: registered_on: not a date such as 2026-01-31",
		"loan.csv:2: lent_at: not an instant such as 2026-01-31T09:30:00Z",
		"loan.csv:2: renewals: not a number from 0 to 2147483647",
		"fee.csv:2: amount: not an amount with two decimals such as 2.50",
		"fee.csv:3: amount: not an amount with two decimals such as 2.50",
		"fee.csv:4: amount: not an amount with two decimals such as 2.50",
		"fee.csv:5: amount: not an amount with two decimals such as 2.50",
		"fee.csv:5: raised_on: not a date such as 2026-01-31",
	}},
	{"text and shape", map[string]string{
		"identity": "patron,surname,forenames\n1,Ha\xffll,Ann\n2,Ni\x00l,Eva\n",
		"card":     "number,patron\n\"C\n1\",1\n" + strings.Repeat("9", 501) + ",2\nC2,2,3\nC3\nC\"4,1\n\"C5\"x,1\n",
	}, []string{
		"identity.csv:2: surname: not valid UTF-8",
		"identity.csv:3: surname: holds a NUL character",
		"card.csv:4: number: longer than 500 characters",
		"card.csv:5: : 3 fields instead of 2",
		"card.csv:6: : 1 fields instead of 2",
		"card.csv:7: : a quotation mark is in the wrong place or never closed",
		"card.csv:8: : a quotation mark is in the wrong place or never closed",
	}},
	{"places", map[string]string{
		"authority": "code,name,currency,time_zone\nB,Barley,GBP,Europe/London\nB,Again,GBP,Europe/London\nb,Small,gb,Europe/London\n" +
			"C,Far,GBP,Europe/Atlantis\nD,\" \",GBP,Europe/London\n",
		"branch":   "code,authority,name\nB-1,B,One\nB-2,B,Two\nB-1,B,Again\nC-1,C,Far\n",
		"category": "code,name\nadult,Adults\nadult,Again\n",
	}, []string{
		"authority.csv:3: code: duplicate code B",
		"authority.csv:4: code: not up to 16 capital letters, digits and underscores, beginning with a letter",
		"authority.csv:4: currency: not three capital letters such as EUR",
		"authority.csv:5: time_zone: unknown time zone, use a name such as Europe/London",
		"authority.csv:6: name: empty",
		"branch.csv:4: code: duplicate code B-1",
		"branch.csv:5: authority: unknown authority C",
		"category.csv:3: code: duplicate code adult",
	}},
	{"duplicates", map[string]string{
		"item":     "id,barcode,title,branch\n1,I1,A,B-1\n1,I9,B,B-1\n2,I1,C,B-1\n",
		"patron":   "id,authority,branch,category\n1,B,B-1,adult\n2,B,B-2,adult\n2,B,B-1,adult\n",
		"identity": "patron,surname\n1,Hall\n1,Halle\n2,Nowak\n",
		"address":  "patron,kind,place\n1,permanent,\n1,temporary,\n1,permanent,1\n1,permanent,2\n1,permanent,0\n",
		"card":     "number,patron\nC1,1\nC1,2\n",
		"loan":     "id,patron,item,branch,lent_at\n1,1,1,B-1,2026-01-02T10:00:00Z\n1,1,1,B-1,2026-01-02T10:00:00Z\n",
	}, []string{
		"item.csv:3: id: duplicate id 1",
		"item.csv:4: barcode: duplicate barcode I1",
		"patron.csv:4: id: duplicate id 2",
		"identity.csv:3: patron: duplicate patron 1",
		"address.csv:4: place: duplicate permanent address 1 of patron 1",
		"address.csv:6: place: the places of a kind begin with 1",
		"card.csv:3: number: duplicate card number, first in line 2",
		"loan.csv:3: id: duplicate id 1",
	}},
	{"dependents", map[string]string{
		"item": "id,barcode,title,branch\n1,I1,A,NOWHERE\n",
		"patron": "id,authority,branch,category,guardian_patron\n1,B,B-1,adult,\n2,B,B-2,adult,3\n3,B,B-1,child,\n4,B,B-1,adult,2\n" +
			"5,B,B-1,adult,1\n6,B,B-1,adult,77\n",
		"loan":    "id,patron,item,authority,branch,lent_at\n1,1,1,,B-1,2026-01-02T10:00:00Z\n2,9,2,X,NOWHERE,2026-01-02T10:00:00Z\n",
		"hold":    "id,patron,item,authority,placed_at\n1,1,9,X,2026-01-02T10:00:00Z\n",
		"payment": "id,patron,fee,amount,paid_on,branch\n1,9,1,1.00,2026-01-04,NOWHERE\n",
	}, []string{
		"item.csv:2: branch: unknown branch NOWHERE",
		"patron.csv:3: guardian_patron: unknown patron 3",
		"patron.csv:4: category: unknown category child",
		"patron.csv:5: guardian_patron: unknown patron 2",
		"patron.csv:7: guardian_patron: unknown patron 77",
		"identity.csv:3: patron: unknown patron 2",
		"card.csv:3: patron: unknown patron 2",
		"loan.csv:2: item: unknown item 1",
		"loan.csv:3: authority: unknown authority X",
		"loan.csv:3: branch: unknown branch NOWHERE",
		"loan.csv:3: item: unknown item 2",
		"loan.csv:3: patron: unknown patron 9",
		"hold.csv:2: authority: unknown authority X",
		"hold.csv:2: item: unknown item 9",
		"fee.csv:2: loan: unknown loan 1",
		"fee.csv:3: patron: unknown patron 2",
		"payment.csv:2: branch: unknown branch NOWHERE",
		"payment.csv:2: fee: unknown fee 1",
		"payment.csv:2: patron: unknown patron 9",
	}},
	{"homes", map[string]string{
		"authority":  "code,name,currency,time_zone\nB,Barley,GBP,Europe/London\nC,Clover,GBP,Europe/London\n",
		"identity":   "patron,authority,surname\n1,C,Hall\n2,B,Nowak\n9,C,Nobody\n",
		"address":    "patron,authority,kind\n1,B,permanent\n1,C,temporary\n2,Mill Lane,permanent\n",
		"special":    "patron,authority,disability\n1,,none\n2,C,none\n",
		"credential": "patron,authority,secret_hash\n1,C,x\n2,B,x\n",
	}, []string{
		"identity.csv:2: authority: not B, the home of patron 1",
		"identity.csv:4: patron: unknown patron 9",
		"address.csv:3: authority: not B, the home of patron 1",
		"address.csv:4: authority: not B, the home of patron 2",
		"special.csv:3: authority: not B, the home of patron 2",
		"credential.csv:2: authority: not B, the home of patron 1",
	}},
}

func TestBadRows(t *testing.T) {
	for _, test := range badRows {
		t.Run(test.name, func(t *testing.T) {
			db := installed(t)
			owner, super := db.Client(t, "library"), pgtest.Connect(t, db, "postgres")
			before := withoutSequences(super.Must("%s", everything))
			dir := write(t, consortium, test.files)

			refused, err := delivery.Import(t.Context(), owner, dir, delivery.Options{})
			pgtest.OfKind(t, err, client.KindUsage)
			wantBad(t, refused.Bad, test.want...)
			if after := withoutSequences(super.Must("%s", everything)); after != before {
				t.Error("something was loaded")
			}

			var aside bytes.Buffer
			skipped, err := delivery.Import(t.Context(), owner, dir, delivery.Options{SkipBad: &aside})
			if err != nil {
				t.Fatal(err)
			}
			wantBad(t, skipped.Bad, test.want...)
			if lines := strings.Count(aside.String(), "\n"); lines != len(test.want)+1 ||
				!strings.HasPrefix(aside.String(), "file,line,column,reason\n") {
				t.Errorf("set aside:\n%s", aside.String())
			}
			for _, r := range skipped.Relations {
				if loaded := super.Must("SELECT count(*) FROM lms.%s", r.Relation); loaded != fmt.Sprint(r.Added) || r.Added+r.Bad != r.Read {
					t.Errorf("%+v, but %s rows", r, loaded)
				}
			}
		})
	}
}

// What the database holds already counts like what the files hold.
func TestBadAgainstTheDatabase(t *testing.T) {
	db := installed(t)
	owner := db.Client(t, "library")
	if _, err := delivery.Import(t.Context(), owner, write(t, consortium), delivery.Options{}); err != nil {
		t.Fatal(err)
	}
	later, err := delivery.Import(t.Context(), owner, write(t, map[string]string{
		"item":     "id,barcode,title,branch\n3,I1,Another,B-1\n4,I4,Good,B-1\n",
		"patron":   "id,authority,branch,category,guardian_patron\n3,B,B-1,adult,1\n",
		"card":     "number,patron\nC1,3\nC3,3\n",
		"identity": "patron,authority,surname\n1,C,Hall\n3,B,Good\n9,,Nobody\n", // the first is here, whatever its home was then
		"address":  "patron,authority,kind\n1,C,temporary\n1,B,permanent\n3,C,permanent\n",
	}), delivery.Options{})
	pgtest.OfKind(t, err, client.KindUsage)
	wantBad(t, later.Bad,
		"item.csv:2: barcode: barcode of another item I1",
		"identity.csv:4: patron: unknown patron 9",
		"address.csv:2: authority: not B, the home of patron 1",
		"address.csv:4: authority: not B, the home of patron 3",
		"card.csv:2: number: card number of another patron")
}

func TestImportRefusesFiles(t *testing.T) {
	owner := installed(t).Client(t, "library")
	for name, test := range map[string]struct {
		files   map[string]string
		message string
	}{
		"unknown file":   {map[string]string{"loans": "id\n"}, `there is no relation for the file "loans.csv"`},
		"no file":        {map[string]string{}, "there is no CSV file in the directory"},
		"unknown column": {map[string]string{"card": "number,patron,colour\n"}, "card.csv: unknown column colour"},
		"column twice":   {map[string]string{"card": "number,patron,patron\n"}, "card.csv: column patron is there twice"},
		"lacks a column": {map[string]string{"card": "number,issued_on\n"}, "card.csv lacks the column patron"},
		"empty":          {map[string]string{"card": ""}, "card.csv is empty: the first line names the columns"},
		"row without end": {
			map[string]string{"category": "code,name\na,A\nb,\"" + strings.Repeat("never closed\n", 3<<20)},
			"category.csv: the row after line 2 is longer than 16 MiB",
		},
		"header forgotten": {map[string]string{"identity": "1,Hall,Ann\n"}, "column 1 of identity.csv is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := delivery.Import(t.Context(), owner, write(t, test.files), delivery.Options{})
			pgtest.OfKind(t, err, client.KindUsage)
			if err == nil || err.Error() != test.message {
				t.Errorf("%v, want %s", err, test.message)
			}
		})
	}
	_, err := delivery.Import(t.Context(), owner, filepath.Join(t.TempDir(), "none"), delivery.Options{})
	pgtest.OfKind(t, err, client.KindUsage)
	// Spreadsheets begin a file with a mark.
	if _, err := delivery.Import(t.Context(), owner, write(t, map[string]string{"category": "\ufeffcode,name\r\nadult,Adults\r\n"}),
		delivery.Options{}); err != nil {
		t.Error(err)
	}
}
