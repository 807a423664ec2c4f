package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefusedBeforeConnecting runs command lines that must fail without looking for a database: there is none.
func TestRefusedBeforeConnecting(t *testing.T) {
	t.Setenv("PATRONCTL_STATE_DIR", t.TempDir())
	there := filepath.Join(t.TempDir(), "there.json")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]struct {
		code int
		says string
	}{
		"history":      {0, ""},
		"history nosh": {2, "anonymize, report, show"},
		"history show": {2, "PATRON, - or --file FILE"},
		"history show id:1 --columns title,nosuch":      {2, "detail"},
		"history anonymize id:1":                        {2, "before"},
		"history anonymize id:1 --before 31.1.2026":     {2, "2026-01-31 or today"},
		"history anonymize id:1 --before tomorrow":      {2, "2026-01-31 or today"},
		"history anonymize id:1 --before today":         {5, "--yes"},
		"history anonymize - --before today":            {5, "--yes"},
		"history anonymize id:1 --before today -o csv":  {2, "json"},
		"history anonymize id:1 --before today --force": {2, "--generalize"},
		"patron erase":                   {2, "PATRON, - or --file FILE"},
		"patron erase id:1":              {5, "--yes"},
		"patron erase - --despite loans": {5, "--yes"},
		"patron erase id:1 --yes -o csv": {2, "json"},
		"patron erase id:1 --despite":    {2, "--despite needs a value"},
		"patron import":                  {2, "wrong number of arguments; usage: patronctl"},
		"patron import x.json":           {2, "authority"},
		"patron import x.json --authority A --branch B --category C --card 1 --consent-wording w --consent-source " +
			"s": {5, "--yes"},
		"patron import x.json --authority A --branch B --category C --card 1 --consent-wording w --consent-source s " +
			"--dry-run": {2, "cannot read the file"},
		"patron import x.json --authority A --branch B --category C --card 1 --consent-wording w --consent-source s --dry-run " +
			"--expires today": {2, "--expires takes a day"},
		"patron import x.json --authority A --branch B --category C --card 1 --consent-wording w --consent-source s --basis " +
			"fun": {2, "resident, work or study"},
		"patron reactivate id:1":                                    {2, "expires"},
		"patron reactivate id:1 --expires never":                    {2, "2026-01-31 or today"},
		"history report --k 0":                                      {2, "at least 1"},
		"history report CAM":                                        {2, "patronctl"},
		"history report --columns people":                           {2, "below_k"},
		"password reset":                                            {2, "PATRON, - or --file FILE"},
		"password reset id:1":                                       {5, "--yes"},
		"password reset id:1 --yes -o csv":                          {2, "json"},
		"password reset id:1 --yes --dry-run":                       {2, "unknown flag"},
		"export id:1":                                               {2, "--to takes"},
		"export --to x.json":                                        {2, "whose data"},
		"export id:1 --file - --to x.json":                          {2, "not both"},
		"export --file y --to x.json":                               {2, "no such file"},
		"export --file - --to x.json":                               {2, "directory"},
		"export id:1 --to -":                                        {2, "never shown"},
		"export id:1 --to x.xlsx":                                   {2, "add --format xlsx"},
		"export id:1 --to x.json.age --format xml":                  {2, "add --format json"},
		"export id:1 --to x.json.age":                               {2, "--encrypt-to"},
		"export id:1 --to x.json --encrypt-to age1x":                {2, "x.json.age"},
		"export --schema --format csv":                              {2, "--format json"},
		"export id:1 --to":                                          {2, "--to needs a value"},
		"export - --to x.json":                                      {2, "directory"},
		"export id:1 --to x.json --format pdf":                      {2, "csv, xml or xlsx"},
		"export id:1 --to x.json --scope all":                       {2, "portability or access"},
		"export id:1 --to " + there:                                 {2, "exists"},
		"erasure nosh":                                              {2, "export, list, quarantine, replay"},
		"erasure export":                                            {2, "wrong number of arguments; usage: patronctl"},
		"erasure export " + there:                                   {2, "exists"},
		"erasure list --since yesterday":                            {2, "2026-01-31 or today"},
		"erasure replay " + there:                                   {2, "no verifier"},
		"erasure replay " + there + " --verifier " + there:          {2, "not the verifier"},
		"erasure quarantine maybe":                                  {2, "disable, enable, show"},
		"audit list --outcome maybe":                                {2, "allowed, denied or not_found"},
		"audit list --since yesterday":                              {2, "today"},
		"audit list --limit 0":                                      {2, "1 to 10000"},
		"audit list --limit 10001":                                  {2, "1 to 10000"},
		"audit list --patron 20000000000012":                        {2, "id:123"},
		"audit logins --limit 0":                                    {2, "from 1"},
		"audit logins --since yesterday":                            {2, "today"},
		"audit logins --columns who":                                {2, "outcome"},
		"audit logins --until today":                                {2, "unknown flag"},
		"audit collect -o csv":                                      {2, "csv"},
		"audit collect today":                                       {2, "unexpected argument"},
		"audit list --columns who":                                  {2, "login"},
		"audit report":                                              {2, "give one of --monthly, --subject or --unusual; usage"},
		"audit show":                                                {2, "wrong number of arguments; usage: patronctl"},
		"audit show id:7":                                           {2, "4711"},
		"audit show -7":                                             {2, "unknown shorthand"},
		"consent give id:1":                                         {2, "--purpose, --source and --wording are missing; usage"},
		"consent withdraw id:1 --nosuch":                            {2, "--channel, --file, --purpose, --output, --columns"},
		"incident nosh":                                             {2, "acknowledge, close, list"},
		"incident report":                                           {2, "--kind and --noticed are missing"},
		"incident report --kind breach":                             {2, "--noticed is missing: when it was noticed"},
		"incident report --kind theft --noticed today":              {2, "breach or agreement"},
		"incident report --kind breach --noticed lately":            {2, "2026-01-31"},
		"incident update":                                           {2, "wrong number of arguments; usage: patronctl"},
		"incident update x":                                         {2, "not the number of an incident"},
		"incident update 1 --people -1":                             {2, "from 0"},
		"incident update 1 --people few":                            {2, "whole number"},
		"incident update 1 --notified x --not-notified y":           {2, "only one of --notified or --not-notified"},
		"incident update 1 --login x":                               {2, "--login, --from and --to go together"},
		"incident close 0":                                          {2, "not the number of an incident"},
		"incident show 1 -o csv":                                    {2, "json"},
		"incident list --columns who":                               {2, "clock"},
		"incident people":                                           {2, "--login, --from and --to"},
		"incident people 1 --login x --from today --to today":       {2, "INCIDENT, or --login"},
		"report nosh":                                               {2, "processing, sharing"},
		"report processing -o csv":                                  {2, "csv"},
		"report processing --html " + there:                         {2, "exists"},
		"report sharing":                                            {2, "--from is missing"},
		"report sharing --from 31.1.2026":                           {2, "2026-01-31 or today"},
		"report sharing --from today --html " + there:               {2, "exists"},
		"settings get":                                              {2, "wrong number of arguments; usage: patronctl"},
		"settings set k":                                            {2, "wrong number of arguments; usage: patronctl"},
		"settings list --columns authority":                         {2, "default"},
		"staff add anna":                                            {2, "--role is missing"},
		"staff add anna --role boss":                                {2, "clerk"},
		"staff add anna --role clerk --until today":                 {2, "2026-08-31"},
		"staff list -o xlsx":                                        {2, "markdown"},
		"db nosuch":                                                 {2, "upgrade"},
		"db init":                                                   {2, "admin"},
		"db init --admin":                                           {2, "--admin needs a value"},
		"db init --admin anna --print-admin-sql":                    {2, "print-admin-sql"},
		"db import":                                                 {2, "wrong number of arguments; usage: patronctl"},
		"db import /nonexistent":                                    {2, "/nonexistent"},
		"db import " + filepath.Dir(there) + " --skip-bad " + there: {2, "exists"},
		"db authority add X --name X":                               {2, "currency"},
		"db status -o csv":                                          {2, "json"},

		"history anonymize --before today":                              {2, "--authority A [--branch B] or --file FILE"},
		"history anonymize id:1 --authority CAM --before today":         {2, "in one way"},
		"history anonymize --authority CAM --before today":              {5, "--yes"},
		"history anonymize --file - --branch CAM-CEN --before today":    {2, "leave --branch out"},
		"history anonymize --authority CAM --before today --generalize": {2, "one PATRON"},
		"history anonymize --authority CAM --before today -o csv":       {2, "json"},
		"history anonymize --file /nonexistent --before today --yes":    {2, "no such file"},
		"history anonymize --file /dev/null --before today --yes":       {2, "no cards"},
		"retention plan":                           {2, "--all"},
		"retention plan lapsed --all":              {2, "RULE..., or --all"},
		"retention plan lapsed --nosuch":           {2, "--all"},
		"retention plan show":                      {2, "wrong number of arguments; usage: patronctl"},
		"retention plan show lapsed":               {2, "retention runs"},
		"retention plan show 1 --people --skipped": {2, "people"},
		"retention approve 1":                      {2, "plan show 1"},
		"retention approve 0 --hash x":             {2, "not the number of a plan"},
		"retention run":                            {2, "PLAN, or --due"},
		"retention run 1 --due":                    {2, "PLAN, or --due"},
		"retention run lapsed":                     {2, "not the number of a plan"},
		"retention run 1 --batch 2001":             {2, "1 to 2000"},
		"retention run 1 --batch 0":                {2, "1 to 2000"},
		"retention run 1 --pause 21s":              {2, "20s"},
		"retention run 1 --max-duration -1s":       {2, "4h"},
		"retention run 1 -o csv":                   {2, "json"},
		"retention runs --limit 0":                 {2, "1 to 1000"},
		"retention set x --action erase":           {2, "erase-lapsed"},
		"retention set x --k 5":                    {2, "--generalize"},
		"retention list --columns nosuch":          {2, "in_force"},

		"request open --kind access --received today":                {2, "name the PATRON, or give --unknown"},
		"request open id:1 --unknown --kind access --received today": {2, "name the PATRON, or give --unknown"},
		"request open - --kind access --received today":              {2, "one patron"},
		"request open id:1 --received today":                         {2, "kind"},
		"request open id:1 --kind access --received yesterday":       {2, "2026-01-31 or today"},
		"request open id:1 --kind access --received today -o csv":    {2, "json"},
		"request pause 1":                                              {2, "for"},
		"request pause 1 --for lunch":                                  {2, "identity or clarification"},
		"request pause 0 --for identity":                               {2, "is not the number of a request"},
		"request resume":                                               {2, "wrong number of arguments; usage: patronctl"},
		"request extend 1 --because laziness":                          {2, "complexity or number"},
		"request close 1":                                              {2, "outcome"},
		"request close 1 --outcome granted --ground none":              {2, "other-means"},
		"request list --open --all":                                    {2, "open"},
		"request list --columns name":                                  {2, "days_left"},
		"request show id:1":                                            {2, "patronctl request list"},
		"export id:1 --to x.json --request 0":                          {2, "write a number such as 17"},
		"patron erase - --request 1 --yes":                             {2, "--request is about one person"},
		"disclosure record id:1":                                       {2, "organisation"},
		"disclosure refuse --to police --organisation x --reference y": {2, "name the PATRON, or give --unknown"},
		"disclosure approve x":                                         {2, "is not the number of a disclosure"},
		"disclosure decline 1":                                         {2, "because"},
		"disclosure decline 1 --because boredom":                       {2, "trawl"},
		"disclosure list --columns name":                               {2, "organisation"},
	} {
		code, out, errs := run(t, append([]string{"--dsn", "host=/nonexistent"}, strings.Fields(line)...)...)
		if code != want.code || !strings.Contains(errs, want.says) {
			t.Errorf("%s: exit %d, stderr %q; want %d, %q", line, code, errs, want.code, want.says)
		}
		if code != 0 && out != "" {
			t.Errorf("%s: stdout %q", line, out)
		}
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "mine" {
		t.Errorf("the file that was there: %q, %v", text, err)
	}
}

// TestReachesForTheDatabase shows that the lines above are refused for their own sake: these, which are right, get further.
func TestReachesForTheDatabase(t *testing.T) {
	dir := t.TempDir()
	for _, line := range []string{
		"history show id:1 --reason x",
		"history anonymize anna novak --before 2026-01-31 --dry-run",
		"history anonymize id:1 --before today --include-owing --generalize --yes",
		"history anonymize id:1 --before today --dry-run --yes -o json",
		"history anonymize --authority CAM --branch CAM-CEN --before today --dry-run",
		"retention list",
		"retention set x --after 1year --branch A,B --branch C --k 5 --generalize",
		"retention plan lapsed deleted",
		"retention plan --all",
		"retention plan show 1 --skipped -o csv",
		"retention run 1",
		"retention run --due --batch 2000 --pause 20s --max-duration 4h -o csv",
		"password reset id:1 --yes",
		"export id:1 --to " + dir,
		"export id:1 --to " + filepath.Join(dir, "new.zip") + " --format csv --scope access",
		"audit list --since today --until 2026-01-31 --patron id:1",
		"audit list --since 2026-01-31T14:00:00+01:00 --limit 10000",
		"audit show 7",
		"erasure list --authority CAM --since today",
		"request open id:1 --kind access --received today",
		"request open --unknown --kind access --received 2026-01-31 --reason x",
		"request pause 1 --for identity --on 2026-01-31",
		"request list --all --exit-code",
		"request show 1 -o json",
		"export id:1 --request 1 --scope access --to " + dir,
		"patron erase id:1 --request 1 --yes",
		"disclosure refuse --unknown --to police --organisation x --reference y --because trawl",
		"disclosure approve 1",
		"disclosure list --pending -o csv",
		"erasure export " + filepath.Join(dir, "new.ledger"),
		"erasure quarantine enable",
		"settings list --authority CAM",
		"settings get k",
		"settings set debt_limit_others GBP=1",
		"staff add anna --role clerk --authority CAM --until 2026-08-31",
		"staff list",
		"db init --admin anna",
		"db upgrade",
		"db status",
		"db import " + dir + " --skip-bad " + filepath.Join(dir, "bad.csv"),
		"db authority add X --name X --currency EUR --time-zone Europe/Prague",
	} {
		if code, out, errs := run(t, append([]string{"--dsn", "host=/nonexistent"}, strings.Fields(line)...)...); code != 4 || out != "" {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want 4", line, code, out, errs)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

func TestAdminSQLNeedsNoDatabase(t *testing.T) {
	code, out, errs := run(t, "db", "init", "--print-admin-sql", "--dsn", "host=/nonexistent")
	if code != 0 || !strings.HasSuffix(out, "\n") || errs != "" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
}
