package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// StateDir is where patronctl keeps what it must remember on this computer: PATRONCTL_STATE_DIR, else patronctl's part of
// the user's state directory. Nothing is made yet.
func StateDir() (string, error) {
	if dir := os.Getenv("PATRONCTL_STATE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "patronctl"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for patronctl's state: set PATRONCTL_STATE_DIR: %w", err)
	}
	return filepath.Join(home, ".local", "state", "patronctl"), nil
}

// ReplaceFile writes a file that only this user may read; it appears complete or not at all.
func ReplaceFile(path, text string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".new*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
