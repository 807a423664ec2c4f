package debt

import (
	"context"

	"patronctl/client/people"
	"patronctl/output"
)

// checkApplicant lists registrations that may be the applicant. None is the answer one hopes for, not an error.
func (o *checkOptions) checkApplicant(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, matchColumns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	matches, err := people.CheckApplicant(ctx, c, o.env.Why(), o.person)
	if err != nil {
		return err
	}
	if len(matches) == 0 {
		o.env.Note("no registration of this person was found")
	}
	return output.List(printer, matchColumns, output.Slice(matches))
}
