package localpg

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/localpg/sample"
)

// Owner is the login that owns the databases made here, as a library system's own login would.
const Owner = "library"

// administrator is the first member of staff.
const administrator = "admin"

// Consortium describes a database full of made-up people.
type Consortium struct {
	Day     string   `json:"day"` // "today" of the data, ISO
	Patrons int      `json:"patrons"`
	Logins  []string `json:"logins"` // staff; the first one is a clerk of the first authority
}

// CreateOwner makes the login that owns databases, when there is none: no superuser, but it may create roles.
func (c *Cluster) CreateOwner(ctx context.Context) error {
	return c.SQL(ctx, "postgres", createLogin(Owner, "LOGIN CREATEROLE"))
}

// CreateConsortium makes a database owned by Owner and fills it with the sample consortium as of day, and with staff: each
// role of each authority, named like clerk.cam, and admin, support, job and auditor of the whole consortium. Unless day is
// today, the database's clock is set to noon UTC of it. step is told what takes long.
func (c *Cluster) CreateConsortium(ctx context.Context, database string, day client.Date, step func(string)) (*Consortium, error) {
	if err := c.CreateOwner(ctx); err != nil {
		return nil, err
	}
	if err := c.CreateDatabase(ctx, database, "", Owner); err != nil {
		return nil, err
	}
	if err := c.SQL(ctx, "postgres", createLogin(administrator, "LOGIN")); err != nil {
		return nil, err
	}
	owner, err := client.Open(ctx, client.Config{DSN: c.DSN(Owner, database), Timeout: 10 * time.Minute})
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	step("installing patronctl's tables and functions")
	if err := owner.Init(ctx, administrator, func(string) {}); err != nil {
		return nil, err
	}
	if err := c.setClock(ctx, database, day); err != nil {
		return nil, err
	}
	step("making up a consortium")
	options, authorities, err := c.fill(ctx, owner, day)
	if err != nil {
		return nil, err
	}
	logins, err := c.hire(ctx, database, authorities)
	return &Consortium{Day: options.Day.Format(time.DateOnly), Patrons: options.Patrons, Logins: logins}, err
}

// setClock makes it noon of day in the database. The administrator's right began on the real day, which may be later.
func (c *Cluster) setClock(ctx context.Context, database string, day client.Date) error {
	if day.Today {
		return nil
	}
	return c.SQL(ctx, database, fmt.Sprintf(`
		SELECT patronctl.set_clock_offset(timestamptz '%s 12:00 UTC' - clock_timestamp());
		UPDATE patronctl.staff SET valid_from = patronctl.today(NULL);`, day.Format(time.DateOnly)))
}

// fill imports the sample and returns its authorities' codes.
func (c *Cluster) fill(ctx context.Context, owner *client.Client, day client.Date) (sample.Options, []string, error) {
	today := day.Time
	if day.Today {
		today = time.Now().UTC()
	}
	options := sample.Demo(today)
	defer os.RemoveAll(c.sample()) //nolint:errcheck // Remove deletes a leftover
	if err := sample.Write(c.sample(), options); err != nil {
		return options, nil, err
	}
	if _, err := owner.Import(ctx, c.sample(), client.ImportOptions{}); err != nil {
		return options, nil, err
	}
	authorities, err := firstColumn(filepath.Join(c.sample(), "authority.csv"))
	return options, authorities, err
}

// hire makes the staff's logins and registers them, as the administrator would.
func (c *Cluster) hire(ctx context.Context, database string, authorities []string) ([]string, error) {
	var staff []client.Staff
	for _, authority := range authorities {
		for _, role := range []string{"clerk", "supervisor", "officer"} {
			staff = append(staff, client.Staff{Login: role + "." + strings.ToLower(authority), Authority: authority, Role: role})
		}
	}
	for _, role := range []string{"support", "job", "auditor"} {
		staff = append(staff, client.Staff{Login: role, Role: role})
	}
	admin, err := client.Open(ctx, client.Config{DSN: c.DSN(administrator, database)})
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	var logins []string
	var create strings.Builder
	for _, s := range staff {
		logins = append(logins, s.Login)
		create.WriteString(createLogin(s.Login, "LOGIN"))
	}
	if err := c.SQL(ctx, "postgres", create.String()); err != nil {
		return nil, err
	}
	for _, s := range staff {
		if _, err := admin.AddStaff(ctx, client.Why{}, s); err != nil {
			return nil, fmt.Errorf("register %s: %w", s.Login, err)
		}
	}
	return append(logins, administrator), nil
}

// createLogin is SQL that makes a role unless it exists: roles belong to the cluster and outlive a database.
func createLogin(name, attributes string) string {
	return fmt.Sprintf("SELECT 'CREATE ROLE %[1]s %[2]s' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%[3]s') \\gexec\n",
		quoteName(name), attributes, name)
}

func firstColumn(path string) (values []string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	for _, row := range rows[1:] {
		values = append(values, row[0])
	}
	return values, nil
}
