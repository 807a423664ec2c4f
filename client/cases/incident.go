package cases

import (
	"context"
	"time"

	"patronctl/client"
)

// Incident is a breach of personal data, or of the agreement between the authorities. Texts are about the matter, never
// about a person. The last of what was said holds.
type Incident struct {
	Incident     int64           `json:"incident"`
	Kind         string          `json:"kind"`      // breach, agreement
	Authority    string          `json:"authority"` // of whoever reported it; empty: of the whole consortium
	NoticedAt    time.Time       `json:"noticed_at"`
	ReportedAt   time.Time       `json:"reported_at"`
	ClosedAt     *time.Time      `json:"closed_at"` // nil: open
	Categories   *string         `json:"categories"`
	People       *int64          `json:"people"`  // about so many
	Records      *int64          `json:"records"` // about so many
	Consequences *string         `json:"consequences"`
	Measures     *string         `json:"measures"`
	DueAt        *time.Time      `json:"due_at"`     // 72 hours after it was noticed; nil: no breach
	Clock        string          `json:"clock"`      // running, overdue, told, told late, not needed; empty: no breach
	HoursLeft    *int            `json:"hours_left"` // whole ones, negative when overdue; nil when the clock has stopped
	Pressing     bool            `json:"pressing"`   // less than 24 hours are left, or none
	Notified     *string         `json:"notified"`   // the supervisory authority: its file number
	NotifiedAt   *time.Time      `json:"notified_at"`
	NotNotified  *string         `json:"not_notified"` // why it need not be told
	Told         []ToldMember    `json:"told"`
	Untold       []string        `json:"untold"` // member authorities, besides the one that reported it
	PeopleTold   *int64          `json:"people_told"`
	PeopleToldAt *time.Time      `json:"people_told_at"`
	AccessesOf   *string         `json:"accesses_of"` // the login whose access records say whom it concerns
	AccessesFrom *time.Time      `json:"accesses_from"`
	AccessesTo   *time.Time      `json:"accesses_to"`
	Entries      []IncidentEntry `json:"entries,omitempty"` // of ShowIncident
	Receipt      string          `json:"receipt,omitempty"` // of a write, for audit.ProveReceipt
}

// ToldMember is a member authority that was told of an incident.
type ToldMember struct {
	Authority string    `json:"authority"`
	At        time.Time `json:"at"`
}

// IncidentEntry is one thing said of an incident.
type IncidentEntry struct {
	Access    int64     `json:"access"`
	Action    string    `json:"action"` // reported, updated, closed, acknowledged
	At        time.Time `json:"at"`
	Login     string    `json:"login"`
	Authority string    `json:"authority,omitempty"`
	IncidentFacts
}

// IncidentFacts are what can be said of an incident. What is nil or empty is not said.
type IncidentFacts struct {
	Categories   *string    `json:"categories,omitempty"` // of people and records
	People       *int64     `json:"people,omitempty"`
	Records      *int64     `json:"records,omitempty"`
	Consequences *string    `json:"consequences,omitempty"`
	Measures     *string    `json:"measures,omitempty"`
	Told         []string   `json:"told,omitempty"` // member authorities
	Notified     *string    `json:"notified,omitempty"`
	NotNotified  *string    `json:"not_notified,omitempty"`
	PeopleTold   *int64     `json:"people_told,omitempty"`
	ToldAt       *time.Time `json:"told_at,omitempty"` // when, all of these; nil: now
	AccessesOf   *string    `json:"accesses_of,omitempty"`
	AccessesFrom *time.Time `json:"accesses_from,omitempty"`
	AccessesTo   *time.Time `json:"accesses_to,omitempty"`
}

// texts are what the facts say in words, in the order in which the call checks that its access was opened with them.
func (f IncidentFacts) texts() client.Criteria {
	said := []string{}
	for _, text := range []*string{f.Categories, f.Consequences, f.Measures, f.Notified, f.NotNotified} {
		if text != nil {
			said = append(said, *text)
		}
	}
	return client.Criteria{"texts": said}
}

// ReportIncident writes a new incident down; the clock of a breach runs from when it was noticed.
func ReportIncident(ctx context.Context, c *client.Client, why client.Why, kind string, noticed time.Time,
	facts IncidentFacts,
) (*Incident, error) {
	return writeIncident(ctx, c, "incident report", why, facts.texts(), `SELECT desk.report_incident($1, $2, $3, $4)`, kind, noticed, facts)
}

// UpdateIncident adds what is known by now.
func UpdateIncident(ctx context.Context, c *client.Client, why client.Why, incident int64, facts IncidentFacts) (*Incident, error) {
	return writeIncident(ctx, c, "incident update", why, facts.texts(), `SELECT desk.update_incident($1, $2, $3)`, incident, facts)
}

// CloseIncident ends an incident. A breach is refused until the supervisory authority was told, or it is said why it need
// not be.
func CloseIncident(ctx context.Context, c *client.Client, why client.Why, incident int64) (*Incident, error) {
	return writeIncident(ctx, c, "incident close", why, nil, `SELECT desk.close_incident($1, $2)`, incident)
}

// AcknowledgeIncident ends the line about an open incident that this login is shown.
func AcknowledgeIncident(ctx context.Context, c *client.Client, why client.Why, incident int64) (*Incident, error) {
	return writeIncident(ctx, c, "incident acknowledge", why, nil, `SELECT desk.acknowledge_incident($1, $2)`, incident)
}

func writeIncident(ctx context.Context, c *client.Client, operation string, why client.Why, about client.Criteria, query string,
	args ...any,
) (*Incident, error) {
	var i Incident
	if err := c.Write(ctx, operation, why, about, &i, query, args...); err != nil {
		return nil, err
	}
	return &i, nil
}

// ListIncidents returns incidents: open ones first, by when they were noticed, then the newest.
func ListIncidents(ctx context.Context, c *client.Client, why client.Why, open bool) (found []Incident, err error) {
	err = c.Read(ctx, "incident list", why, nil, &found, `SELECT desk.list_incidents($1, $2)`, open)
	return found, err
}

// ShowIncident returns an incident with everything that was said of it.
func ShowIncident(ctx context.Context, c *client.Client, why client.Why, incident int64) (*Incident, error) {
	var i Incident
	if err := c.Read(ctx, "incident show", why, nil, &i, `SELECT desk.show_incident($1, $2)`, incident); err != nil {
		return nil, err
	}
	return &i, nil
}

// IncidentPeople are the people whom a login opened in a stretch of time.
type IncidentPeople struct {
	Login     string           `json:"login"`
	From      time.Time        `json:"from"`
	To        time.Time        `json:"to"` // not included
	People    []OpenedPerson   `json:"people"`
	Elsewhere []OpenedAtMember `json:"elsewhere"` // people at home elsewhere, whom the officers there can list
}

// OpenedPerson is somebody whom a login opened.
type OpenedPerson struct {
	Patron     int64     `json:"patron"`
	Authority  string    `json:"authority"` // home
	Accesses   int       `json:"accesses"`
	FirstAt    time.Time `json:"first_at"`
	LastAt     time.Time `json:"last_at"`
	Operations []string  `json:"operations"`
}

// OpenedAtMember counts the people of a member whom a login opened.
type OpenedAtMember struct {
	Authority string `json:"authority"`
	People    int    `json:"people"`
	Accesses  int    `json:"accesses"`
}

// FindIncidentPeople finds whom an incident concerns: by what is said of it, or (incident 0) whom a login opened from one instant
// to another.
func FindIncidentPeople(ctx context.Context, c *client.Client, why client.Why, incident int64, login string,
	from, to *time.Time,
) (*IncidentPeople, error) {
	var found IncidentPeople
	err := c.Long(ctx, "incident people", why, nil, &found, `SELECT desk.incident_people($1, $2, $3, $4, $5)`, client.OrNull(incident),
		client.OrNull(login), from, to)
	if err != nil {
		return nil, err
	}
	return &found, nil
}
