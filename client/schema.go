package client

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"slices"
)

//go:embed schema
var embedded embed.FS

// schema is the SQL of this program.
var schema = sub(embedded, "schema")

func sub(files fs.FS, folder string) fs.FS {
	below, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // the name is constant
	}
	return below
}

// boundFiles hold the functions that indexes, triggers and constraints depend on, so that they are replaced in place: before the
// tables that need them.
var boundFiles = []string{"port/folding.sql", "native/guards.sql", "patronctl/guards.sql"}

// functionFolders hold what is made anew when it changed, in this order: a body in SQL's own form needs those that it calls.
var functionFolders = []string{
	"port", "native", "patronctl",
	"desk/gate", "desk/people", "desk/forgetting", "desk/cases", "desk/audit", "desk/exchange", "desk/staff", "desk/install",
}

// schemaFile returns one embedded SQL file.
func schemaFile(name string) string {
	text, err := fs.ReadFile(schema, name)
	if err != nil {
		panic(err) // embedded at build time
	}
	return string(text)
}

// schemaFiles lists the SQL files of a folder by name, which is their order.
func schemaFiles(folder string) []string {
	names, err := fs.Glob(schema, folder+"/*.sql")
	if err != nil {
		panic(err) // the pattern is made of names in this repository
	}
	return names
}

// functionFiles lists the files of all functions in their order, but for those that are replaced in place.
func functionFiles() (names []string) {
	for _, folder := range functionFolders {
		names = append(names, schemaFiles(folder)...)
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(boundFiles, name) })
}

// functionsHash identifies the functions of this program by their content.
func functionsHash() string {
	sum := sha256.New()
	for _, name := range slices.Concat(boundFiles, functionFiles()) {
		sum.Write([]byte(name + "\n" + schemaFile(name) + "\n"))
	}
	sum.Write([]byte(schemaFile("operations.csv") + schemaFile("grants.sql")))
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// AdminSQL is the SQL that only a server administrator can run, with psql.
func AdminSQL() string { return schemaFile("admin.sql") + LoginsSQL() }

// LoginsSQL is the part of AdminSQL that lets patronctl audit logins read who logged in.
func LoginsSQL() string { return schemaFile("admin_logins.sql") }
