package exchange_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"patronctl/client"
	"patronctl/client/exchange"
)

// portable are the relations of an export with scope portability, in order.
var portable = strings.Fields("patron identity address special card membership consent loan hold fee payment")

// anExport are the rows of somebody.
var anExport = map[string]string{
	"patron": `{"patron":7,"authority":"CAM","branch":"CAM-CEN","category":"ADULT","birth_year":1980,"status":"active",` +
		`"registered_on":null,"expires_on":"2026-12-31","last_fee_on":null,"last_activity_on":null,"keeps_history":true,"login":"local"}`,
	"identity": `{"surname":"Ōkū\u001b[2J","forenames":"\"Zoë\"","title":"","birth_date":"1980-02-03","emails":null,` +
		`"phones":["+44 1","\"2\\"],"document_number":null,"language":"en"}`,
	"address": `{"kind":"permanent","place":1,"lines":"1 Low Lane\r\n=1+1","town":"Milton","postcode":"CQ1","country":"GB"}`,
	"consent": `{"authority":"CAM","purpose":"marketing","channel":"email","wording":"m-1",` +
		`"given_at":"2024-01-31T12:00:00+00:00","withdrawn_at":null,"source":"web"}`,
	"fee": `{"id":1,"authority":"CAM","currency":"GBP","kind":"lost","amount":"3.50","raised_on":"2024-01-31","loan":null}`,
}

// inJSON is an export of these rows that adds up; several rows of a relation are separated by line feeds.
func inJSON(rows map[string]string) string {
	var b, parts strings.Builder
	b.WriteString(
		`{"schema":"patronctl-export/2","scope":"portability","legal_basis":"x","basis_service":"","basis_special":"",` +
			`"generated_at":"2026-01-31T12:00:00Z","access":1,"patron":7,"authority":"CAM","omitted":[{"what":"a","why":"b"}],"relations":{`)
	for i, name := range portable {
		sum := exchange.NewSum()
		lines := strings.FieldsFunc(rows[name], func(r rune) bool { return r == '\n' })
		for _, row := range lines {
			sum.Add(json.RawMessage(row))
		}
		comma := map[bool]string{true: ",", false: ""}[i > 0]
		fmt.Fprintf(&b, "%s\n%q:[%s]", comma, name, strings.Join(lines, ",\n"))
		part, _ := json.Marshal(sum.Part(name))
		fmt.Fprintf(&parts, "%s%s", comma, part)
	}
	return b.String() + "},\n\"parts\":[" + parts.String() + "]}\n"
}

// inXML is the same export in the other format. The values of these tests need no escaping but the one that XML cannot carry.
func inXML(t testing.TB, document string) string {
	t.Helper()
	var file struct {
		Relations map[string][]map[string]any `json:"relations"`
		Parts     []exchange.Part             `json:"parts"`
	}
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<export xmlns="urn:patronctl:export:2"><schema>patronctl-export/2</schema><scope>portability</scope>` +
		`<generated_at>2026-01-31T12:00:00Z</generated_at><access>1</access><patron>7</patron><authority>CAM</authority><omitted>` +
		`<row><what>a</what><why>b</why></row></omitted><relations>`)
	for _, name := range portable {
		fmt.Fprintf(&b, "\n<%s>", name)
		for _, row := range file.Relations[name] {
			b.WriteString("<row>")
			for column, value := range row {
				writeElement(&b, column, value)
			}
			b.WriteString("</row>")
		}
		fmt.Fprintf(&b, "</%s>", name)
	}
	b.WriteString("</relations><parts>")
	for _, part := range file.Parts {
		fmt.Fprintf(&b, "<row><relation>%s</relation><rows>%d</rows><sha256>%s</sha256></row>", part.Relation, part.Rows, part.SHA256)
	}
	return b.String() + "</parts></export>\n"
}

// with is anExport with other rows in a relation.
func with(relation, rows string) map[string]string {
	changed := maps.Clone(anExport)
	changed[relation] = rows
	return changed
}

func writeElement(b *strings.Builder, name string, value any) {
	if list, ok := value.([]any); ok {
		fmt.Fprintf(b, "<%s>", name)
		for _, text := range list {
			writeElement(b, "value", text)
		}
		fmt.Fprintf(b, "</%s>", name)
		return
	}
	switch text := strings.ReplaceAll(fmt.Sprint(value), "\r", "&#13;"); {
	case value == nil:
	case strings.Contains(text, "\x1b"):
		fmt.Fprintf(b, `<%s escaped="json">%s</%[1]s>`, name, strings.ReplaceAll(text, "\x1b", `\u001b`))
	default:
		fmt.Fprintf(b, "<%s>%s</%[1]s>", name, text)
	}
}

// row is a row of anExport with one text in place of another.
func row(relation, old, now string) map[string]string {
	return with(relation, strings.Replace(anExport[relation], old, now, 1))
}

func TestReadNewcomer(t *testing.T) {
	t.Parallel()
	document := inJSON(anExport)
	for format, file := range map[string]string{
		"JSON": document, "XML": inXML(t, document),
		"JSON with spaces": strings.ReplaceAll(document, ",\n", " ,\r\n\t"),
	} {
		n, err := exchange.ReadNewcomer(strings.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if *n.Person.Surname != "Ōkū\x1b[2J" || *n.Person.Forenames != `"Zoë"` || *n.Person.Title != "" || n.Person.Emails != nil ||
			!slices.Equal(n.Person.Phones, []string{"+44 1", `"2\`}) || *n.Person.BirthYear != 1980 ||
			len(n.Addresses) != 1 || *n.Addresses[0].Lines != "1 Low Lane\r\n=1+1" || n.Consents[0].Purpose != "marketing" ||
			n.From.Authority != "CAM" {
			t.Errorf("%s: %+v", format, n)
		}
		if n.Stays[0].What != "consent" || n.Stays[1].What != "fee" || n.Stays[1].Rows != 1 {
			t.Errorf("%s: %+v", format, n.Stays)
		}
	}
}

var oneLine = regexp.MustCompile(`^[a-z][ -~…]+$`)

// Every file here is made to add up where it can: it is refused for what it says, in one line that quotes nothing of it.
func TestReadNewcomerRefuses(t *testing.T) {
	t.Parallel()
	good := inJSON(anExport)
	goodXML := inXML(t, good)
	replaced := func(file, old, now string) string {
		if !strings.Contains(file, old) {
			t.Fatalf("no %s", old)
		}
		return strings.Replace(file, old, now, 1)
	}
	for name, c := range map[string]struct{ file, says string }{
		"nothing":      {"", "no export in JSON or XML"},
		"binary":       {"PK\x03\x04\x00", "no export in JSON or XML"},
		"altered":      {replaced(good, "Milton", "Hilton"), "address is not what its checksum says"},
		"altered XML":  {replaced(goodXML, "Milton", "Hilton"), "address is not what its checksum says"},
		"cut":          {good[:len(good)-20], "cut off"},
		"cut XML":      {goodXML[:len(goodXML)-20], "cut off"},
		"without sums": {replaced(good, `"parts":[`, `"parts":[],"x":[`), "about itself that is not known"},
		"a newer kind": {replaced(good, "patronctl-export/2", "patronctl-export/3"), "no export of the kind patronctl-export/2"},
		"a newer kind XML": {
			replaced(goodXML, ">patronctl-export/2<", ">patronctl-export/3<"),
			"no export of the kind patronctl-export/2",
		},
		"another namespace":    {replaced(goodXML, "urn:patronctl:export:2", "urn:other"), "no export of the kind"},
		"twice":                {good + good, "something follows"},
		"twice XML":            {goodXML + goodXML, "cut off or damaged"},
		"a relation twice":     {replaced(good, `"special":[]`, `"special":[],"special":[]`), "holds special twice"},
		"a relation twice XML": {replaced(goodXML, "<special></special>", "<special/><special/>"), "holds special twice"},
		"an unknown relation":  {replaced(good, `"special":[]`, `"special":[],"diary":[]`), "relation that is not known"},
		"a relation missing":   {replaced(good, `"special":[],`, ``), "lacks a relation"},
		"the head twice":       {replaced(good, `"scope":"portability"`, `"scope":"portability","scope":"access"`), "about itself twice"},
		"the head twice XML":   {replaced(goodXML, "<access>1</access>", "<access>1</access><access>2</access>"), "about itself twice"},
		"unknown head":         {replaced(goodXML, "<access>1</access>", "<owner>1</owner>"), "about itself that is not known"},
		"wrong head": {
			replaced(good, `"patron":7,"authority":"CAM","omitted"`, `"patron":"seven","authority":"CAM","omitted"`),
			"of the wrong type: patron",
		},
		"made in the future": {replaced(good, "2026-01-31T12:00:00Z", "2126-01-31T12:00:00Z"), "made in the future"},
		"made never":         {replaced(good, "2026-01-31T12:00:00Z", "yesterday"), "or not when"},
		"a column twice":     {inJSON(row("identity", `"title":""`, `"title":"","title":""`)), "unknown or twice"},
		"a column twice XML": {
			replaced(goodXML, "<town>Milton</town>", "<town>Milton</town><town>Hilton</town>"),
			"unknown, or comes twice",
		},
		"an unknown column":       {inJSON(row("identity", `"language":"en"`, `"language":"en","secret":1`)), "not written as exports are"},
		"an unknown column XML":   {replaced(goodXML, "<town>Milton</town>", "<street>Milton</street>"), "unknown, or comes twice"},
		"an unknown attribute":    {replaced(goodXML, "<town>", `<town lang="en">`), "unknown, or comes twice"},
		"an element in a text":    {replaced(goodXML, "<town>Milton", "<town>Milton<b/>"), "cut off or damaged"},
		"no row":                  {inJSON(with("address", `"Milton"`)), "is no object"},
		"a number for a text":     {inJSON(row("address", `"Milton"`, `12`)), "town of address: not text"},
		"an object for a text":    {inJSON(row("address", `"Milton"`, `{"a":[]}`)), "town of address: not text"},
		"a text for a number":     {inJSON(row("fee", `"id":1`, `"id":"1"`)), "id of fee: not a whole number"},
		"a text for a number XML": {replaced(goodXML, "<id>1</id>", "<id>one</id>"), "id: not a whole number"},
		"half a number":           {inJSON(row("fee", `"id":1`, `"id":1.5`)), "id of fee: not a whole number"},
		"a year out of range":     {inJSON(row("patron", `1980`, `9223372036854775807`)), "out of range"},
		"a text for a boolean":    {inJSON(row("patron", `"keeps_history":true`, `"keeps_history":"t"`)), "not true or false"},
		"no day":                  {inJSON(row("identity", `1980-02-03`, `1980-02-30`)), "birth_date of identity: not a date"},
		"no instant":              {inJSON(row("consent", `2024-01-31T12:00:00+00:00`, `noon`)), "given_at of consent: not an instant"},
		"no amount":               {inJSON(row("fee", `"3.50"`, `"3.5"`)), "amount of fee: not an amount"},
		"NUL":                     {inJSON(row("identity", `+44 1`, `\u0000`)), "phones of identity: holds a NUL character"},
		"NUL in XML":              {replaced(goodXML, "Milton", "&#0;"), "cut off or damaged"},
		"escaped NUL in XML":      {replaced(goodXML, `\u001b`, `\u0000`), "holds a NUL character"},
		"half a character":        {inJSON(row("identity", `+44 1`, `\ud800`)), "not in UTF-8"},
		"no UTF-8":                {inJSON(row("identity", `+44 1`, "\xff\xfe")), "not in UTF-8"},
		"no UTF-8 in XML":         {replaced(goodXML, "Milton", "Mil\xffton"), "cut off or damaged"},
		"a raw control character": {inJSON(row("identity", `+44 1`, "\x07")), "cut off or damaged"},
		"escaped needlessly":      {inJSON(row("identity", `+44 1`, `\u002b44 1`)), "not written as exports are"},
		"document type": {replaced(goodXML, "<export ",
			`<!DOCTYPE export [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><export `), "document type or entities"},
		"a document type inside": {replaced(goodXML, "Milton", `<!ENTITY b "x">`), "document type or entities"},
		"an entity of its own":   {replaced(goodXML, "Milton", "&xxe;"), "cut off or damaged"},
		"another encoding":       {replaced(goodXML, "UTF-8", "ISO-8859-1"), "cut off or damaged"},
		"two people":             {inJSON(with("identity", anExport["identity"]+"\n"+anExport["identity"])), "more than 1 of identity"},
		"too many addresses":     {inJSON(with("address", strings.Repeat(anExport["address"]+"\n", 21))), "more than 20 of address"},
		"a text for a list":      {inJSON(row("identity", `["+44 1","\"2\\"]`, `"+44 1"`)), "phones of identity: not a list of texts"},
		"numbers in a list":      {inJSON(row("identity", `"+44 1"`, `44`)), "phones of identity: not a list of texts"},
		"a list in a list":       {inJSON(row("identity", `"+44 1"`, `["+44 1"]`)), "phones of identity: not a list of texts"},
		"an item of XML unknown": {replaced(goodXML, "<value>", "<item>"), "element or attribute that is unknown"},
		"a list that is escaped": {replaced(goodXML, "<phones>", `<phones escaped="json">`), "element or attribute that is unknown"},
		"a thousand consents":    {inJSON(with("consent", strings.Repeat(anExport["consent"]+"\n", 1001))), "more than 1000 of consent"},
		"nobody":                 {inJSON(with("identity", "")), "does not say who it is about"},
		"too deep":               {strings.Repeat(`{"relations":`, 100_000), ""},
	} {
		n, err := exchange.ReadNewcomer(strings.NewReader(c.file))
		refusal, ok := errors.AsType[*client.Error](err)
		if !ok || refusal.Kind != client.KindRefused || !strings.Contains(refusal.Message, c.says) || !oneLine.MatchString(refusal.Message) ||
			n != nil {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// endless is a file that never ends.
type endless struct {
	start, then string
	read        int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.start != "" {
		n := copy(p, e.start)
		e.start = e.start[n:]
		return n, nil
	}
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.then[(e.read+int64(n))%int64(len(e.then)):])
	}
	e.read += int64(n)
	if e.read > 64<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

// Whatever goes on and on is refused before it fills the memory.
func TestReadNewcomerIsBounded(t *testing.T) {
	t.Parallel()
	good := inJSON(anExport)
	goodXML := inXML(t, good)
	before := func(file, word string) string { return file[:strings.Index(file, word)] }
	for name, e := range map[string]endless{
		"spaces before":   {"", " ", 0},
		"spaces inside":   {before(good, `"special"`), " ", 0},
		"a text":          {before(good, "Milton"), "aaaa", 0},
		"a name":          {before(good, `"special"`) + `"`, "aaaa", 0},
		"a number":        {before(good, "1980"), "9", 0},
		"a depth":         {before(good, "1980"), `[`, 0},
		"the head":        {`{"scope":"`, "a", 0},
		"members":         {"{", `"scope":"access",`, 0},
		"omissions":       {`{"omitted":[`, `{"what":"a","why":"b"},`, 0},
		"parts":           {`{"parts":[`, `{"relation":"a","rows":1,"sha256":""},`, 0},
		"relations":       {before(good, `"special"`), `"special":[],`, 0},
		"identities":      {before(good, anExport["identity"]), anExport["identity"] + ",", 0},
		"consents":        {before(good, anExport["consent"]), anExport["consent"] + ",", 0},
		"an XML text":     {before(goodXML, "Milton"), "aaaa", 0},
		"an XML comment":  {before(goodXML, "Milton") + "<!--", "aaaa", 0},
		"an XML element":  {before(goodXML, "Milton") + "<", "aaaa", 0},
		"XML attributes":  {before(goodXML, "Milton") + "<a", ` b="c"`, 0},
		"an instruction":  {"<?xml ", "aaaa", 0},
		"a document type": {"<!DOCTYPE ", "aaaa", 0},
		"XML rows":        {before(goodXML, "<address>") + "<address>", "<row/>", 0},
		"XML omissions":   {before(goodXML, "<row>"), "<row><what>a</what></row>", 0},
		"XML depth":       {before(goodXML, "<address>"), "<address>", 0},
		"spaces in XML":   {before(goodXML, "<address>"), " ", 0},
	} {
		_, err := exchange.ReadNewcomer(&e)
		if refusal, ok := errors.AsType[*client.Error](err); !ok || refusal.Kind != client.KindRefused || e.read > 3<<20 {
			t.Errorf("%s: %v after %d bytes", name, err, e.read)
		}
	}
}

// Loans do not move, so there may be as many as there are.
func TestReadNewcomerStreams(t *testing.T) {
	t.Parallel()
	fees := strings.Repeat(anExport["fee"]+"\n", 20_000)
	n, err := exchange.ReadNewcomer(strings.NewReader(inJSON(with("fee", fees))))
	if err != nil || n.Stays[1].Rows != 20_000 {
		t.Errorf("%+v, %v", n, err)
	}
}

func FuzzReadNewcomer(f *testing.F) {
	good := inJSON(anExport)
	f.Add(good)
	f.Add(inXML(f, good))
	f.Add(inJSON(row("identity", `+44 1`, `\ud800`)))
	f.Add(strings.Replace(inXML(f, good), "<export ", "<!DOCTYPE x><export ", 1))
	f.Fuzz(func(t *testing.T, file string) {
		n, err := exchange.ReadNewcomer(strings.NewReader(file))
		if err != nil {
			refusal, ok := errors.AsType[*client.Error](err)
			if !ok || refusal.Kind != client.KindRefused || !oneLine.MatchString(refusal.Message) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, _ := json.Marshal(n)
		if !utf8.Valid(again) || strings.Contains(string(again), `\u0000`) || len(n.Addresses) > 20 {
			t.Fatalf("%s", again)
		}
	})
}
