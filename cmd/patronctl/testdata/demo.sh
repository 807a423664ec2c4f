#!/bin/sh
# Walks the five jobs on the demo: a patron, debts, history, a password, an export. Usage: demo.sh PATRONCTL
set -eu
patronctl=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m'); fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

# show prints a command and runs it; expect=N is the exit code it should end with.
show() {
	printf '%s$ patronctl %s%s\n' "$dim" "$*" "$plain"
	code=0
	"$patronctl" "$@" || code=$?
	[ "$code" = "${expect:-0}" ] || {
		echo "exit $code, expected ${expect:-0}" >&2
		exit 1
	}
}

say 'A consortium of made-up people, in a private PostgreSQL'
show demo start
say '1. Look a patron up'
show --demo patron find cisarova
show --demo patron show 90000036
say '2. Check debts across the authorities (exit 10: too much is owed to another)'
expect=10 show --demo debt check 90000014 --exit-code
say '3. Anonymize history: first what would happen, then for good'
show --demo history anonymize 90000036 --before today --dry-run
show --demo history anonymize 90000036 --before today --yes
say '4. Reset a forgotten password'
show --demo password reset 90000028 --yes
say '5. Export a person'\''s data, as the data protection officer'
show --demo --as officer.cam export 90000036 --to "$dir/person.json"
head -c 600 "$dir/person.json"
echo
say 'Who looked at whom is on record'
show --demo --as officer.cam audit list
say 'The demo keeps running: patronctl --demo patron find WORDS, and patronctl demo stop'
