package localpg

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first PostgreSQL version that patronctl works with.
const oldest = 15

// places are where packages put PostgreSQL's own programs, by glob, searched in this order.
// Debian's scripts in /usr/bin are not among them: they are wrappers that choose a server themselves.
var places = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // Fedora, RHEL from postgresql.org
	"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew
	"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	"/opt/local/lib/postgresql*/bin",                     // MacPorts
	"/usr/local/pgsql/bin", "/usr/libexec/postgresql*", "/opt/pgsql/bin",
}

// Locate returns the directory of PostgreSQL's own programs: PATRONCTL_PGBIN when set, else the newest version where
// packages put them, else what pg_config says. The error names the package to install.
func Locate() (string, error) {
	if bin := os.Getenv("PATRONCTL_PGBIN"); bin != "" {
		if missing := missingProgram(bin); missing != "" {
			return "", fmt.Errorf("PATRONCTL_PGBIN: no %s in %s: name the directory of the server's own programs", missing, bin)
		}
		return bin, nil
	}
	for _, place := range places {
		if bin := newest(place); bin != "" {
			return bin, nil
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		if bin := strings.TrimSpace(string(out)); missingProgram(bin) == "" {
			return bin, nil
		}
	}
	return "", fmt.Errorf("PostgreSQL %d or later is not installed: install the package postgresql (Debian, Ubuntu), "+
		"postgresql-server and postgresql-contrib (Fedora) or postgresql@17 (Homebrew), or name its directory in PATRONCTL_PGBIN", oldest)
}

// newest returns the complete installation of the highest version that a glob finds.
func newest(glob string) string {
	found, _ := filepath.Glob(glob) // the only error is a malformed pattern
	found = slices.DeleteFunc(found, func(bin string) bool {
		major := majorOf(bin)
		return missingProgram(bin) != "" || (major != 0 && major < oldest)
	})
	if len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(majorOf(a), majorOf(b)) })
}

var number = regexp.MustCompile(`\d+`)

// majorOf reads the first number of a path or of a version; 0 when there is none.
func majorOf(s string) int {
	major, _ := strconv.Atoi(number.FindString(s))
	return major
}

// missingProgram names a program of the server that bin lacks; empty when bin is complete.
func missingProgram(bin string) string {
	for _, program := range []string{"initdb", "postgres", "pg_ctl", "psql"} {
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			return program
		}
	}
	return ""
}

// hasLibrary tells whether a module comes with the server: packages put them in one of these places.
func hasLibrary(bin, name string) bool {
	for _, place := range []string{"lib", "lib/postgresql", "lib64", "lib64/postgresql", "lib/pgsql", "lib64/pgsql"} {
		for _, suffix := range []string{".so", ".dylib"} {
			if _, err := os.Stat(filepath.Join(filepath.Dir(bin), place, name+suffix)); err == nil {
				return true
			}
		}
	}
	return false
}

// version asks a server binary for its version, for example "15.14".
func version(bin string) (string, error) {
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", filepath.Join(bin, "postgres"), err)
	}
	fields := strings.Fields(string(out)) // postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
	if len(fields) < 3 {
		return "", errors.New("postgres --version gave no version")
	}
	if majorOf(fields[2]) < oldest {
		return "", fmt.Errorf("PostgreSQL %s in %s is too old: install version %d or later", fields[2], bin, oldest)
	}
	return fields[2], nil
}
