package client_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// deskFunction is a function that some role may call, and that takes text.
type deskFunction struct {
	Name   string
	Args   []deskArgument
	Source string
	Roles  []string
	Opened []string // operations that it takes an access of
}

type deskArgument struct{ Name, Type string }

const deskFunctions = `
	SELECT jsonb_agg(f ORDER BY f.name)
	FROM (
		SELECT p.proname AS name, p.prosrc AS source, r.roles,
			(SELECT jsonb_agg(jsonb_build_object('name', p.proargnames[i], 'type', format_type(p.proargtypes[i - 1], NULL)) ORDER BY i)
			 FROM generate_series(1, p.pronargs) AS i) AS args,
			ARRAY(SELECT o.name FROM patronctl.operation AS o WHERE p.proname = ANY (o.functions)) AS opened
		FROM pg_proc AS p
		CROSS JOIN LATERAL (
			SELECT array_agg(substr(g.rolname, 11)) AS roles FROM pg_roles AS g
			WHERE g.rolname ~ '^patronctl_' AND g.rolname NOT IN ('patronctl_owner', 'patronctl_roles')
				AND has_function_privilege(g.oid, p.oid, 'EXECUTE')
		) AS r
		WHERE p.pronamespace = 'desk'::regnamespace AND r.roles IS NOT NULL
			AND EXISTS (SELECT FROM unnest(p.proargtypes) AS a WHERE a IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype))
	) AS f`

// usual are arguments with which a call gets past its first checks, by their names. What is not here is usualByType.
var usual = map[string]string{
	"authority": "CAM", "branch": "CAM-CEN", "role": "clerk", "kind": "employee", "operation": "patron find", "relation": "identity",
	"name": "reset_mode", "value": "card", "rule": "inject", "rules": `{inject}`, "login": "clerk.cam", "criteria": `{"words": ["novak"]}`,
	"given":  `{"name": "inject", "authority": "CAM", "action": "anonymize-history", "age": "4 years"}`,
	"person": `{"surname": "Inject"}`, "addresses": `[]`,
	"place": `{"branch": "CAM-CEN", "category": "ADULT", "card": "INJECT1", "basis": "work", "wording": "joining-1", "source": "desk"}`,
	"verifier": "SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}

var usualByType = map[string]string{
	"text": "x", "text[]": "{}", "jsonb": "{}", "bigint": "1", "integer": "1", "boolean": "f", "date": "2020-01-01",
	"timestamp with time zone": "2026-01-01",
	"bigint[]":                 "{1}", "integer[]": "{1}",
}

// asks is what an access of each kind is opened about.
var asks = map[string]string{
	"": `{}`, "ref": `{"ref": "` + sample.CardLongHistory + `"}`, "card": `{"card": "` + sample.CardLongHistory + `"}`,
	"words": `{"words": ["novak"]}`,
	"cards": `{"cards": ["` + sample.CardLongHistory + `"]}`, "barcode": `{"barcode": "300000000080"}`, "access": `{"access": 1}`,
	"plan": `{"plan": 1, "batch": 1}`, "erased": `{"erased": [1]}`, "consented": `{"consented": {}}`,
	"applicant": `{"applicant": {"surname": "Novak", "forenames": "Jan", "born": "1980-01-01"}}`,
}

// answers counts what came of a call.
type answers struct{ tried, done, refused int }

// TestInjectionThroughEveryFunction sends every hostile string through every text argument of every function of desk, as
// a login that may call it, with an access where the function takes one. A call is taken back when it was answered.
func TestInjectionThroughEveryFunction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	officer := pgtest.Connect(t, db, "officer.cam")
	officer.Must("SELECT desk.set_rule(%s, '%s')", officer.Open("retention set", "{}"), usual["given"])
	var functions []deskFunction
	if err := json.Unmarshal([]byte(super.Must("%s", deskFunctions)), &functions); err != nil {
		t.Fatal(err)
	}
	before := super.Must("SELECT md5(string_agg(p.prosrc, '' ORDER BY p.oid)), (SELECT count(*) FROM pg_class) FROM pg_proc AS p")
	attack := injection{t: t, super: super, db: db, sessions: map[string]*pgtest.Session{}, strings: pgtest.Hostile()}
	table, total := "", answers{}
	for _, f := range functions {
		for n, a := range f.Args {
			var got answers
			for _, place := range attack.places(f, a) {
				got.add(attack.argument(f, n, place))
			}
			if got.tried == 0 {
				continue
			}
			total.add(got)
			table += fmt.Sprintf("%-16s %-14s %-6s %6d %6d %6d\n", f.Name, a.Name, a.Type, got.tried, got.refused, got.done)
		}
	}
	t.Logf("function         argument       type    tried refused  done\n%s%-38s %6d %6d %6d", table, "all", total.tried, total.refused,
		total.done)
	if after := super.Must(`
		SELECT md5(string_agg(p.prosrc, '' ORDER BY p.oid)), (SELECT count(*) FROM pg_class)
		FROM pg_proc AS p`); after != before {
		t.Error("something was made or changed in the catalogue")
	}
	log := pgtest.Log(t)
	for _, bad := range []string{"syntax error at", "PANIC:", "TRAP:", "was terminated by signal", "stack depth"} {
		if at := strings.Index(log, bad); at >= 0 {
			t.Errorf("the server's log: %.400q", log[max(0, at-200):])
		}
	}
}

func (a *answers) add(b answers) {
	a.tried += b.tried
	a.done += b.done
	a.refused += b.refused
}

type injection struct {
	t        *testing.T
	super    *pgtest.Session
	db       *pgtest.DB
	sessions map[string]*pgtest.Session
	strings  []string
}

// place makes a value of an argument that holds a string somewhere. It is tried with every string, or with every so many.
type place struct {
	value func(hostile string) string
	every int
}

// jsonKey finds the members that functions read of a JSON argument.
var jsonKey = regexp.MustCompile(`(?:->>?|\?|#>>|\?\|) *(?:ARRAY\[)?'\{?([a-z_]+)(?:,([a-z_]+)\}|')|'\{([a-z_,]+)\}'`)

// places are where in an argument a string can be: for JSON the document itself, and every member that the functions know.
func (i *injection) places(f deskFunction, a deskArgument) []place {
	switch a.Type {
	case "text":
		return []place{{plain, 2}}
	case "text[]":
		return []place{{func(s string) string { return "{" + asJSON(s) + "}" }, 2}, {plain, 20}}
	case "jsonb":
	default:
		return nil
	}
	all := []place{{plain, 2}, {asJSON, 20}}
	source := f.Source
	if a.Name == "criteria" {
		source = i.super.Must("SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE 'criteria' = ANY (proargnames)")
	} else {
		source += i.super.Must("SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE '%s' = ANY (proargnames)", a.Name)
	}
	keys := map[string]bool{}
	for _, found := range jsonKey.FindAllStringSubmatch(source, -1) {
		for _, key := range strings.Split(strings.Join(found[1:], ","), ",") {
			keys[key] = key != ""
		}
	}
	for key, known := range keys {
		if !known {
			continue
		}
		base := cmp.Or(asks[key], usual[a.Name])
		if key == "surname" || key == "forenames" || key == "born" {
			base = asks["applicant"]
		}
		lists := strings.Contains(base, `"`+key+`": [`)
		for _, list := range []bool{false, true} {
			every := 40 // what is no list where one is expected, or the other way round, is refused whatever it says
			if list == lists {
				every = 8 // there are many members
			}
			all = append(all, place{func(s string) string { return put(base, key, s, list) }, every})
		}
	}
	return all
}

func plain(s string) string { return s }

// put is a JSON object with a string as one of its members, or as the only element of one.
func put(base, key, s string, list bool) string {
	value := asJSON(s)
	if list {
		value = "[" + value + "]"
	}
	whole := map[string]json.RawMessage{}
	_ = json.Unmarshal([]byte(base), &whole)
	if inner, nested := whole["applicant"]; nested && key != "applicant" {
		members := map[string]json.RawMessage{}
		_ = json.Unmarshal(inner, &members)
		members[key] = json.RawMessage(value)
		whole["applicant"] = join(members)
	} else {
		whole[key] = json.RawMessage(value)
	}
	return string(join(whole))
}

// join writes an object without looking into its members, which need not be UTF-8.
func join(members map[string]json.RawMessage) []byte {
	var all []string
	for key, value := range members {
		all = append(all, `"`+key+`":`+string(value))
	}
	slices.Sort(all)
	return []byte("{" + strings.Join(all, ",") + "}")
}

// asJSON is a string as JSON and arrays write it, bytes that are no UTF-8 and NUL included.
func asJSON(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// argument sends every string through one place of one argument.
func (i *injection) argument(f deskFunction, n int, where place) (got answers) {
	login, operation := i.caller(f)
	s := i.session(login)
	values := make([]string, len(f.Args))
	marks := make([]string, len(f.Args))
	for k, a := range f.Args {
		values[k] = cmp.Or(usual[a.Name], usualByType[a.Type])
		marks[k] = fmt.Sprintf("$%d::%s", k+1, a.Type)
	}
	if f.Name == "open_access" {
		values[1], values[2] = "", "ticket 4711"
	}
	sql := fmt.Sprintf("SELECT desk.%s(%s)", f.Name, strings.Join(marks, ", "))
	var tried []string
	for k := n % where.every; k < len(i.strings); k += where.every {
		tried = append(tried, i.strings[k])
	}
	for chunk := range slices.Chunk(tried, 200) { // an access is good for a minute
		if operation != "" {
			values[0] = s.Open(operation, i.asked(f, operation))
		}
		for k, err := range inject(s, sql, values, n, where, chunk) {
			got.tried++
			switch verdict(err, f.Args[n], chunk[k]) {
			case "done":
				got.done++
			case "refused":
				got.refused++
			default:
				i.t.Errorf("%s, %s: %.60q: %v", f.Name, f.Args[n].Name, where.value(chunk[k]), err)
			}
		}
	}
	return got
}

// inject makes the call once for each string, many on their way at once, each in a transaction of its own that is given up.
func inject(s *pgtest.Session, sql string, values []string, n int, where place, strings []string) (failures []error) {
	s.T.Helper()
	if _, err := s.Conn.Prepare(s.T.Context(), "call", sql, nil); err != nil {
		s.T.Fatal(err)
	}
	pipe := s.Conn.StartPipeline(s.T.Context())
	for some := range slices.Chunk(strings, 25) {
		for _, text := range some {
			params := make([][]byte, len(values))
			for k := range values {
				params[k] = []byte(values[k])
			}
			params[n] = []byte(where.value(text))
			pipe.SendQueryPrepared("call", params, nil, nil)
			pipe.SendQueryParams("ROLLBACK", nil, nil, nil, nil)
			pipe.SendPipelineSync()
		}
		if err := pipe.Flush(); err != nil {
			s.T.Fatal(err)
		}
		for range some {
			failures = append(failures, outcome(pipe))
		}
	}
	if err := pipe.Close(); err != nil {
		s.T.Fatal(err)
	}
	s.Must("DEALLOCATE call")
	return failures
}

// outcome reads what came of one query, to its end.
func outcome(pipe *pgconn.Pipeline) (failure error) {
	for {
		results, err := pipe.GetResults()
		if err != nil {
			failure = err
			continue
		}
		switch r := results.(type) {
		case *pgconn.ResultReader:
			if _, err := r.Close(); err != nil {
				failure = err
			}
		case *pgconn.PipelineSync:
			return failure
		case nil:
			return errors.Join(failure, errors.New("the connection is gone"))
		}
	}
}

// verdict is done or refused; empty is what must not be.
func verdict(err error, a deskArgument, hostile string) string {
	state := pgtest.Code(err)
	switch {
	case err == nil:
		return "done"
	case strings.HasPrefix(state, "LB"), state == "42501":
		return "refused"
	case state == "22021" && (!utf8.ValidString(hostile) || strings.ContainsRune(hostile, 0)): // by the protocol
		return "refused"
	case a.Type != "text" && state == "22P02", state == "22P05": // no JSON or array at all
		return "refused"
	}
	return ""
}

// caller is a login that may call a function, and the operation to open an access for; empty when it takes none.
func (i *injection) caller(f deskFunction) (login, operation string) {
	i.t.Helper()
	logins := map[string]string{"officer": "officer.cam", "supervisor": "supervisor.cam", "clerk": "clerk.cam"}
	takes := f.Args[0].Name == "access"
	if takes && len(f.Opened) == 0 {
		i.t.Fatalf("%s: unknown which operation it needs an access of", f.Name)
	}
	for _, role := range []string{"officer", "supervisor", "clerk", "admin", "job", "auditor", "support", "opac"} {
		if !slices.Contains(f.Roles, role) {
			continue
		}
		login = cmp.Or(logins[role], role)
		if !takes {
			return login, ""
		}
		for _, operation = range f.Opened {
			if i.super.Must("SELECT count(*) FROM patronctl.rights WHERE operation = '%s' AND role = '%s'", operation, role) == "1" {
				return login, operation
			}
		}
	}
	i.t.Fatalf("%s: nobody may call it", f.Name)
	return "", ""
}

// asked are the criteria of an access for a function.
func (i *injection) asked(f deskFunction, operation string) string {
	i.t.Helper()
	if slices.ContainsFunc(f.Args, func(a deskArgument) bool { return a.Name == "surname" }) {
		return asks["applicant"]
	}
	if f.Name == "register_patron" {
		return `{"applicant": {"surname": "Inject", "card": "INJECT1"}}` // of usual
	}
	kind := i.super.Must(`
		SELECT coalesce((SELECT k FROM jsonb_object_keys(o.asked_by) AS k LIMIT 1), '')
		FROM patronctl.operation AS o
		WHERE o.name = '%s'`, operation)
	if asks[kind] == "" {
		i.t.Fatalf("%s: asks has nothing for %q", f.Name, kind)
	}
	return asks[kind]
}

func (i *injection) session(login string) *pgtest.Session {
	if i.sessions[login] == nil {
		i.sessions[login] = pgtest.Connect(i.t, i.db, login)
		i.sessions[login].Must("SET statement_timeout = '10s'")
	}
	return i.sessions[login]
}
