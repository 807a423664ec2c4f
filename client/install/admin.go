package install

import "patronctl/client/schema"

// AdminSQL is the SQL that only a server administrator can run, with psql.
func AdminSQL() string { return schema.File("admin.sql") + LoginsSQL() }

// LoginsSQL is the part of AdminSQL that lets patronctl audit logins read who logged in.
func LoginsSQL() string { return schema.File("admin_logins.sql") }
