package exchange

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"patronctl/output"
)

// writeXML writes the names of the JSON as elements. An item of an array is an element row,
// or value in a list of texts; a value that is null is left out.
func writeXML(w io.Writer, c *content) error {
	b := bufio.NewWriter(w) // it keeps its first error for Flush
	_, _ = fmt.Fprintf(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<export xmlns=%q>\n", Namespace)
	for _, fact := range facts(c.head) {
		_, _ = fmt.Fprintf(b, "  %s\n", element(fact[0], fact[1]))
	}
	_, _ = b.WriteString("  <omitted>\n")
	for _, left := range c.head.Omitted {
		_, _ = fmt.Fprintf(b, "    <row>%s%s</row>\n", element("what", left.What), element("why", left.Why))
	}
	_, _ = b.WriteString("  </omitted>\n  <relations>\n")
	for relation := range c.all() {
		if err := writeElements(b, relation); err != nil {
			return err
		}
	}
	_, _ = b.WriteString("  </relations>\n  <parts>\n")
	for _, part := range c.parts {
		_, _ = fmt.Fprintf(b, "    <row>%s%s%s</row>\n",
			element("relation", part.Relation), element("rows", strconv.FormatInt(part.Rows, 10)), element("sha256", part.SHA256))
	}
	_, _ = b.WriteString("  </parts>\n</export>\n")
	return b.Flush()
}

func writeElements(b *bufio.Writer, relation Relation) error {
	_, _ = fmt.Fprintf(b, "    <%s>\n", relation.Name)
	for row, err := range relation.Rows {
		if err != nil {
			return err
		}
		values, err := cells(relation, row)
		if err != nil {
			return err
		}
		_, _ = b.WriteString("      <row>")
		for i, value := range values {
			if value == nil {
				continue
			}
			text, err := typedElement(relation.Columns[i], *value)
			if err != nil {
				return err
			}
			_, _ = b.WriteString(text)
		}
		if _, err := b.WriteString("</row>\n"); err != nil { // on a full disk there is no point in reading on
			return err
		}
	}
	_, err := fmt.Fprintf(b, "    </%s>\n", relation.Name)
	return err
}

// typedElement is the value of a column. A list has an element for each of its values.
func typedElement(column Column, value string) (string, error) {
	if column.Type != List {
		return element(column.Name, value), nil
	}
	list, err := listed(value)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, text := range list {
		b.WriteString(element("value", text))
	}
	return "<" + column.Name + ">" + b.String() + "</" + column.Name + ">", nil
}

// element is one value. Text that XML cannot carry is escaped as inside a JSON string, and says so.
func element(name, text string) string {
	escaped := ""
	if strings.ContainsFunc(text, func(r rune) bool { return !output.XMLCarries(r) }) {
		escaped, text = ` escaped="json"`, insideJSON(text)
	}
	return "<" + name + escaped + ">" + output.XMLText(text) + "</" + name + ">"
}

func insideJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || !output.XMLCarries(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// facts are the simple members of the head, with their names.
func facts(h Head) [][2]string {
	return [][2]string{
		{"schema", h.Schema},
		{"scope", string(h.Scope)},
		{"legal_basis", h.LegalBasis},
		{"basis_service", h.BasisService},
		{"basis_special", h.BasisSpecial},
		{"generated_at", h.GeneratedAt},
		{"access", strconv.FormatInt(h.Access, 10)},
		{"patron", strconv.FormatInt(h.Patron, 10)},
		{"authority", h.Authority},
	}
}
