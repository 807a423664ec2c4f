package audit

import (
	"context"

	"patronctl/client"
)

// Opened is what was opened under one login with one operation in a month.
type Opened struct {
	Login     string `json:"login"`
	Authority string `json:"authority"`
	Operation string `json:"operation"`
	Accesses  int    `json:"accesses"`
	Denied    int    `json:"denied"` // of these
	Days      int    `json:"days"`   // on which there were any, in UTC
	People    int    `json:"people"` // opened; who was opened twice counts twice
}

// ReportMonth counts what was opened in the month of a day: under a login (empty: everything the caller may see). For officers
// that is what was opened about the people of their authority, by whomever.
func ReportMonth(ctx context.Context, c *client.Client, why client.Why, month client.Date, login string) (rows []Opened, err error) {
	err = c.Long(ctx, "audit report", why, nil, &rows, `SELECT desk.report_month($1, $2, $3)`, month.Param(), client.OrNull(login))
	return rows, err
}

// Consulted says when and why somebody's record was opened.
type Consulted struct {
	Day       string `json:"day"`       // ISO, where the person is at home
	Authority string `json:"authority"` // of the staff
	Purpose   string `json:"purpose"`
	Accesses  int    `json:"accesses"`
}

// ReportSubject lists the days and purposes of one patron's record being opened, newest first, without staff names.
func ReportSubject(ctx context.Context, c *client.Client, why client.Why, ref string) (rows []Consulted, err error) {
	err = c.Long(ctx, "audit report subject", why, client.Criteria{"ref": ref}, &rows, `SELECT desk.report_subject($1)`)
	return rows, err
}

// Lookups are how often a login looked single people up in a month.
type Lookups struct {
	Login        string `json:"login"`
	Authority    string `json:"authority"`
	Lookups      int    `json:"lookups"`
	People       int    `json:"people"`
	Elsewhere    int    `json:"elsewhere"`     // lookups of people whose home is another authority
	WithoutEvent int    `json:"without_event"` // lookups after which nothing happened to the person's record
}

// ReportUnusual counts the lookups of each login in the month of a day, those across authorities first.
func ReportUnusual(ctx context.Context, c *client.Client, why client.Why, month client.Date) (rows []Lookups, err error) {
	err = c.Long(ctx, "audit report", why, nil, &rows, `SELECT desk.report_unusual($1, $2)`, month.Param())
	return rows, err
}
