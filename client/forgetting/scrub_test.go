package forgetting_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

func noStep(int, int) {}

// eraseSome erases three people of each of two authorities, as a run does.
func eraseSome(super *pgtest.Session) {
	super.Must(`SELECT desk.erase(ARRAY(
		SELECT id
		FROM (
			SELECT id, row_number() OVER (PARTITION BY authority ORDER BY id DESC) AS n
			FROM lms.patron
			WHERE authority IN ('CAM', 'KEN')
		) AS p
		WHERE n <= 3), 'lapsed')`)
}

const scrubbedAt = "SELECT authority, count(*), count(scrubbed_at) FROM patronctl.erasure GROUP BY 1 ORDER BY 1"

// An officer scrubs for the own authority, which leaves the others' erasures waiting; the job does the rest; then there is
// nothing left to do.
func TestScrub(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	eraseSome(super)
	done, err := forgetting.Scrub(t.Context(), db.Client(t, "officer.cam"), client.Why{}, "CAM", noStep)
	if err != nil {
		t.Fatal(err)
	}
	if done.Scrubbed != 3 || done.Waiting != 0 || len(done.Unclean) != 0 || done.BackupsCleanAfter != "2026-03-02" {
		t.Errorf("%+v", done)
	}
	if got := super.Must(scrubbedAt); got != "CAM\n3\n3\nKEN\n3\n0" {
		t.Errorf("after the officer: %q", got)
	}
	done, err = forgetting.Scrub(t.Context(), db.Client(t, "job"), client.Why{}, "", noStep)
	if err != nil || done.Scrubbed != 3 || done.Waiting != 0 || len(done.Rewritten) != 3 {
		t.Errorf("%+v, %v", done, err)
	}
	done, err = forgetting.Scrub(t.Context(), db.Client(t, "admin"), client.Why{}, "", noStep)
	if err != nil || done.Scrubbed != 0 || len(done.Rewritten) != 0 {
		t.Errorf("%+v, %v", done, err)
	}
}

// Names, indexes, constraints, rights and statistics settings are those from before, and so are the rows; only the rows'
// transactions no longer tell which moved together, nor does their order.
func TestScrubChangesNothingButTheFiles(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	for patron := 1; patron <= 60; patron++ {
		super.Must(`
			SELECT lms.move_history(ARRAY[%[1]d::bigint],
				lms.stand_ins('CAM', ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[NULL::smallint]),
				ARRAY(SELECT id FROM lms.loan WHERE patron = %[1]d AND returned_at IS NOT NULL), `+
			"ARRAY(SELECT id FROM lms.hold WHERE patron = %[1]d AND closed_at IS NOT NULL), ARRAY(SELECT id FROM lms.fee WHERE patron = %[1]d "+
			"AND amount = 0))", patron)
	}
	eraseSome(super)
	const catalogue = `
		SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
			SELECT concat_ws(
				' ', c.oid::regclass, c.relkind, c.relpersistence, c.relowner::regrole, c.relacl, c.reloptions, c.relreplident,
				c.relispartition, pg_get_expr(c.relpartbound, c.oid), c.relhasindex, c.relhastriggers
			) AS line
			FROM pg_class AS c
			WHERE c.relnamespace = 'lms'::regnamespace
			UNION ALL SELECT concat_ws(
				' ', a.attrelid::regclass, a.attnum, a.attname, a.atttypid::regtype, a.attnotnull, a.attstattarget, a.attstorage,
				a.attacl
			)
				FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'lms'::regnamespace AND a.attnum > 0
			UNION ALL SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisunique, i.indisprimary, i.indisclustered, i.indisvalid)
				FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE c.relnamespace = 'lms'::regnamespace
			UNION ALL SELECT concat_ws(' ', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
			FROM pg_constraint AS k
			WHERE k.connamespace = 'lms'::regnamespace
			UNION ALL SELECT pg_get_triggerdef(t.oid)
			FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
			WHERE c.relnamespace = 'lms'::regnamespace AND NOT t.tgisinternal
		) AS all_of_it`
	const rows = `
		SELECT md5(string_agg(r, '|' ORDER BY r)) FROM (
			SELECT 'identity' || i::text FROM lms.identity AS i UNION ALL SELECT 'address' || i::text FROM lms.address AS i
			UNION ALL SELECT 'special' || i::text FROM lms.special AS i UNION ALL SELECT 'credential' || i::text FROM lms.credential AS i
			UNION ALL SELECT 'card' || i::text FROM lms.card AS i UNION ALL SELECT 'consent' || i::text FROM lms.consent AS i
			UNION ALL SELECT 'word' || i::text FROM lms.word AS i UNION ALL SELECT 'named' || i::text FROM lms.named AS i
			UNION ALL SELECT 'loan' || i::text FROM lms.anonymous_loan AS i UNION ALL SELECT 'hold' || i::text FROM lms.anonymous_hold AS i
			UNION ALL SELECT 'fee' || i::text FROM lms.anonymous_fee AS i
		) AS everything(r)`
	before, held := super.Must(catalogue), super.Must(rows)
	if got := super.Must("SELECT count(*) FROM lms.told_apart()"); got != "3" {
		t.Fatalf("%s relations tell rows apart, want 3", got)
	}
	done, err := forgetting.Scrub(t.Context(), db.Client(t, "job"), client.Why{}, "", noStep)
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Rewritten) != 16 { // nobody of PBK was erased, but its children may have had guardians elsewhere
		t.Errorf("%d relations rewritten: %v", len(done.Rewritten), done.Rewritten)
	}
	if super.Must(catalogue) != before {
		t.Error("the catalogue differs")
	}
	if super.Must(rows) != held {
		t.Error("the rows differ")
	}
	if got := super.Must("SELECT lms.told_apart()"); got != "" {
		t.Errorf("transactions still tell rows apart in %q", got)
	}
	if got := super.Must(`
		SELECT bool_and(o)
		FROM (SELECT (item, lent_at) >= lag((item, lent_at)) OVER (ORDER BY ctid) AS o FROM lms.anonymous_loan) AS x`); got != "t" {
		t.Error("the moved loans are not in the order of what they say")
	}
}

// hasty is a client of the nightly job that waits for nobody longer than some seconds.
func hasty(t *testing.T, dsn string) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{DSN: dsn, Timeout: 15 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// While somebody could still see what was erased nothing is marked, and the refusal names who.
func TestScrubRefusesForAnOldSnapshot(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, keeper, job := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "postgres"), hasty(t, db.DSN("job"))
	keeper.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lms.authority")
	eraseSome(super)
	_, err := forgetting.Scrub(t.Context(), job, client.Why{}, "", noStep)
	var known *client.Error
	if !errors.As(err, &known) || known.Kind != client.KindRefused ||
		!strings.Contains(known.Message, keeper.Must("SELECT pg_backend_pid()")+" of postgres") || known.Hint == "" {
		t.Errorf("%v", err)
	}
	if got := super.Must("SELECT count(scrubbed_at) FROM patronctl.erasure"); got != "0" {
		t.Errorf("%s erasures marked", got)
	}
	keeper.Must("COMMIT")
	if done, err := forgetting.Scrub(t.Context(), db.Client(t, "job"), client.Why{}, "", noStep); err != nil || done.Scrubbed != 6 {
		t.Errorf("afterwards: %+v, %v", done, err)
	}
}

// What the list of sessions does not show, the rewrite itself notices.
func TestScrubJudgesByTheRewrite(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, keeper := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "postgres")
	super.Must(`
		CREATE
			OR REPLACE FUNCTION desk.keepers(since xid8) RETURNS TABLE (who text, ending text) LANGUAGE sql AS 'SELECT NULL, NULL WHERE FALSE'`)
	keeper.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lms.authority")
	eraseSome(super)
	_, err := forgetting.Scrub(t.Context(), hasty(t, db.DSN("job")), client.Why{}, "", noStep)
	if err == nil || !strings.Contains(err.Error(), "still visible to another session") {
		t.Errorf("%v", err)
	}
	if got := super.Must("SELECT count(*) FROM patronctl.rewrite"); got != "0" {
		t.Errorf("%s relations taken for clean", got)
	}
}

// What another server once rewrote says nothing about this one's files: a dump restored here starts its numbers anew.
func TestScrubTrustsThisServerOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, job := pgtest.Connect(t, db, "postgres"), db.Client(t, "job")
	eraseSome(super)
	super.Must("INSERT INTO patronctl.rewrite SELECT relation, '999999999999', 1, now() FROM lms.rewritable()")
	if done, err := forgetting.Scrub(t.Context(), job, client.Why{}, "", noStep); err != nil || done.Scrubbed != 6 ||
		len(done.Rewritten) != 13 {
		t.Errorf("%+v, %v", done, err)
	}
	if got := super.Must("SELECT max(up_to) FROM patronctl.rewrite WHERE server <> 1"); len(got) > 9 {
		t.Errorf("up to %s", got)
	}
}

// Whoever reads with a snapshot from before would find the moved history gone: it is left alone until then.
func TestScrubLeavesHistoryToALongReport(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, report, job := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "postgres"), hasty(t, db.DSN("job"))
	for item := range 2 {
		super.Must(`
			INSERT INTO lms.anonymous_loan
			SELECT 1, %d, authority, branch, lent_at, due_at, lent_at, 0
			FROM lms.loan
			WHERE id < 9`, item+1)
	}
	report.Must("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lms.authority; SELECT pg_sleep(5)")
	_, err := forgetting.Scrub(t.Context(), job, client.Why{}, "", noStep)
	if err == nil || !strings.Contains(err.Error(), report.Must("SELECT pg_backend_pid()")+" of postgres") {
		t.Errorf("%v", err)
	}
	if got := report.Must("SELECT count(*) FROM lms.anonymous_loan; COMMIT"); got != super.Must("SELECT count(*) FROM lms.anonymous_loan") {
		t.Errorf("the report saw %s loans", got)
	}
	if done, err := forgetting.Scrub(t.Context(), job, client.Why{}, "", noStep); err != nil || len(done.Rewritten) != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// What an interrupted scrub has rewritten is not rewritten again, and nothing is marked before all is.
func TestScrubGoesOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	eraseSome(super)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := forgetting.Scrub(ctx, db.Client(t, "job"), client.Why{}, "", func(done, _ int) {
		if done == 4 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := super.Must("SELECT count(scrubbed_at) FROM patronctl.erasure"); got != "0" {
		t.Errorf("%s erasures marked", got)
	}
	done, err := forgetting.Scrub(t.Context(), db.Client(t, "job"), client.Why{}, "", noStep)
	if err != nil || done.Scrubbed != 6 || len(done.Rewritten) != 9 { // of 13
		t.Errorf("%+v, %v", done, err)
	}
}

// A reader in the way is no refusal: it may be tried again.
func TestScrubIsBusyWhileSomebodyReads(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, reader := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "postgres")
	eraseSome(super)
	reader.Must("BEGIN; LOCK TABLE lms.card IN ACCESS SHARE MODE")
	_, err := forgetting.Scrub(t.Context(), hasty(t, db.DSN("job")), client.Why{}, "", noStep)
	var known *client.Error
	if !errors.As(err, &known) || known.Kind != client.KindBusy || !strings.Contains(known.Message, "lms.card") {
		t.Errorf("%v", err)
	}
	reader.Must("COMMIT")
	if done, err := forgetting.Scrub(t.Context(), db.Client(t, "job"), client.Why{}, "", noStep); err != nil || done.Scrubbed != 6 {
		t.Errorf("%+v, %v", done, err)
	}
}

// The calls of the scrub decide for themselves who may do what.
func TestScrubRights(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer := pgtest.Connect(t, db, "officer.cam")
	for what, call := range map[string]string{
		"all":                         "desk.plan_scrub(%s, NULL)",
		"another's plan":              "desk.plan_scrub(%s, 'KEN')",
		"another's partition":         "desk.scrub_relation(%s, 'lms.address_of_ken')",
		"another's end":               "desk.finish_scrub(%s, 'KEN')",
		"a canary":                    "desk.plant_canary(%s)",
		"somebody who is no canary":   "desk.erase_canary(%s, '{36}')",
		"the same number, once again": "desk.finish_scrub(%[1]s, 'CAM'), desk.finish_scrub(%[1]s, 'CAM')",
	} {
		_, err := officer.Run("SELECT "+call, officer.Open("erasure scrub", "{}"))
		pgtest.Refused(t, what, err)
	}
	job := pgtest.Connect(t, db, "job")
	_, err := job.Run("SELECT desk.erase_canary(%s, '{36}')", job.Open("erasure scrub", "{}"))
	pgtest.Refused(t, "somebody who is no canary, by the job", err)
}

// Who may read moved history may still read it when it was exchanged for a fresh copy.
func TestScrubbingKeepsGrants(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	for _, kind := range []string{"loan", "hold", "fee"} {
		super.Must("GRANT SELECT ON lms.anonymous_%[1]s TO \"officer.cam\", auditor; GRANT REFERENCES ON lms.anonymous_%[1]s TO PUBLIC", kind)
		before := super.Must(`
			SELECT array(SELECT a FROM unnest(relacl) AS a ORDER BY a::text)
			FROM pg_class
			WHERE oid = 'lms.anonymous_%s'::regclass`, kind)
		super.Must("SET ROLE patronctl_owner; SELECT lms.rewrite_anonymous_%s(); RESET ROLE", kind)
		if after := super.Must(`
			SELECT array(SELECT a FROM unnest(relacl) AS a ORDER BY a::text)
			FROM pg_class
			WHERE oid = 'lms.anonymous_%s'::regclass`, kind); after != before {
			t.Errorf("%s: %s, before %s", kind, after, before)
		}
	}
}

// A view of the library's on moved history stops its scrub, with the reason.
func TestScrubbingNamesAViewInTheWay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, job := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "job")
	super.Must("CREATE VIEW public.lending AS SELECT * FROM lms.anonymous_loan")
	_, err := job.Run("SELECT desk.scrub_relation(%s, 'lms.anonymous_loan')", job.Open("erasure scrub", "{}"))
	if pgtest.Code(err) != "LB409" || !strings.Contains(err.Error(), "a view depends on lms.anonymous_loan") {
		t.Error(err)
	}
}
