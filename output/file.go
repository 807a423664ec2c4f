package output

import (
	"crypto/rand"
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
// appears complete and safe on disk, or not at all: it is written without a name, or where the system knows
// no such files, beside the target. A target that exists is ErrExists without force, at the start and also
// when it appears meanwhile; one that is not a regular file is never replaced.
func WriteFileAtomic(path string, force bool, write func(io.Writer) error) error {
	return writeAtomic(path, force, write, createUnnamed)
}

func writeAtomic(path string, force bool, write func(io.Writer) error, unnamed func(dir string) (*os.File, error)) error {
	if err := checkTarget(path, force); err != nil {
		return err
	}
	d, err := newDraft(filepath.Dir(path), unnamed)
	if err != nil {
		return noPlace(path, err)
	}
	defer d.drop()
	for _, step := range []func() error{func() error { return write(d.file) }, d.finish} {
		if err := step(); err != nil {
			return nameTarget(err, d.file.Name(), path)
		}
	}
	if err := d.moveInto(path, force); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// draft is a file that is still being written.
type draft struct {
	file    *os.File
	unnamed bool   // nothing is left of it when the process is killed
	beside  string // the name that it has meanwhile, or takes for a moment to replace a file
}

func newDraft(dir string, unnamed func(dir string) (*os.File, error)) (*draft, error) {
	d := &draft{beside: filepath.Join(dir, ".patronctl-"+rand.Text())}
	var err error
	if d.file, err = unnamed(dir); err == nil {
		d.unnamed = true
		return d, nil
	}
	d.file, err = os.OpenFile(d.beside, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	return d, err
}

// finish brings it to the disk. One with a name is closed, since Windows renames no open file; another would be gone.
func (d *draft) finish() error {
	if err := d.file.Sync(); err != nil || d.unnamed {
		return err
	}
	return d.file.Close()
}

// drop ends it. It fails harmlessly after success; in any other case the half-written file must go.
func (d *draft) drop() {
	_ = d.file.Close()
	_ = os.Remove(d.beside)
}

func (d *draft) link(name string) error {
	if d.unnamed {
		return linkUnnamed(d.file, name)
	}
	return os.Link(d.beside, name)
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
func (d *draft) moveInto(path string, force bool) error {
	err := d.link(path)
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrExist) && !force {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	if err := checkTarget(path, force); err != nil {
		return err
	}
	if d.unnamed {
		if err := d.link(d.beside); err != nil {
			return fmt.Errorf("create %s: %w", path, err)
		}
	}
	if err := os.Rename(d.beside, path); err != nil {
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
