package export

import (
	"io"

	"patronctl/client"
	"patronctl/commands/kit"
)

// schemas say what an export looks like, for those who read it.
var schemas = map[format]func() string{formatJSON: client.ExportJSONSchema, formatXML: client.ExportXSD}

func (o *options) printSchema() error {
	schema := schemas[o.format]
	if schema == nil {
		return kit.Usage("there is a schema for --format json and --format xml; the columns of csv and xlsx have the same names")
	}
	_, err := io.WriteString(o.env.Out, schema())
	return err
}
