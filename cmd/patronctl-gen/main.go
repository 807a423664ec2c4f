// Command patronctl-gen writes what is generated: completions/ (scripts and man pages), and in the handbook what the program
// knows. Run it in the top directory, as `make generate` does.
package main

import (
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	if err := write("."); err != nil {
		log.Fatal(err)
	}
}

// write puts every generated file in its place below the top directory, and removes those of commands that are gone.
func write(top string) error {
	files, err := generate(top)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(top, "completions")); err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
