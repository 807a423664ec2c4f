package output

import "strings"

func (s *Section) markdown(p *Printer) string {
	var parts []string
	if s.Title != "" {
		parts = append(parts, "## "+escapeMarkdown(Clean(s.Title))+"\n")
	}
	if len(s.Pairs) > 0 {
		var b strings.Builder
		for _, pair := range s.Pairs {
			b.WriteString("- **" + escapeMarkdown(Clean(pair.Name)) + "**: " + escapeMarkdown(Clean(pair.Value)) + "\n")
		}
		parts = append(parts, b.String())
	}
	if s.Grid != nil {
		parts = append(parts, s.Grid.sheet().renderMarkdown(p, false))
	}
	if s.Text != "" {
		parts = append(parts, escapeMarkdown(strings.TrimSuffix(CleanBlock(s.Text), "\n"))+"\n")
	}
	return strings.Join(parts, "\n")
}

// markdownSpecial keeps a value from becoming a link, emphasis, code or HTML where the Markdown is shown.
// The bar is left to the table writer, which escapes it; outside a table it means nothing.
var markdownSpecial = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
)

func escapeMarkdown(s string) string { return markdownSpecial.Replace(s) }
