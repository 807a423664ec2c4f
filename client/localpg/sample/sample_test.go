package sample

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	testDay   = time.Date(2026, time.January, 31, 0, 0, 0, 0, time.UTC)
	relations = strings.Fields("authority branch category item patron identity address special credential card " +
		"membership consent block loan hold fee payment")
)

type row map[string]string

func write(t *testing.T, o Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readAll(t *testing.T, dir string) map[string][]row {
	t.Helper()
	data := map[string][]row{}
	for _, name := range relations {
		file, err := os.Open(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			r := row{}
			for i, column := range lines[0] {
				r[column] = line[i]
			}
			data[name] = append(data[name], r)
		}
		if len(data[name]) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	return data
}

// by indexes rows, and finds ids given twice.
func by(t *testing.T, rows []row, columns ...string) map[string]row {
	t.Helper()
	index := map[string]row{}
	for _, r := range rows {
		var key []string
		for _, column := range columns {
			key = append(key, r[column])
		}
		k := strings.Join(key, "/")
		if index[k] != nil {
			t.Errorf("%v = %q twice", columns, k)
		}
		index[k] = r
	}
	return index
}

func cents(t *testing.T, amount string) int {
	t.Helper()
	whole, part, ok := strings.Cut(amount, ".")
	n, err := strconv.Atoi(whole + part)
	if !ok || len(part) != 2 || err != nil {
		t.Fatalf("%q is no amount with two decimals", amount)
	}
	return n
}

func TestSameOptionsSameBytes(t *testing.T) {
	first, again := write(t, Demo(testDay)), write(t, Demo(testDay.Add(23*time.Hour)))
	other := Demo(testDay)
	other.Seed++
	different := write(t, other)
	read := func(dir, name string) []byte {
		content, err := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	for _, name := range relations {
		if !bytes.Equal(read(first, name), read(again, name)) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	if bytes.Equal(read(first, "loan"), read(different, "loan")) {
		t.Error("another seed gives the same loans")
	}
}

func TestCounts(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	for name, want := range map[string]int{
		"authority": 3, "branch": 12, "category": 5, "patron": 2_000, "identity": 2_000, "loan": 30_000,
	} {
		if got := len(data[name]); got != want {
			t.Errorf("%d rows in %s, not %d", got, name, want)
		}
	}

	loansWithFee, zero := map[string]bool{}, 0
	for _, fee := range data["fee"] {
		if fee["loan"] != "" {
			loansWithFee[fee["loan"]] = true
			if fee["amount"] == "0.00" {
				zero++
			}
		}
	}
	out, overdue := 0, 0
	for _, loan := range data["loan"] {
		if loan["returned_at"] == "" {
			out++
			if loan["due_at"] < "2026-01-31" {
				overdue++
			}
		}
	}
	between(t, "active loans", out, 1_300, 1_700)
	between(t, "overdue loans", overdue, 100, 400)
	between(t, "loans with a fee", len(loansWithFee), 2_100, 2_700)
	between(t, "zero fees", zero, 800, 1_400)
}

func between(t *testing.T, what string, got, low, high int) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%d %s, expected %d to %d", got, what, low, high)
	}
}

func TestTooSmall(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"patrons": func(o *Options) { o.Patrons = 10 },
		"loans":   func(o *Options) { o.Loans = o.LongHistory },
		"history": func(o *Options) { o.LongHistory = 0 },
		"day":     func(o *Options) { o.Day = time.Time{} },
	} {
		o := Demo(testDay)
		change(&o)
		if err := Write(t.TempDir(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	o := Demo(testDay)
	o.Patrons, o.Loans, o.LongHistory = len(Awkward)+len(slots), 101, 1
	write(t, o)
}

func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(file, Demo(testDay)); err == nil {
		t.Error("wrote into a file as if it were a directory")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "loan.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, Demo(testDay)); err == nil {
		t.Error("no error for a file that cannot be created")
	}
}

func TestScales(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	dir := write(t, Options{Seed: 1, Day: testDay, Patrons: 50_000, Loans: 500_000, LongHistory: 500})
	runtime.ReadMemStats(&after)
	if grown := after.Sys - before.Sys; grown > 32<<20 {
		t.Errorf("took %d MiB more from the system", grown>>20)
	}
	if perLoan := (after.Mallocs - before.Mallocs) / 500_000; perLoan > 6 {
		t.Errorf("%d allocations for each loan", perLoan)
	}
	file, err := os.Stat(filepath.Join(dir, "loan.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if file.Size() < 30<<20 {
		t.Errorf("loan.csv has only %d bytes", file.Size())
	}
}

func TestSurnamesAreMany(t *testing.T) {
	all := map[string]bool{}
	for n := range len(britishStarts) * len(britishMiddles) * len(britishEnds) {
		all[compose(n, britishStarts, britishMiddles, britishEnds)] = true
	}
	for n := range len(slovakStarts) * len(slovakMiddles) * len(slovakEnds) {
		all[compose(n, slovakStarts, slovakMiddles, slovakEnds)] = true
	}
	if len(all) < 60_000 {
		t.Errorf("only %d surnames", len(all))
	}
	for masculine, want := range map[string]string{
		"Novák": "Nováková", "Horný": "Horná", "Chovanec": "Chovancová", "Kučera": "Kučerová", "Šimko": "Šimková", "Vlček": "Vlčková",
	} {
		if got := feminine(masculine); got != want {
			t.Errorf("%s: %s, not %s", masculine, got, want)
		}
	}
}
