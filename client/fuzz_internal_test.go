package client

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/text/unicode/norm"
)

// What is a day is written as it was, in text and in JSON, and no other spelling is one.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{"", "today", "Today", "2026-01-31", "2026-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2026-1-1", "+2026-01-31", "2026-01-31 ", "２０２６-01-31"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, err := ParseDate(s)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 100 {
				t.Errorf("%q: %q", s, err)
			}
			return
		}
		if day.String() != s || len(s) > 10 {
			t.Errorf("%q is read as %s", s, day)
		}
		var again Date
		text, err := json.Marshal(day)
		if err == nil && !day.Today {
			err = json.Unmarshal(text, &again)
			if again != day {
				t.Errorf("%q: %s in JSON", s, text)
			}
		}
		if err != nil || day.param().Valid != true {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// A field of an import file is refused without being quoted, or read as what it says.
func FuzzImportValue(f *testing.F) {
	for _, seed := range []string{"", "0", "-0", "+1", "1.00", "-0.00", "--1.00", "1e3.00", "１.00", "9999999999.99", "t", "TRUE", "2026-01-31", "2026-01-31T09:30:00Z", "2026-01-31 09:30:00+02", "2026-01-31 09:30:00.123456789-0330", "0000-01-01", "a\x00b", "a\xff", "ſ", "active"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, r := range relations() {
			for _, c := range r.columns {
				value, err := c.value(field)
				switch v := value.(type) {
				case nil:
					if err == nil && (field != "" || c.required) || err != nil && field != "" && len(field) > 12 && strings.Contains(err.Error(), field) {
						t.Errorf("%s.%s: %q: %v", r.name, c.name, field, err)
					}
				case string:
					if v != field || !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
						t.Errorf("%s.%s: %q is read as %q", r.name, c.name, field, v)
					}
				case time.Time:
					if v.Year() < 1 || v.Year() > 9999 || !strings.HasPrefix(field, v.Format(time.DateOnly)) {
						t.Errorf("%s.%s: %q is read as %s", r.name, c.name, field, v)
					}
				case pgtype.Numeric:
					if text, err := v.Value(); err != nil || strings.TrimLeft(text.(string), "-0") != strings.TrimLeft(field, "-0") {
						t.Errorf("%s.%s: %q is read as %v: %v", r.name, c.name, field, text, err)
					}
				case int64:
					digits := strings.TrimLeft(strings.NewReplacer("+", "", "-", "").Replace(field), "0")
					if strings.TrimPrefix(strconv.FormatInt(v, 10), "-") != digits && v != 0 {
						t.Errorf("%s.%s: %q is read as %d", r.name, c.name, field, v)
					}
				case bool:
					if v != strings.EqualFold(field[:1], "t") {
						t.Errorf("%s.%s: %q is read as %v", r.name, c.name, field, v)
					}
				default:
					t.Errorf("%s.%s: %q is read as a %T", r.name, c.name, field, v)
				}
			}
		}
	})
}

// An import file gives every row that encoding/csv finds in it exactly once: as values, or as bad. What CSV can say of a text
// comes through as it was.
func FuzzImportFile(f *testing.F) {
	for _, seed := range []string{"", "code,name\n", "code,name\nA,B\n", "\ufeffcode,name\nA,\"B\"\"\nC\"\n", "code;name\n", "code,name\n\"A\n", "code,name\nA,B,C\n\nA\n", "code,code\n", "code,name\nA,\xff\n,\x00\n", "code,name\r\nA,B\r\n", "name,code\n'=1,=1\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "category.csv"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		category := &relations()[slices.IndexFunc(relations(), func(r relation) bool { return r.name == "category" })]
		file, err := openImport(dir, category)
		if err != nil {
			oneLine(t, err)
			return
		}
		defer file.close()
		bad, rows := map[int64]bool{}, [][]any{}
		file.bad = func(row BadRow) {
			bad[row.Line] = true
			if row.File != "category.csv" || row.Line < 2 || row.Reason == "" || strings.ContainsAny(row.Reason, "\n\x1b") {
				t.Errorf("bad row %+v", row)
			}
		}
		for file.Next() {
			values, _ := file.Values()
			rows = append(rows, slices.Clone(values))
		}
		if err := file.Err(); err != nil {
			oneLine(t, err)
			return
		}
		if int64(len(rows)+len(bad)) != file.read {
			t.Errorf("%d rows read, %d good, %d bad", file.read, len(rows), len(bad))
		}
		reader := csv.NewReader(bytes.NewReader(content))
		reader.FieldsPerRecord = -1
		_, _ = reader.Read()
		for _, row := range rows {
			fields, err := reader.Read()
			for err == nil && bad[start(reader)] || errors.Is(err, csv.ErrQuote) || errors.Is(err, csv.ErrBareQuote) {
				fields, err = reader.Read()
			}
			if err != nil || row[0] != start(reader) {
				t.Fatalf("row %v: %v, %v", row, fields, err)
			}
			for i, field := range fields {
				if row[i+1] != any(field) && (row[i+1] != nil || field != "") {
					t.Errorf("%q is read as %q", field, row[i+1])
				}
			}
		}
	})
}

func start(r *csv.Reader) int64 {
	line, _ := r.FieldPos(0)
	return int64(line)
}

// oneLine fails the test unless an error is one of ours, in one line of characters that show.
func oneLine(t *testing.T, err error) {
	t.Helper()
	own, ok := errors.AsType[*Error](err)
	if !ok || own.Message == "" || strings.ContainsFunc(own.Message+own.Hint, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		t.Errorf("%q", err)
	}
}

var fuzzKeys = func(name string) (signer, verifier string) {
	signer, err := NewKey(name)
	if err == nil {
		verifier, err = Verifier(name, signer)
	}
	if err != nil {
		panic(err)
	}
	return signer, verifier
}

// Only what was signed is an export of the ledger.
func FuzzLedgerFile(f *testing.F) {
	signer, verifier := fuzzKeys(LedgerKey)
	for _, lines := range [][]string{nil, {"1 1 CAM - 2026-01-31"}, {"1 1 CAM - 2026-01-31", "2 7 KEN lapsed 2026-02-01"}} {
		file, err := (&Ledger{Database: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", Lines: lines}).Sign(signer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, 0, byte(0))
		f.Add(file, len(file)-2, byte(1))
		f.Add(append(file, '\n'), 0, byte(0))
	}
	f.Add([]byte(ledgerFormat+"\ndatabase x\nhead 9223372036854775808\n\n— "), 3, byte(9))
	f.Fuzz(func(t *testing.T, file []byte, at int, change byte) {
		if len(file) > 0 {
			file[max(0, at)%len(file)] ^= change
		}
		ledger, err := OpenLedger(file, verifier)
		if err != nil {
			oneLine(t, err)
			ledger = &Ledger{}
			_ = ledger.IsOlderThan(file)
			return
		}
		again, err := ledger.Sign(signer)
		if err != nil || !bytes.Equal(again, file) {
			t.Errorf("%q is taken for %q: %v", file, again, err)
		}
	})
}

// A head reads back as what was signed, as it was kept and as it was printed; what was changed is none.
func FuzzHead(f *testing.F) {
	f.Add("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", int64(0), int64(7), int64(1769860800), []byte("root"), false, 0, byte(0))
	f.Add("x", int64(3), int64(1)<<62, int64(0), []byte{}, true, 30, byte(4))
	signer, verifier := fuzzKeys(AuditKey)
	f.Fuzz(func(t *testing.T, database string, restores, size, at int64, root []byte, successor bool, place int, change byte) {
		h := &AuditHead{Database: database, Restores: restores, Size: size, Root: tlog.Hash(sha256.Sum256(root)), At: time.Unix(at, 0).UTC()}
		if successor {
			h.lost = &AuditHead{Database: database, Restores: restores - 1, Size: size / 2, Root: h.Root}
		}
		if h.sign(signer) != nil || strings.ContainsFunc(database, func(r rune) bool { return r <= ' ' || r > '~' }) || database == "" || h.At.Year() < 0 || h.At.Year() > 9999 {
			return // no database has such a number
		}
		same := func(got *AuditHead) bool {
			return got.Database == h.Database && got.place() == h.place() && got.At.Equal(h.At) && (got.lost != nil) == successor && (!successor || got.lost.place() == h.lost.place())
		}
		kept, err := openHead(h.signed, verifier)
		if err != nil || !same(kept) {
			t.Fatalf("%q: %+v, %v", h.signed, kept, err)
		}
		for _, printed := range []string{strings.Join(h.Lines, "\n"), strings.Join(h.Lines, "\r\n") + "\r\n", "\n" + h.signed} {
			if got, err := readHead(printed, verifier); err != nil || !same(got) {
				t.Errorf("%q: %+v, %v", printed, got, err)
			}
		}
		other := []byte(h.signed)
		other[max(0, place)%len(other)] ^= change
		if got, err := openHead(string(other), verifier); err == nil && !same(got) {
			t.Errorf("%q is taken for a head: %+v", other, got)
		}
		if _, err := readHead(string(other), verifier); err != nil {
			oneLine(t, err)
		}
	})
}

// Any text is no head, no receipt and no key, or one that reads back as it was.
func FuzzSignedTexts(f *testing.F) {
	for _, seed := range []string{"", "1-" + strings.Repeat("0", 64), "01-" + strings.Repeat("a", 64), "— ", headWord + " x 0 0 = =\n\n— x y\n", "PRIVATE+KEY+patronctl-audit+00000000+AQ==", "patronctl-audit+x+y"} {
		f.Add(seed)
	}
	_, verifier := fuzzKeys(AuditKey)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := readHead(text, verifier); err == nil {
			t.Errorf("%q is a head", text)
		} else {
			oneLine(t, err)
		}
		if _, err := openHead(text, text); err == nil {
			t.Errorf("%q is a head and its key", text)
		}
		if part := receiptForm.FindStringSubmatch(text); part != nil && part[1]+"-"+part[2] != text {
			t.Errorf("%q is a receipt", text)
		}
		for _, name := range []string{LedgerKey, AuditKey} {
			if v, err := Verifier(name, text); err == nil && !strings.HasPrefix(v, name+"+") {
				t.Errorf("%q is a key: %q", text, v)
			}
		}
		if _, err := OpenLedger([]byte(ledgerFormat+"\n"+text), text); err == nil {
			t.Errorf("%q is a ledger", text)
		}
	})
}

// What the server gets opens the login with the password that was typed, and says nothing else of it.
func FuzzScram(f *testing.F) {
	f.Add("seven blue kettles hum", []byte("0123456789abcdef"))
	f.Add("s\u010dervene\u010dn\u00e1", []byte{})
	f.Add("\u00a0\x00'$:\\", []byte{0xff})
	f.Fuzz(func(t *testing.T, password string, salt []byte) {
		got := scramSalted(password, salt)
		if again := scramSalted(password, salt); again != got {
			t.Fatalf("%q and %q", got, again)
		}
		if len(password) > 8 && strings.Contains(got, password) {
			t.Errorf("%q is in %q", password, got)
		}
		iterations, rest, _ := strings.Cut(strings.TrimPrefix(got, "SCRAM-SHA-256$4096:"), "$")
		stored, server, _ := strings.Cut(rest, ":")
		key, err := pbkdf2.Key(sha256.New, password, salt, 4096, 32)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("Client Key"))
		hash := sha256.Sum256(mac.Sum(nil))
		mac = hmac.New(sha256.New, key)
		mac.Write([]byte("Server Key"))
		encode := base64.StdEncoding.EncodeToString
		if iterations != encode(salt) || stored != encode(hash[:]) || server != encode(mac.Sum(nil)) {
			t.Errorf("%q of %q", got, password)
		}
		if err := CheckPassword("anna", password); err == nil {
			if utf8.RuneCountInString(norm.NFKC.String(password)) < minPassword || !utf8.ValidString(password) || strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q is accepted", password)
			}
		} else {
			oneLine(t, err)
		}
	})
}

// Whatever the connection string, a password that pgx takes from a passfile that others can read is refused.
func FuzzPassfile(f *testing.F) {
	dir := f.TempDir()
	for _, name := range []string{".pgpass", "x", "a b", "it's"} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte("*:*:*:*:sesame\n"), 0o600); err != nil {
			f.Fatal(err)
		}
		if err := os.Chmod(name, 0o644); err != nil {
			f.Fatal(err)
		}
	}
	for _, seed := range []string{"", "passfile=x", "passfile = 'a b'", "postgres://u@h/d?passfile=%78", "postgres://u@h/d#f", "postgres://u@h/d?passfile=no&passfile=x", "postgres://u@h/d?passfile=x&passfile=no", "postgres://u@h/d?passfile=x#f", "postgres://u@h/d?passfile=a+b", "postgres://u@h?a=;passfile=x", "password= ", "postgresql://h/?a=b&passfile=a%20b", "host=h passfile='it\\'s'", "host='passfile=x'", "passfile=no passfile=x", "passfile=x passfile=no", "passfile=a\\ b", "://passfile=%zz", "passfile=\"x\"", "passfile=''", "host=/h\tpassfile=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "service") || strings.Contains(dsn, "ssl") {
			return // would read other files of this machine
		}
		t.Setenv("HOME", dir)
		t.Chdir(dir)
		settings, err := pgx.ParseConfig(dsn)
		if err == nil && settings.Password == "sesame" && !strings.Contains(dsn, "sesame") && checkPassfile(dsn, settings) == nil {
			t.Errorf("%q takes its password from a file that others can read", dsn)
		}
		if _, err := parse(dsn); err != nil {
			oneLine(t, err)
		}
	})
}
