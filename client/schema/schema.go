// Package schema is the SQL that patronctl installs: tables, versioned, and functions, made anew when they change. It has the
// files and their order, and knows of no database. It imports nothing.
package schema

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"slices"
)

//go:embed *.csv *.sql desk export import native patronctl port
var embedded embed.FS

// Files is the SQL of this program, by the names below this folder.
var Files fs.FS = embedded

// BoundFiles hold the functions that indexes, triggers and constraints depend on, so that they are replaced in place: before the
// tables that need them.
var BoundFiles = []string{"port/folding.sql", "native/guards.sql", "patronctl/guards.sql"}

// functionFolders hold what is made anew when it changed, in this order: a body in SQL's own form needs those that it calls.
var functionFolders = []string{
	"port", "native", "patronctl",
	"desk/gate", "desk/people", "desk/forgetting", "desk/cases", "desk/audit", "desk/exchange", "desk/staff", "desk/install",
}

// File returns one embedded SQL file.
func File(name string) string {
	text, err := fs.ReadFile(Files, name)
	if err != nil {
		panic(err) // embedded at build time
	}
	return string(text)
}

// Folder lists the SQL files of a folder by name, which is their order.
func Folder(folder string) []string {
	names, err := fs.Glob(Files, folder+"/*.sql")
	if err != nil {
		panic(err) // the pattern is made of names in this repository
	}
	return names
}

// FunctionFiles lists the files of all functions in their order, but for those that are replaced in place.
func FunctionFiles() (names []string) {
	for _, folder := range functionFolders {
		names = append(names, Folder(folder)...)
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(BoundFiles, name) })
}

// FunctionsHash identifies the functions of this program by their content.
func FunctionsHash() string {
	sum := sha256.New()
	for _, name := range slices.Concat(BoundFiles, FunctionFiles()) {
		sum.Write([]byte(name + "\n" + File(name) + "\n"))
	}
	sum.Write([]byte(File("operations.csv") + File("grants.sql")))
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
