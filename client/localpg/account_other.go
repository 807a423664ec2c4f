//go:build !linux && !darwin && !freebsd

package localpg

import (
	"context"
	"errors"
	"os/exec"
)

const supported = false

// account stands in where the server cannot run; Start refuses before any of this is reached.
type account struct{}

func serverAccount() (*account, error)             { return nil, errors.ErrUnsupported }
func (*account) own(context.Context, string) error { return errors.ErrUnsupported }
func (*account) give(string) error                 { return errors.ErrUnsupported }
func detach(*exec.Cmd)                             {}
func ownedByUs(string) bool                        { return false }
func processExists(int) bool                       { return false }
func tryLock(string) (func(), error)               { return nil, errors.ErrUnsupported }

func (*account) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, program, args...)
}
