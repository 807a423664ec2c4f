package export

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"patronctl/client/exchange"
	"patronctl/commands/kit"
	"patronctl/output"
)

// The index of a run over many people lies in the directory with their files: a line that says what kind of run it is, then
// a line for each person. What the list named is kept as a keyed hash, not as a card number: the files may be encrypted.
const (
	indexName   = "index.jsonl"
	indexSchema = "patronctl-export-run/1"
)

type runHead struct {
	Schema    string          `json:"schema"`
	Scope     exchange.Scope  `json:"scope"`
	Format    exchange.Format `json:"format"`
	Encrypted bool            `json:"encrypted"`
	Key       string          `json:"key"`
}

type indexLine struct {
	Entry string `json:"entry"`
	written
}

type index struct {
	file     *os.File
	head     runHead
	entries  map[string]written
	patrons  map[int64]written
	unending bool // the last line was cut off
}

// openIndex begins a run in a directory, or goes on with one of the same kind. Two at a time would write over each other.
func openIndex(path string, head runHead) (*index, error) {
	x := &index{head: head, entries: map[string]written{}, patrons: map[int64]written{}}
	var err error
	if x.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if !output.TryLock(x.file) {
		err = &kit.Error{
			Code: kit.ExitBusy, Message: "another export is writing into " + filepath.Dir(path),
			Hint: "run the same command again when it has ended, or choose another directory",
		}
	} else if err = x.read(path); errors.Is(err, errNotBegun) {
		key := make([]byte, 16)
		_, _ = rand.Read(key) // never fails
		x.head.Key = hex.EncodeToString(key)
		err = x.append(x.head)
	}
	if err != nil {
		_ = x.file.Close()
		return nil, err
	}
	return x, nil
}

// errNotBegun is of an index that is empty, or was cut off before its first line was written.
var errNotBegun = errors.New("no run was begun")

func (x *index) read(path string) error {
	lines := bufio.NewScanner(x.file)
	var found runHead
	if !lines.Scan() {
		return errNotBegun
	}
	if json.Unmarshal(lines.Bytes(), &found) != nil {
		return kit.Usage("%s is no index of an export: choose another directory", path)
	}
	wanted := x.head
	wanted.Key = found.Key
	if found != wanted {
		return kit.Usage("%s belongs to an export with scope %s and format %s, encrypted: %t: choose another directory, or the same flags",
			path, found.Scope, found.Format, found.Encrypted)
	}
	x.head = found
	for lines.Scan() {
		var line indexLine
		if x.unending = json.Unmarshal(lines.Bytes(), &line) != nil; x.unending {
			continue
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.Base(line.File))); err == nil {
			x.entries[line.Entry], x.patrons[line.Patron] = line.written, line.written
		}
	}
	return lines.Err()
}

func (x *index) has(ref string) bool {
	_, ok := x.entries[x.entry(ref)]
	return ok
}

func (x *index) patron(id int64) (written, bool) {
	line, ok := x.patrons[id]
	return line, ok
}

// entry stands for what the list named.
func (x *index) entry(ref string) string {
	mac := hmac.New(sha256.New, []byte(x.head.Key))
	_, _ = mac.Write([]byte(ref)) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func (x *index) add(ref string, line written) error {
	entry := x.entry(ref)
	x.entries[entry], x.patrons[line.Patron] = line, line
	return x.append(indexLine{entry, line})
}

func (x *index) append(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if x.unending {
		text = append([]byte{'\n'}, text...)
		x.unending = false
	}
	if _, err := x.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return x.file.Sync()
}
