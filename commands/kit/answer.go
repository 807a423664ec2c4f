package kit

import (
	"context"

	"patronctl/client"
	"patronctl/output"
)

// Answer is a verb that makes one call and shows the screen of what came of it.
func Answer[T any](
	ctx context.Context, e *Env, call func(c *client.Client) (*T, error), screen func(*T) []output.Section,
) error {
	if err := output.CheckColumns[T](e.Printer(), nil); err != nil {
		return err
	}
	c, err := e.Client(ctx)
	if err != nil {
		return err
	}
	answer, err := call(c)
	if err != nil {
		return err
	}
	return output.Document(e.Printer(), answer, screen(answer))
}
