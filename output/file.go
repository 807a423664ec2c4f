package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// ErrExists is returned by WriteFileAtomic for a target that is there already.
var ErrExists = errors.New("file exists: choose another name or add --force")

// ErrNoPlace is returned by WriteFileAtomic for a target where no file can be made, such as in a directory that does not exist.
var ErrNoPlace = errors.New("no file can be made there")

// noPlace tells whose fault it is that a file cannot be made, without the name of the temporary one.
func noPlace(path string, err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	for _, theirs := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ENAMETOOLONG} {
		if errors.Is(err, theirs) {
			return fmt.Errorf("%s: %w: %w", path, ErrNoPlace, err)
		}
	}
	return fmt.Errorf("create %s: %w", path, err)
}

// WriteFileAtomic creates the file at path, readable by its owner only, with what write writes. The file
// appears complete and safe on disk, or not at all: it is written beside the target and renamed. A target
// that exists is ErrExists without force, at the start and also when it appears meanwhile; one that is not
// a regular file is never replaced.
func WriteFileAtomic(path string, force bool, write func(io.Writer) error) error {
	if err := checkTarget(path, force); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".patronctl-*")
	if err != nil {
		return noPlace(path, err)
	}
	defer func() {
		// Both fail harmlessly after success. In any other case the half-written file must go.
		_ = temp.Close()
		_ = os.Remove(temp.Name())
	}()
	for _, step := range []func() error{func() error { return write(temp) }, temp.Sync, temp.Close} {
		if err := step(); err != nil {
			return nameTarget(err, temp.Name(), path)
		}
	}
	if err := moveInto(path, temp.Name(), force); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// nameTarget makes an error about the temporary file, which nobody asked for, one about the target.
func nameTarget(err error, temp, path string) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok && failed.Path == temp {
		return fmt.Errorf("write %s: %w", path, failed.Err)
	}
	return err
}

func checkTarget(path string, force bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return noPlace(path, err)
	case !force:
		return fmt.Errorf("%s: %w", path, ErrExists)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: choose another name", path)
	}
	return nil
}

// moveInto gives the finished file its name. A hard link, unlike a rename, never replaces a file that
// appeared meanwhile; where the file system has no links, looking again comes close.
func moveInto(path, temp string, force bool) error {
	if !force {
		err := os.Link(temp, path)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", path, ErrExists)
		}
		if err := checkTarget(path, force); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	return nil
}

// syncDir makes the new name survive a power cut. Windows does not offer that for directories.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
