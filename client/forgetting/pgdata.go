package forgetting

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// dataDirectory is the directory of a PostgreSQL server's files.
type dataDirectory string

// startedAt says when the server that runs on these files started, to the second.
func (d dataDirectory) startedAt() (time.Time, error) {
	text, err := os.ReadFile(d.path("postmaster.pid"))
	if err != nil {
		return time.Time{}, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 3 {
		return time.Time{}, errors.New("postmaster.pid is not complete")
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(lines[2]), 10, 64)
	return time.Unix(seconds, 0), err
}

func (d dataDirectory) path(name string) string { return filepath.Join(string(d), name) }

// walk visits every file by its path below the directory, also in tablespaces and in a log of changes kept elsewhere. A file
// that is removed meanwhile is passed over.
func (d dataDirectory) walk(ctx context.Context, visit func(path string, size int64) error) error {
	return d.walkBelow(ctx, ".", visit)
}

func (d dataDirectory) walkBelow(ctx context.Context, folder string, visit func(path string, size int64) error) error {
	entries, err := os.ReadDir(d.path(folder))
	if err != nil {
		return gone(err)
	}
	for _, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(d.path(path)) // follows links: pg_tblspc holds nothing else
		switch {
		case err != nil:
			err = gone(err)
		case info.IsDir():
			err = d.walkBelow(ctx, path, visit)
		case info.Mode().IsRegular():
			err = gone(visit(path, info.Size()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// searchBlock is how much of a file is looked at at a time, in bytes.
const searchBlock = 1 << 20

// gone forgives that a file is no longer there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// needle is what a search looks for: parts of one length.
type needle [][]byte

// newNeedle looks for a text in capitals and small letters, and for either half of it: in the log of changes the head of a
// page may stand in the middle of a text, but not in the middle of both halves.
func newNeedle(text string) needle {
	var n needle
	for _, spelling := range []string{strings.ToUpper(text), strings.ToLower(text)} {
		half := len(spelling) / 2
		n = append(n, []byte(spelling[:half]), []byte(spelling[half:2*half]))
	}
	return n
}

// count says how often a needle's parts occur in a file. It works in the buffer's space, however large the file is.
func (n needle) count(path string, buffer []byte) (hits int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close() //nolint:errcheck // only read
	kept := 0          // the end of the last block, too short to hold a part by itself
	for {
		read, err := io.ReadFull(file, buffer[kept:])
		block := buffer[:kept+read]
		for _, part := range n {
			hits += bytes.Count(block, part)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return hits, nil
		case err != nil:
			return hits, err
		}
		kept = copy(buffer, block[len(block)-(len(n[0])-1):])
	}
}

// countSegments is count for a relation's file, which goes on in path.1, path.2 and so on after each gigabyte.
func (n needle) countSegments(path string, buffer []byte) (hits int, err error) {
	segments, err := filepath.Glob(path + ".*")
	if err != nil {
		return 0, err
	}
	for _, segment := range append(segments, path) {
		found, err := n.count(segment, buffer)
		if err != nil {
			return hits, err
		}
		hits += found
	}
	return hits, nil
}
