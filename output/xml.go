package output

import "strings"

var (
	// A carriage return would be read back as a line feed.
	xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	xmlQuotes  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", "\n", "&#10;", "\t", "&#9;", `"`, "&quot;")
)

// XMLText is text as the content of an element, and XMLQuoted as an attribute between double quotes. Characters that XML 1.0
// cannot carry (see XMLCarries) have to be escaped before.
func XMLText(text string) string { return xmlEscapes.Replace(text) }

// XMLQuoted is described at XMLText.
func XMLQuoted(text string) string { return xmlQuotes.Replace(text) }

// XMLCarries tells whether XML 1.0 has a way to write the character: it has none for most control characters, even escaped.
func XMLCarries(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != '\ufffe' && r != '\uffff'
}
