package exchange

import (
	"encoding/json"
	"strings"
	"text/template"

	"patronctl/client/schema"
)

// JSONSchema and XSD say what an export looks like, for those who read it.
func JSONSchema() string { return exportSchema("export.schema.json.tmpl") }

// XSD is the same for XML.
func XSD() string { return exportSchema("export.xsd.tmpl") }

// shape is what the schemas say of a relation.
type shape struct {
	Name, Label string
	AccessOnly  bool
	Columns     []Column
}

func exportSchema(name string) string {
	var shapes []shape
	for _, r := range exportRelations() {
		shapes = append(shapes, shape{r.name, r.label, r.accessOnly, r.columns})
	}
	var text strings.Builder
	parsed := template.Must(template.New(name).Funcs(template.FuncMap{
		"about": shape.about, "columns": shape.names, "json": asJSON, "jsonType": jsonType, "names": namesOf, "xmlType": xmlType,
	}).Parse(schema.File("export/" + name)))
	if err := parsed.Execute(&text, shapes); err != nil {
		panic(err) // the template and the catalogue are embedded
	}
	return text.String()
}

func (s shape) about() string {
	if s.AccessOnly {
		return s.Label + "; scope access only"
	}
	return s.Label
}

func (s shape) names() (names []string) {
	for _, c := range s.Columns {
		names = append(names, c.Name)
	}
	return names
}

// namesOf are the relations of one scope only, or of both.
func namesOf(shapes []shape, accessOnly bool) (names []string) {
	for _, s := range shapes {
		if s.AccessOnly == accessOnly {
			names = append(names, s.Name)
		}
	}
	return names
}

func asJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return strings.NewReplacer(`","`, `", "`, `",null`, `", null`).Replace(string(text)), err
}

// jsonType is the schema of a value.
func jsonType(c Column) (string, error) {
	described := ""
	if c.Label != "" {
		text, err := asJSON(c.Label)
		if err != nil {
			return "", err
		}
		described = `"description": ` + text + ", "
	}
	plain := map[Type]string{Text: "string", Number: "integer", Boolean: "boolean"}[c.Type]
	switch {
	case c.Choices != nil:
		var values []any
		for _, choice := range c.Choices {
			values = append(values, choice)
		}
		if c.Null {
			values = append(values, nil)
		}
		text, err := asJSON(values)
		return "{ " + described + `"enum": ` + text + " }", err
	case plain == "" && c.Null:
		return "{ " + described + `"$ref": "#/$defs/` + string(c.Type) + `_or_null" }`, nil
	case plain == "":
		return "{ " + described + `"$ref": "#/$defs/` + string(c.Type) + `" }`, nil
	case c.Null:
		return "{ " + described + `"type": ["` + plain + `", "null"] }`, nil
	}
	return "{ " + described + `"type": "` + plain + `" }`, nil
}

// xmlType is the type of an element's text.
func xmlType(c Column) string {
	return map[Type]string{
		Text: "text", Number: "xs:integer", Boolean: "xs:boolean", Day: "xs:date", Instant: "xs:dateTime",
		Money: "money", Currency: "currency", List: "list",
	}[c.Type]
}
