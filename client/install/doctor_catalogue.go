package install

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/schema"
)

// How the database must be: written by go test ./client -run AreAsWritten -update.
const (
	privilegesFile  = "privileges"
	definitionsFile = "definitions"
)

// written reads a checked-in table, its header first.
func written(name string) [][]string {
	lines, err := csv.NewReader(strings.NewReader(schema.File(name + ".csv"))).ReadAll()
	if err != nil {
		panic(err) // embedded at build time
	}
	return lines
}

// found asks the server's own catalogues what a checked-in table says. Any login may, and no function of ours has a say.
func found(ctx context.Context, tx pgx.Tx, name string) (lines [][]string, err error) {
	if _, err := tx.Exec(ctx, `SET LOCAL search_path = pg_catalog; SET LOCAL quote_all_identifiers = off`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, schema.File(name+".sql"), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		line := make([]string, len(rows.FieldDescriptions()))
		into := make([]any, len(line))
		for i := range line {
			into[i] = &line[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if rows.Err() != nil {
		return nil, rows.Err()
	}
	_, err = tx.Exec(ctx, `SET LOCAL search_path = DEFAULT; SET LOCAL quote_all_identifiers = DEFAULT`)
	return lines, err
}

func lookUp(ctx context.Context, c *client.Client, name string) (lines [][]string, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		lines, err = found(ctx, tx, name)
		return err
	})
	return lines, err
}

// rights are the privileges by their letters in privileges.csv.
var rights = map[rune]string{
	'r': "SELECT", 'a': "INSERT", 'w': "UPDATE", 'd': "DELETE", 'D': "TRUNCATE", 'x': "REFERENCES", 't': "TRIGGER",
	'X': "EXECUTE", 'U': "USAGE", 'C': "CREATE", 'c': "CONNECT", 'T': "TEMPORARY",
}

// beyond are the privileges of some letters that are not among others.
func beyond(letters, others string) string {
	var names []string
	for _, letter := range strings.Trim(letters, "-") {
		if !strings.ContainsRune(others, letter) {
			names = append(names, rights[letter])
		}
	}
	return strings.Join(names, ", ")
}

// grantable is a kind of object as GRANT and REVOKE call it.
func grantable(kind string) string {
	if strings.HasSuffix(kind, "view") {
		return "TABLE"
	}
	return strings.ToUpper(kind)
}

// logSchema is what the server's administrator may make for desk.require_log, which tells when it is not there.
const logSchema = "patronctl_log"

// floods is how many differences of one role are told one by one.
const floods = 10

// holding is what a grantee may do with an object: a line of what the catalogues say.
type holding struct{ kind, name, grantee, object, role, letters string }

// examinePrivileges compares who may do what with privileges.csv.
func examinePrivileges(ctx context.Context, c *client.Client, e *Examination) error {
	lines, err := lookUp(ctx, c, privilegesFile)
	if err != nil {
		return err
	}
	table := written(privilegesFile)
	matrix, grantees := map[string][]string{}, table[0][2:]
	for _, line := range table[1:] {
		matrix[line[0]+" "+line[1]] = line[2:]
	}
	var strange []Ailment
	differ, there, everybodys := map[string][]Ailment{}, map[string]bool{}, ""
	for _, line := range lines {
		h := holding{line[0], line[1], line[2], line[3], line[4], line[5]}
		may, known := matrix[h.kind+" "+h.name]
		there[h.kind+" "+h.name] = true
		everybody := h.grantee == "public"
		if everybody {
			h.role, everybodys = "PUBLIC", ""
		}
		switch {
		case known:
			differ[h.grantee] = append(differ[h.grantee], h.differs(may[slices.Index(grantees, h.grantee)], everybodys)...)
		case everybody && h.kind != "function": // functions are compared by their definitions
			strange = append(strange, h.stranger())
		}
		if everybody {
			everybodys = h.letters // which is told of PUBLIC alone
		}
	}
	var differences []Ailment
	for _, grantee := range grantees {
		differences = append(differences, few(differ[grantee])...)
	}
	for _, line := range table[1:] {
		if object := line[0] + " " + line[1]; !there[object] && line[0] != "function" && !strings.HasPrefix(line[1], logSchema) {
			strange = append(strange, Ailment{Severity: SeverityError, Finding: "the " + object + " is missing", Mend: "restore it from a backup"})
		}
	}
	e.add(PartPrivileges, "matrix", differences)
	e.add(PartPrivileges, "objects", strange)
	return nil
}

// differs compares with the letters that the matrix has, and those that everybody has.
func (h holding) differs(may, everybodys string) (found []Ailment) {
	on := " ON " + grantable(h.kind) + " " + h.object
	if more := beyond(h.letters, may+everybodys); more != "" {
		found = append(found, Ailment{
			Severity: SeverityError,
			Finding:  fmt.Sprintf("%s has %s on the %s %s", h.role, more, h.kind, h.object),
			Mend:     "REVOKE " + more + on + " FROM " + h.role,
		})
	}
	if less := beyond(may, h.letters); less != "" {
		found = append(found, Ailment{
			Severity: SeverityWarning,
			Finding:  fmt.Sprintf("%s lacks %s on the %s %s", h.role, less, h.kind, h.object),
			Mend:     "GRANT " + less + on + " TO " + h.role,
		})
	}
	return found
}

// stranger is an object where only the tool's own belong.
func (h holding) stranger() Ailment {
	severity := SeverityWarning
	if strings.HasPrefix(h.name, "lms.") || strings.HasPrefix(h.name, "patronctl.") || strings.HasPrefix(h.name, "desk.") {
		severity = SeverityError
	}
	return Ailment{
		Severity: severity,
		Finding:  fmt.Sprintf("the %s %s is none of patronctl's", h.kind, h.object),
		Mend:     fmt.Sprintf("find out what it is for, else: DROP %s %s", strings.ToUpper(h.kind), h.object),
	}
}

// few tells of a role that differs everywhere once.
func few(all []Ailment) []Ailment {
	if len(all) <= floods {
		return all
	}
	first := all[0]
	first.Finding += fmt.Sprintf("; and %d differences more", len(all)-1)
	first.Mend += "; then look again: patronctl doctor --privileges"
	return []Ailment{first}
}

// examineDefinitions compares functions, indexes, triggers and what else stands on tables with definitions.csv.
func examineDefinitions(ctx context.Context, c *client.Client, e *Examination) error {
	lines, err := lookUp(ctx, c, definitionsFile)
	if err != nil {
		return err
	}
	differing := map[string][]Ailment{}
	for kind, differs := range map[string]func(object, want, is string) *Ailment{
		"function": functionDiffers, "index": indexDiffers, "trigger": triggerDiffers,
		"rule": ruleDiffers, "policy": policyDiffers, "row security": rowSecurityDiffers, "event trigger": eventTriggerDiffers,
	} {
		for _, d := range differences(kind, lines) {
			if a := differs(d.object, d.want, d.is); a != nil {
				differing[kind] = append(differing[kind], *a)
			}
		}
	}
	e.add(PartSchema, "functions", differing["function"])
	e.add(PartSchema, "indexes", differing["index"])
	e.add(PartSchema, "triggers", differing["trigger"])
	e.add(PartSchema, "rules", differing["rule"])
	e.add(PartSchema, "policies", slices.Concat(differing["policy"], differing["row security"]))
	e.add(PartSchema, "event triggers", differing["event trigger"])
	return nil
}

// difference is an object whose definition is not the one written; empty for none.
type difference struct{ object, want, is string }

// differences are those of one kind, in the order of their names.
func differences(kind string, lines [][]string) (found []difference) {
	want := map[string]string{}
	for _, line := range written(definitionsFile)[1:] {
		if line[0] == kind {
			want[line[1]] = line[2]
		}
	}
	for _, line := range lines {
		if line[0] == kind {
			if line[2] != want[line[1]] {
				found = append(found, difference{line[1], want[line[1]], line[2]})
			}
			delete(want, line[1])
		}
	}
	for object, definition := range want {
		found = append(found, difference{object: object, want: definition})
	}
	slices.SortFunc(found, func(a, b difference) int { return strings.Compare(a.object, b.object) })
	return found
}

func functionDiffers(object, want, is string) *Ailment {
	a := &Ailment{
		Severity: SeverityError,
		Finding:  "the function " + object + " is not the one that patronctl made",
		Mend:     "patronctl db upgrade",
	}
	ours := strings.HasPrefix(object, "desk.") // made again by every upgrade that finds them changed
	switch {
	case want == "":
		a.Severity, a.Finding = SeverityWarning, "the function "+object+" is none of patronctl's"
		if !ours {
			a.Mend = "find out what it is for, else: DROP FUNCTION " + object
		}
	case is == "":
		a.Finding = "the function " + object + " is missing"
	}
	if want != "" && !ours {
		a.Mend = "find out who changed it, and make it again from client/schema of this version, in the role patronctl_owner"
	}
	return a
}

func indexDiffers(object, want, is string) *Ailment {
	switch {
	case want == "":
		return nil // somebody's own, which changes no answer
	case is == "":
		return &Ailment{Severity: SeverityWarning, Finding: "the index " + object + " is missing", Mend: want}
	}
	return &Ailment{
		Severity: SeverityWarning,
		Finding:  "the index " + object + " is not the one that patronctl made",
		Mend:     "DROP INDEX " + object + "; " + want,
	}
}

func triggerDiffers(object, want, is string) *Ailment {
	switch {
	case want == "":
		return &Ailment{Severity: SeverityError, Finding: "the trigger " + object + " is none of patronctl's", Mend: "DROP TRIGGER " + object}
	case is == "":
		return &Ailment{Severity: SeverityError, Finding: "the trigger " + object + " is missing", Mend: want}
	}
	return &Ailment{
		Severity: SeverityError,
		Finding:  "the trigger " + object + " is not the one that patronctl made",
		Mend:     "DROP TRIGGER " + object + "; " + want,
	}
}

// Of the following patronctl makes none.

func ruleDiffers(object, _, _ string) *Ailment {
	return &Ailment{
		Severity: SeverityError,
		Finding:  "the rule " + object + " is none of patronctl's: what is written or read may be something else",
		Mend:     "DROP RULE " + object,
	}
}

func policyDiffers(object, _, _ string) *Ailment {
	return &Ailment{
		Severity: SeverityError,
		Finding:  "the policy " + object + " is none of patronctl's: it may hide rows",
		Mend:     "DROP POLICY " + object,
	}
}

func rowSecurityDiffers(object, _, is string) *Ailment {
	return &Ailment{
		Severity: SeverityError, Finding: "row security is " + is + " on the table " + object + ": it may hide rows",
		Mend: "ALTER TABLE " + object + " DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
	}
}

func eventTriggerDiffers(object, _, is string) *Ailment {
	return &Ailment{
		Severity: SeverityWarning,
		Finding:  "the event trigger " + object + " (" + is + ") is none of patronctl's: it runs with the rights of whoever upgrades or scrubs",
		Mend:     "find out what it is for, else: DROP EVENT TRIGGER " + object,
	}
}
