package export

import (
	_ "embed"
	"io"

	"patronctl/commands/kit"
)

// What an export looks like, for those who read it.
var (
	//go:embed schema/patronctl-export-2.schema.json
	jsonSchema string
	//go:embed schema/patronctl-export-2.xsd
	xmlSchema string
)

func (o *options) printSchema() error {
	text := map[format]string{formatJSON: jsonSchema, formatXML: xmlSchema}[o.format]
	if text == "" {
		return kit.Usage("there is a schema for --format json and --format xml; the columns of csv and xlsx have the same names")
	}
	_, err := io.WriteString(o.env.Out, text)
	return err
}
