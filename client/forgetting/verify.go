package forgetting

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
)

// Finding is something in the server's files that scrubbing should have removed, or a reason why it may have stayed.
type Finding struct {
	File string `json:"file"` // below the data directory; empty for a reason
	Hits int    `json:"hits"` // how often part of the canary occurs
	What string `json:"what"`
}

// Verified is the outcome of looking for erased people in the server's files. Clean means that there are no findings.
type Verified struct {
	Clean    bool      `json:"clean"`
	Planted  int       `json:"planted"` // made-up people, one at each authority
	Files    int       `json:"files"`   // searched
	Bytes    int64     `json:"bytes"`
	Findings []Finding `json:"findings"`
	Scrub    *Scrubbed `json:"scrub"`
}

// planting is the answer of desk.plant_canary.
type planting struct {
	Canary  string
	Patrons []int64
	Files   []struct{ Relation, Path string }
}

// Verify erases made-up people, scrubs, and looks for them in every file below dir, the data directory of this very server.
// It fails rather than search in vain: when dir is another server's, or the canary cannot be seen in it before it is erased.
func Verify(ctx context.Context, c *client.Client, why client.Why, dir string, step func(what string)) (*Verified, error) {
	data := dataDirectory(dir)
	if err := requireData(ctx, c, data); err != nil {
		return nil, err
	}
	step("planting canaries and erasing them")
	canary, planted, err := eraseCanaries(ctx, c, why, data)
	if err != nil {
		return nil, err
	}
	step("scrubbing")
	scrub, err := Scrub(ctx, c, why, "", func(int, int) {})
	if err != nil {
		return nil, err
	}
	v := &Verified{Planted: planted, Findings: []Finding{}, Scrub: scrub}
	for _, u := range scrub.Unclean {
		v.Findings = append(v.Findings, Finding{What: u.What + ": " + u.Why})
	}
	if scrub.Waiting > 0 && len(scrub.Unclean) == 0 {
		v.Findings = append(v.Findings, Finding{What: fmt.Sprintf("%d erasures are not scrubbed yet: scrub again", scrub.Waiting)})
	}
	step("searching every file below " + dir)
	if err := search(ctx, data, newNeedle(canary), v); err != nil {
		return nil, fileError(err)
	}
	orphans, err := orphans(ctx, c, data)
	if err != nil {
		return nil, fileError(err)
	}
	v.Findings = append(v.Findings, orphans...)
	v.Clean = len(v.Findings) == 0
	return v, nil
}

// requireData refuses a directory that the connected server does not run on.
func requireData(ctx context.Context, c *client.Client, data dataDirectory) error {
	on, err := data.startedAt()
	if err != nil {
		return fileError(err)
	}
	var started time.Time
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT pg_postmaster_start_time()`).Scan(&started)
	})
	if difference := on.Sub(started).Abs(); err == nil && difference > 2*time.Second {
		return &client.Error{
			Kind:    client.KindRefused,
			Message: string(data) + " belongs to another server than the one connected to",
			Hint:    "give the directory that SHOW data_directory names, on the server's own machine",
		}
	}
	return err
}

// eraseCanaries plants, looks whether the canary can be seen in the files, and erases, in one transaction: nobody ever sees
// these people.
func eraseCanaries(ctx context.Context, c *client.Client, why client.Why, data dataDirectory) (canary string, planted int, err error) {
	access, err := c.Open(ctx, scrubOperation, why, nil)
	if err != nil {
		return "", 0, err
	}
	err = c.Maintain(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var p planting
		if err := client.Ask(ctx, tx, &p, `SELECT desk.plant_canary($1)`, access); err != nil {
			return err
		}
		if len(p.Patrons) == 0 {
			return &client.Error{
				Kind:    client.KindRefused,
				Message: "there is no authority with a branch to plant a canary at",
				Hint:    "import the library's data first",
			}
		}
		canary, planted = p.Canary, len(p.Patrons)
		buffer := make([]byte, searchBlock)
		for _, f := range p.Files {
			hits, err := newNeedle(canary).countSegments(data.path(f.Path), buffer)
			if err != nil {
				return fileError(err)
			}
			if hits == 0 {
				return &client.Error{
					Kind:    client.KindRefused,
					Message: fmt.Sprintf("the canary was not seen in %s of %s before it was erased, so a search would prove nothing", f.Path, f.Relation),
					Hint:    "are the server's files compressed, encrypted or elsewhere?",
				}
			}
		}
		return client.Ask(ctx, tx, new(struct{}), `SELECT desk.erase_canary($1, $2)`, access, p.Patrons)
	})
	return canary, planted, err
}

// search counts the canary in every file.
func search(ctx context.Context, data dataDirectory, n needle, v *Verified) error {
	buffer := make([]byte, searchBlock)
	return data.walk(ctx, func(path string, size int64) error {
		hits, err := n.count(data.path(path), buffer)
		if err != nil {
			return err
		}
		v.Files++
		v.Bytes += size
		if hits > 0 {
			v.Findings = append(v.Findings, Finding{File: path, Hits: hits, What: "holds what was erased"})
		}
		return nil
	})
}

// relationFile is a file of a relation: its number, after a temporary one's session, before fork and segment.
var relationFile = regexp.MustCompile(`^(?:t\d+_)?(\d+)(?:_(?:fsm|vm|init))?(?:\.\d+)?$`)

// orphanTries are how often an unknown file is looked at again: a transaction may just be making it.
const (
	orphanTries = 5
	orphanPause = 500 * time.Millisecond
)

// orphans are files of no relation, such as a crash leaves behind, and directories of no database.
func orphans(ctx context.Context, c *client.Client, data dataDirectory) (found []Finding, err error) {
	for try := 1; ; try++ {
		if found, err = unknownFiles(ctx, c, data); err != nil || len(found) == 0 || try == orphanTries {
			return found, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(orphanPause):
		}
	}
}

func unknownFiles(ctx context.Context, c *client.Client, data dataDirectory) (found []Finding, err error) {
	nodes := map[place][]string{}
	err = data.walk(ctx, func(path string, size int64) error {
		match := relationFile.FindStringSubmatch(filepath.Base(path))
		if where, ok := placeOf(filepath.Dir(path)); ok && match != nil && size > 0 { // an empty one is about to be removed
			where.node = match[1]
			nodes[where] = append(nodes[where], path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		for where, files := range nodes {
			var known bool
			err := tx.QueryRow(ctx, `
				SELECT CASE
					WHEN $1::oid = 0 THEN pg_filenode_relation(1664, $3::oid) IS NOT NULL
					WHEN $1::oid = d.oid THEN pg_filenode_relation($2::oid, $3::oid) IS NOT NULL
					ELSE EXISTS (SELECT FROM pg_database AS o WHERE o.oid = $1::oid)
				END
				FROM pg_database AS d
				WHERE d.datname = current_database()`, where.database, where.space, where.node).Scan(&known)
			if err != nil {
				return err
			}
			if !known {
				for _, file := range files {
					found = append(found, Finding{File: file, What: "belongs to no relation: left behind by a crash"})
				}
			}
		}
		return nil
	})
	return found, err
}

// place is where a relation's file is: tablespace (0 is the default), database (0 is the whole server), number.
type place struct{ space, database, node string }

func placeOf(folder string) (place, bool) {
	parts := strings.Split(filepath.ToSlash(folder), "/")
	switch {
	case folder == "global":
		return place{"1664", "0", ""}, true
	case len(parts) == 2 && parts[0] == "base":
		return place{"0", parts[1], ""}, true
	case len(parts) == 4 && parts[0] == "pg_tblspc":
		return place{parts[1], parts[3], ""}, true
	}
	return place{}, false
}

// fileError is about a file of the server that could not be read; its path tells nothing about people.
func fileError(err error) error {
	var own *client.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	return &client.Error{
		Kind:    client.KindRefused,
		Message: "the server's files could not be searched: " + err.Error(),
		Hint:    "run this on the server's machine as the account that runs PostgreSQL",
		Cause:   err,
	}
}
