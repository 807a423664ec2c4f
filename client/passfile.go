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
	return &Error{Kind: KindConnect, Message: "others can read the passfile " + path + ": its password is not used", Hint: "make it yours alone: chmod 600 " + path}
}

var passfileKey = regexp.MustCompile(`(?:^|[\s?&])passfile\s*=\s*(?:'([^']*)'|([^\s&]+))`)

// passfile is where pgx looks for passwords. One that a service file names is not known here.
func passfile(dsn string) string {
	if named := passfileKey.FindStringSubmatch(dsn); named != nil {
		path := named[1] + named[2]
		if decoded, err := url.PathUnescape(path); err == nil && strings.Contains(dsn, "://") {
			return decoded
		}
		return path
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

// with adds a setting to a connection string in either of its forms.
func with(dsn, setting string) string {
	switch {
	case !strings.Contains(dsn, "://"):
		return dsn + " " + setting
	case strings.Contains(dsn, "?"):
		return dsn + "&" + setting
	default:
		return dsn + "?" + setting
	}
}
