package sample

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// files are the relations being written.
type files struct {
	authority, branch, category, item, patron, identity, address, special, credential *relation
	card, membership, consent, block, loan, hold, fee, payment                        *relation

	open []*relation
}

func create(dir string) (*files, error) {
	f := &files{}
	var errs []error
	relation := func(name, columns string) *relation {
		r, err := createRelation(dir, name, columns)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		f.open = append(f.open, r)
		return r
	}
	f.authority = relation("authority", "code,name,currency,time_zone")
	f.branch = relation("branch", "code,authority,name")
	f.category = relation("category", "code,name")
	f.item = relation("item", "id,barcode,title,branch")
	f.patron = relation("patron", "id,authority,branch,category,birth_year,status,registered_on,expires_on,last_fee_on,"+
		"deleted_on,last_activity_on,keeps_history,login,protected,guardian_patron")
	f.identity = relation("identity", "patron,authority,surname,forenames,title,birth_date,emails,phones,document_number,guardian,language")
	f.address = relation("address", "patron,authority,kind,place,lines,town,postcode,country")
	f.special = relation("special", "patron,authority,faith,sexuality,disability,ethnic_origin")
	f.credential = relation("credential", "patron,authority,secret_hash,set_at,one_time_until,must_change,failed_attempts,locked_until")
	f.card = relation("card", "number,patron,issued_on,status")
	f.membership = relation("membership", "patron,authority,basis,joined_on,expires_on")
	f.consent = relation("consent", "patron,authority,purpose,channel,wording,given_at,withdrawn_at,source")
	f.block = relation("block", "id,patron,authority,level,reason_code,placed_on,lifted_on")
	f.loan = relation("loan", "id,patron,item,authority,branch,lent_at,due_at,returned_at,renewals")
	f.hold = relation("hold", "id,patron,kind,item,title,authority,branch,placed_at,ready_at,closed_at,outcome")
	f.fee = relation("fee", "id,patron,authority,kind,amount,raised_on,loan")
	f.payment = relation("payment", "id,patron,fee,amount,paid_on,method,branch,taken_by,paid_by")
	return f, errors.Join(errs...)
}

func (f *files) close() error {
	var errs []error
	for _, r := range f.open {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}

// relation writes one CSV file field by field, without an allocation per row. The first error of the disk is kept
// and what follows is dropped.
type relation struct {
	name    string
	file    *os.File
	buffer  []byte
	columns int
	field   int
	err     error
}

// flushAt is the number of buffered bytes from which rows go to the file.
const flushAt = 64 << 10

func createRelation(dir, name, columns string) (*relation, error) {
	file, err := os.OpenFile(filepath.Join(dir, name+".csv"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	r := &relation{name: name, file: file, columns: strings.Count(columns, ",") + 1}
	r.buffer = append(make([]byte, 0, flushAt+4096), columns+"\n"...)
	return r, nil
}

func (r *relation) next() *relation {
	if r.field > 0 {
		r.buffer = append(r.buffer, ',')
	}
	r.field++
	return r
}

func (r *relation) null() *relation { return r.next() }

func (r *relation) text(s string) *relation {
	r.next()
	if !strings.ContainsAny(s, ",\"\r\n") {
		r.buffer = append(r.buffer, s...)
		return r
	}
	r.buffer = append(r.buffer, '"')
	r.buffer = append(r.buffer, strings.ReplaceAll(s, `"`, `""`)...)
	r.buffer = append(r.buffer, '"')
	return r
}

func (r *relation) number(n int) *relation {
	r.next()
	r.buffer = strconv.AppendInt(r.buffer, int64(n), 10)
	return r
}

// id is a number whose zero is NULL.
func (r *relation) id(n int) *relation {
	if n == 0 {
		return r.null()
	}
	return r.number(n)
}

func (r *relation) flag(b bool) *relation {
	if b {
		return r.text("t")
	}
	return r.text("f")
}

func (r *relation) money(cents int) *relation {
	r.number(cents / 100)
	r.buffer = append(r.buffer, '.', byte('0'+cents/10%10), byte('0'+cents%10))
	return r
}

func (r *relation) day(d day) *relation {
	r.next()
	if d != never {
		r.buffer = d.time().AppendFormat(r.buffer, time.DateOnly)
	}
	return r
}

func (r *relation) instant(i instant) *relation {
	r.next()
	if i != 0 {
		r.buffer = time.Unix(int64(i), 0).UTC().AppendFormat(r.buffer, time.RFC3339)
	}
	return r
}

func (r *relation) end() {
	if r.field != r.columns {
		panic(fmt.Sprintf("sample: %d fields in a row of %s, which has %d columns", r.field, r.name, r.columns))
	}
	r.field = 0
	r.buffer = append(r.buffer, '\n')
	if len(r.buffer) >= flushAt {
		r.flush()
	}
}

func (r *relation) flush() {
	if r.err == nil {
		_, r.err = r.file.Write(r.buffer)
	}
	r.buffer = r.buffer[:0]
}

func (r *relation) close() error {
	r.flush()
	return errors.Join(r.err, r.file.Close())
}
