package history

import (
	"context"
	"fmt"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

// inBulk tells whether many people are asked for, and makes sure that they are asked for in one way.
func (o *anonymizeOptions) inBulk(given func(flag string) bool) (bool, error) {
	bulk := given("authority") || given("branch") || given("file")
	switch {
	case bulk == (len(o.people.Words) > 0):
		return bulk, kit.Usage("say whose history in one way: PATRON, -, --authority A [--branch B] or --file FILE")
	case given("file") && given("branch"):
		return bulk, kit.Usage("--file names the people itself: leave --branch out")
	case bulk && (o.includeOwing || o.generalize):
		return bulk, kit.Usage(
			"--include-owing and --generalize go with one PATRON; in bulk a rule widens groups: patronctl retention set")
	}
	return bulk, nil
}

// runBulk makes a plan and runs it, as far as one officer may decide about it.
func (o *anonymizeOptions) runBulk(ctx context.Context) error {
	if err := output.CheckColumns[kit.PlanResult](o.env.Printer(), nil); err != nil {
		return err
	}
	if !o.dryRun {
		if err := o.env.Answerable(); err != nil {
			return err
		}
	}
	plan, unknown, err := o.plan(ctx)
	if err != nil {
		return err
	}
	if err := o.follow(ctx, plan); err != nil {
		return err
	}
	if unknown > 0 && !o.dryRun {
		return &kit.Error{Code: kit.ExitPartlyDone, Message: fmt.Sprintf("cards that nobody has: %d", unknown)}
	}
	return nil
}

// plan freezes whom it is about, and reports the lines of cards that nobody has.
func (o *anonymizeOptions) plan(ctx context.Context) (plan *forgetting.Plan, unknown int, err error) {
	var cards []string
	var lines []int
	if o.people.File != "" {
		if cards, lines, err = o.cards(); err != nil {
			return nil, 0, err
		}
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, 0, err
	}
	if o.people.File == "" {
		plan, err = forgetting.PlanBefore(ctx, c, o.env.Why(), o.authority, o.branch, o.before.Date)
		return plan, 0, err
	}
	plan, places, err := forgetting.PlanCards(ctx, c, o.env.Why(), o.authority, o.before.Date, cards)
	for _, place := range places {
		unknown := &kit.Error{Code: kit.ExitNotFound, Message: fmt.Sprintf("line %d: nobody has this card", lines[place])}
		o.env.ShowError(unknown, o.env.Flags.WantsJSON())
	}
	return plan, len(places), err
}

// cards reads the file, and which line each card stands in.
func (o *anonymizeOptions) cards() (cards []string, lines []int, err error) {
	entries, err := o.env.Entries(o.people)
	if err != nil {
		return nil, nil, err
	}
	for card, err := range entries {
		if err != nil {
			return nil, nil, err
		}
		cards, lines = append(cards, card.Ref), append(lines, card.Line)
	}
	if cards == nil {
		return nil, nil, kit.Usage("there are no cards in %s", o.people.File)
	}
	return cards, lines, nil
}

// follow does with a plan what may be done now. Whatever happens, the plan stays and can be run later.
func (o *anonymizeOptions) follow(ctx context.Context, plan *forgetting.Plan) error {
	if plan.State == "ready" && !o.dryRun {
		c, err := o.env.Client(ctx)
		if err != nil {
			return err
		}
		err = o.env.ConfirmAndRun(ctx, c, plan, forgetting.RunOptions{Batch: 1000})
		if kit.Exit(err) == kit.ExitNotConfirmed {
			hint := fmt.Sprintf("the plan stays: patronctl retention run %d", plan.ID)
			return &kit.Error{Code: kit.ExitNotConfirmed, Message: err.Error(), Hint: hint}
		}
		return err
	}
	if err := output.Document(o.env.Printer(), kit.PlanResult{Plan: plan}, kit.PlanScreen(plan)); err != nil {
		return err
	}
	if plan.State == "waiting" && !o.dryRun {
		return &kit.Error{
			Code: kit.ExitPartlyDone, Message: fmt.Sprintf("plan %d waits for an approval; nothing was anonymized", plan.ID),
			Hint: "another officer runs: " + kit.ApproveCommand(plan),
		}
	}
	return nil
}
