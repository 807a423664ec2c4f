package forgetting

import (
	"context"
	"iter"

	"patronctl/client"
)

// Plan is a frozen list of people and what is to be done with them.
type Plan struct {
	ID            int64            `json:"plan"`
	Origin        string           `json:"origin"`  // rules, due, date, file
	MadeAt        string           `json:"made_at"` // RFC 3339
	MadeBy        string           `json:"made_by"`
	Hash          string           `json:"hash"`           // over the list: what an approval is about
	State         string           `json:"state"`          // ready, waiting (for an approval), running, done, superseded, withdrawn
	MayRun        bool             `json:"may_run"`        // whether this login may run it
	NeedsApproval string           `json:"needs_approval"` // why a second officer must agree; empty: none need
	ApprovedAt    *string          `json:"approved_at"`
	ApprovedBy    string           `json:"approved_by"`
	Receipt       string           `json:"receipt,omitempty"` // of the approval, for audit.ProveReceipt
	Todo          int              `json:"todo"`              // people
	Done          int              `json:"done"`
	LeftOut       int              `json:"left_out"`    // people whom a run found changed
	LeftOutBy     []client.Skipped `json:"left_out_by"` // the same people, by reason
	Parts         []PlanPart       `json:"parts"`
}

// PlanPart is what one rule, or a date, means for one authority.
type PlanPart struct {
	Part      int              `json:"part"`
	Rule      string           `json:"rule"` // empty: a date was given
	Action    string           `json:"action"`
	Authority string           `json:"authority"`
	Before    *client.Date     `json:"before"` // history and accounts before this day; null when people are erased
	Cap       int              `json:"cap"`
	Todo      int              `json:"todo"`     // people
	Skipped   []client.Skipped `json:"skipped"`  // people, by reason; somebody can have several
	Branches  []BranchCount    `json:"branches"` // people, by branch
	Done      int              `json:"done"`
	LeftOut   int              `json:"left_out"`
	Counts    map[string]int   `json:"counts"` // rows done, by kind: people, loans, holds, zero_fees, fees_unlinked, fees
}

// BranchCount counts people of a branch.
type BranchCount struct {
	Branch  string `json:"branch"`
	Todo    int    `json:"todo"`
	Skipped int    `json:"skipped"`
}

// PlanItem is a person on a plan. Reasons say why somebody was left out: a word, or a word and the authority it is about,
// such as "loans KEN".
type PlanItem struct {
	Part      int      `json:"part"`
	Rule      string   `json:"rule"`
	Authority string   `json:"authority"`
	Branch    string   `json:"branch"`
	Patron    int64    `json:"patron"`
	Reasons   []string `json:"reasons"`
}

// MakePlan freezes what rules would do today; no names mean all that are in force at the authorities of the login.
func MakePlan(ctx context.Context, c *client.Client, why client.Why, rules []string) (*Plan, error) {
	if rules == nil {
		rules = []string{}
	}
	var plan Plan
	err := c.Long(ctx, "retention plan", why, nil, &plan, `SELECT desk.make_plan($1, $2)`, rules)
	return &plan, err
}

// PlanBefore freezes anonymizing the history before a day: of the people of an authority (empty: the only one of the
// login), or of one of its branches.
func PlanBefore(ctx context.Context, c *client.Client, why client.Why, authority, branch string, before client.Date) (*Plan, error) {
	var plan Plan
	err := c.Long(ctx, "retention plan", why, nil, &plan, `SELECT desk.make_date_plan($1, nullif($2, ''), nullif($3, ''), $4)`, authority,
		branch, before.Param())
	return &plan, err
}

// PlanCards is PlanBefore for a list of cards. It returns the places, counted from 0, of cards that nobody has.
func PlanCards(ctx context.Context, c *client.Client, why client.Why, authority string, before client.Date,
	cards []string,
) (*Plan, []int, error) {
	var unknown []int
	var plan struct {
		Plan
		Unknown []int `json:"unknown"`
	}
	var number *int64
	for start := 0; start < len(cards); start += client.ChunkSize {
		end := min(start+client.ChunkSize, len(cards))
		err := c.Long(ctx, "retention plan file", why, client.Criteria{"cards": cards[start:end]}, &plan,
			`SELECT desk.make_file_plan($1, $2, nullif($3, ''), $4, $5)`, number, authority, before.Param(), end == len(cards))
		if err != nil {
			return nil, nil, err
		}
		number = &plan.ID
		for _, place := range plan.Unknown {
			unknown = append(unknown, start+place-1)
		}
	}
	return &plan.Plan, unknown, nil
}

// Due is what the night has to do: plans to run, and those that wait for an approval.
type Due struct {
	Plans  []Plan       `json:"plans"`
	Failed []FailedRule `json:"failed"`
}

// FailedRule is a rule that could not be planned at an authority, by the state (SQLSTATE) that the server gave.
type FailedRule struct {
	Rule      string `json:"rule"`
	Authority string `json:"authority"`
	Because   string `json:"because"`
}

// PlanDue plans every rule in force.
func PlanDue(ctx context.Context, c *client.Client, why client.Why) (*Due, error) {
	var due Due
	err := c.Long(ctx, "retention plan due", why, nil, &due, `SELECT desk.plan_due($1)`)
	return &due, err
}

// ShowPlan returns a plan with its counts.
func ShowPlan(ctx context.Context, c *client.Client, why client.Why, id int64) (*Plan, error) {
	var plan Plan
	err := c.Read(ctx, "retention list", why, nil, &plan, `SELECT desk.show_plan($1, $2)`, id)
	return &plan, err
}

// PlanItems streams who is on a plan, or with skipped who was left out.
func PlanItems(ctx context.Context, c *client.Client, why client.Why, id int64, skipped bool) iter.Seq2[PlanItem, error] {
	return func(yield func(PlanItem, error) bool) {
		var part int
		var patron int64
		for {
			var page []PlanItem
			err := c.Read(ctx, "retention plan", why, nil, &page, `SELECT desk.list_plan_items($1, $2, $3, $4, $5)`, id, skipped, part, patron)
			if err != nil {
				yield(PlanItem{}, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
				part, patron = item.Part, item.Patron
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

// ApprovePlan is a second officer's consent to exactly the list that has this hash.
func ApprovePlan(ctx context.Context, c *client.Client, why client.Why, id int64, hash string) (*Plan, error) {
	var plan Plan
	err := c.Long(ctx, "retention approve", why, nil, &plan, `SELECT desk.approve_plan($1, $2, $3)`, id, hash)
	return &plan, err
}
