package localpg

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/install"
	"patronctl/client/localpg/sample"
	"patronctl/client/staff"
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
	return c.createLogins(ctx, "LOGIN CREATEROLE", Owner)
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
	if err := c.createLogins(ctx, "LOGIN", administrator); err != nil {
		return nil, err
	}
	owner, err := client.Open(ctx, client.Config{DSN: c.DSN(Owner, database), Timeout: 10 * time.Minute})
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	step("installing patronctl's tables and functions")
	if err := install.Init(ctx, owner, administrator, func(string) {}); err != nil {
		return nil, err
	}
	if err := c.help(ctx, database); err != nil {
		return nil, err
	}
	if err := c.setClock(ctx, database, day); err != nil {
		return nil, err
	}
	step("making up a consortium")
	options, err := c.fill(ctx, owner, day)
	if err != nil {
		return nil, err
	}
	admin, err := client.Open(ctx, client.Config{DSN: c.DSN(administrator, database)})
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	logins, err := c.hire(ctx, admin)
	if err != nil {
		return nil, err
	}
	return &Consortium{Day: options.Day.Format(time.DateOnly), Patrons: options.Patrons, Logins: logins}, configure(ctx, admin)
}

// closeOthers leaves nobody in a private server but who works in it. The rest of what its administrator does is install.AdminSQL.
const closeOthers = "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;"

// help does what the administrator of a server does for a database of patronctl. It may be done again.
func (c *Cluster) help(ctx context.Context, database string) error {
	return c.SQL(ctx, database, install.AdminSQL()+closeOthers)
}

// setClock makes it noon of day in the database. The administrator's right began on the real day, which may be later.
func (c *Cluster) setClock(ctx context.Context, database string, day client.Date) error {
	if day.Today {
		return nil
	}
	return c.SQL(ctx, database, `
		SELECT patronctl.set_clock_offset(timestamptz :'noon' - clock_timestamp());
		UPDATE patronctl.staff SET valid_from = patronctl.today(NULL);`, "noon="+day.Format(time.DateOnly)+" 12:00 UTC")
}

// fill imports the sample and returns what it was made with.
func (c *Cluster) fill(ctx context.Context, owner *client.Client, day client.Date) (sample.Options, error) {
	today := day.Time
	if day.Today {
		today = time.Now().UTC()
	}
	options := sample.Demo(today)
	defer os.RemoveAll(c.sample()) //nolint:errcheck // Remove deletes a leftover
	if err := sample.Write(c.sample(), options); err != nil {
		return options, err
	}
	_, err := delivery.Import(ctx, owner, c.sample(), delivery.Options{})
	return options, err
}

// hire makes the staff's logins and registers them.
func (c *Cluster) hire(ctx context.Context, admin *client.Client) ([]string, error) {
	var members []staff.Registration
	for _, a := range sample.Authorities() {
		for _, role := range []string{"clerk", "supervisor", "officer"} {
			members = append(members, staff.Registration{Login: role + "." + strings.ToLower(a.Code), Authority: a.Code, Role: role})
		}
	}
	for _, role := range []string{"support", "job", "auditor", "opac"} {
		members = append(members, staff.Registration{Login: role, Role: role})
	}
	var logins []string
	for _, s := range members {
		logins = append(logins, s.Login)
	}
	if err := c.createLogins(ctx, "LOGIN", logins...); err != nil {
		return nil, err
	}
	for _, s := range members {
		if _, err := staff.Add(ctx, admin, client.Why{}, s); err != nil {
			return nil, fmt.Errorf("register %s: %w", s.Login, err)
		}
	}
	return append(logins, administrator), nil
}

// configure lets each authority lend to who owes the others no more than 20.00 in its own currency, so that the sample shows
// the rule: some are refused, and who owes in another currency gets a warning. And it names what people consented to.
func configure(ctx context.Context, admin *client.Client) error {
	for _, a := range sample.Authorities() {
		if _, err := staff.SetSetting(ctx, admin, client.Why{}, a.Code, "debt_limit_others", a.Currency+"=20.00"); err != nil {
			return fmt.Errorf("limit the debts at %s: %w", a.Code, err)
		}
	}
	_, err := staff.SetSetting(ctx, admin, client.Why{}, "", "consent_purposes", strings.Join(sample.ConsentPurposes, ","))
	return err
}

// createLogins makes those roles that do not exist yet, and opens the others: roles belong to the cluster and outlive a
// database, where somebody may have disabled them.
func (c *Cluster) createLogins(ctx context.Context, attributes string, names ...string) error {
	return c.SQL(ctx, "postgres", `
		SELECT format('CREATE ROLE %I %s', name, :'attributes') FROM unnest(string_to_array(:'names', ',')) AS name
		WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
		\gexec
		SELECT format('ALTER ROLE %I %s', name, :'attributes') FROM unnest(string_to_array(:'names', ',')) AS name
		\gexec
		`, "attributes="+attributes, "names="+strings.Join(names, ","))
}
