package commands

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// Main runs the program on the process's own arguments and streams and returns its exit code.
func Main() int {
	ctx, stop := onSignal(context.Background())
	defer stop()
	env := &kit.Env{
		In:       interruptible{ctx, os.Stdin},
		Out:      pipe{os.Stdout},
		Err:      os.Stderr,
		Terminal: output.NewTerminal(os.Stdin, os.Stdout, os.Stderr),
	}
	return Run(ctx, env, os.Args[1:])
}

// Run executes one command line and returns its exit code. It is the only place that prints errors.
func Run(ctx context.Context, env *kit.Env, args []string) int {
	err := execute(ctx, env, args)
	env.Close()
	if ctx.Err() != nil { // an interrupted run is never a success
		err = interruption(context.Cause(ctx), err)
	}
	tell(env, args, err)
	return int(kit.Exit(err))
}

// onSignal returns a context that ends at the first SIGINT or SIGTERM, with the exit code as its cause; the second kills.
// It also takes SIGPIPE over: a reader that goes away must not kill a write to the database halfway.
func onSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(interrupted(s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func interrupted(s os.Signal) error {
	if s == syscall.SIGTERM {
		return &kit.Error{Code: kit.ExitTerminated, Message: "terminated"}
	}
	return &kit.Error{Code: kit.ExitInterrupted, Message: "interrupted"}
}

// interruption is the error of an interrupted run. What the run had already done, or may have done, must not get lost.
func interruption(cause, err error) error {
	from, ok := errors.AsType[*client.Error](err)
	unknown := ok && from.Kind == client.KindUnknown
	if !unknown && kit.Exit(err) != kit.ExitPartlyDone {
		return cause
	}
	return &kit.Error{Code: kit.Exit(cause), Message: cause.Error() + ": " + err.Error(), Hint: kit.Hint(err)}
}
