package client

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
)

// checkPassfile refuses a password from a passfile that others can read, as libpq does; pgx takes it without a look.
func checkPassfile(dsn string, settings *pgx.ConnConfig) error {
	path := passfile(dsn)
	info, err := os.Stat(path)
	if runtime.GOOS == "windows" || settings.Password == "" || err != nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	without, err := pgx.ParseConfig(with(dsn, "passfile="+os.DevNull))
	if err == nil && without.Password == settings.Password {
		return nil // it came from elsewhere
	}
	return &Error{
		Kind:    KindConnect,
		Message: "others can read the passfile " + path + ": its password is not used",
		Hint:    "make it yours alone: chmod 600 " + path,
	}
}

// setting is one of a connection string, as pgx reads them: quoted or not, with backslashes that keep what follows.
var (
	setting = regexp.MustCompile(`(?s)([^ \t\n\r\v\f=]*)[ \t\n\r\v\f]*=[ \t\n\r\v\f]*(?:'((?:[^'\\]|\\.)*)'|((?:[^ \t\n\r\v\f\\]|\\.|\\$)*))`)
	escape  = regexp.MustCompile(`(?s)\\(.?)`)
)

// passfile is where pgx looks for passwords. One that a service file names is not known here.
func passfile(dsn string) string {
	named, given := "", false // the last one counts
	if isURL(dsn) {
		_, rest, _ := strings.Cut(dsn, "://")
		if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
			rest = rest[i+1:]
		}
		_, query, _ := strings.Cut(rest, "?")
		for part := range strings.SplitSeq(query, "&") {
			key, value, _ := strings.Cut(part, "=")
			key, _ = url.PathUnescape(key) // pgx has read it without an error
			if key == "passfile" {
				named, _ = url.PathUnescape(value)
				given = true
			}
		}
	} else {
		for _, s := range setting.FindAllStringSubmatch(dsn, -1) {
			if s[1] == "passfile" {
				named, given = escape.ReplaceAllString(s[2]+s[3], "$1"), true
			}
		}
	}
	if given {
		return named
	}
	if path := os.Getenv("PGPASSFILE"); path != "" {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".pgpass")
}

func isURL(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// with adds a setting to a connection string in either of its forms.
func with(dsn, addition string) string {
	switch {
	case !isURL(dsn):
		whole := "" // written anew: what ends in "=" or a backslash would swallow the addition
		for _, s := range setting.FindAllStringSubmatch(dsn, -1) {
			value := escape.ReplaceAllString(s[2]+s[3], "$1")
			whole += s[1] + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "' "
		}
		return whole + addition
	case strings.Contains(dsn, "?"):
		return dsn + "&" + addition
	default:
		return dsn + "?" + addition
	}
}
