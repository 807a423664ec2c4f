// Package bench is the benchmark of patronctl, which `make bench` runs: it makes a library up, lets the program and the
// server's own psql do the same work in it, and prints their figures beside each other. What could grow with the library is
// also measured in a small one. Nothing lives here but tests and the scripts that psql runs.
package bench
