// Command patronctl serves the staff of a shared library.
package main

import (
	"os"

	"patronctl/commands"
)

func main() { os.Exit(commands.Main()) }
