package forgetting

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A needle is found in both spellings, wherever it lies across the blocks that a file is read in, and once.
func TestNeedleAcrossBlocks(t *testing.T) {
	t.Parallel()
	const text = "0123456789ABCDEFFEDCBA9876543210"
	path, buffer := filepath.Join(t.TempDir(), "file"), make([]byte, 64)
	for offset := range 200 {
		for _, spelling := range []string{text, strings.ToLower(text)} {
			content := append(bytes.Repeat([]byte{'.'}, offset), spelling...)
			for _, tail := range []int{0, 1, 40, 300} {
				if err := os.WriteFile(path, append(content, bytes.Repeat([]byte{'x'}, tail)...), 0o600); err != nil {
					t.Fatal(err)
				}
				if hits, err := newNeedle(text).count(path, buffer); err != nil || hits != 2 { // either half
					t.Fatalf("at %d before %d: %d hits, %v", offset, tail, hits, err)
				}
			}
		}
	}
	// The head of a page in the middle of the text leaves the other half whole.
	for cut := range len(text) {
		if err := os.WriteFile(path, []byte(text[:cut]+"---------"+text[cut:]), 0o600); err != nil {
			t.Fatal(err)
		}
		if hits, err := newNeedle(text).count(path, buffer); err != nil || hits == 0 {
			t.Errorf("cut at %d: %d hits, %v", cut, hits, err)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Repeat(text[:15]+" "+text[17:], 9)), 0o600); err != nil {
		t.Fatal(err)
	}
	if hits, err := newNeedle(text).count(path, buffer); err != nil || hits != 0 {
		t.Errorf("another text: %d hits, %v", hits, err)
	}
}

// Links are followed, as tablespaces are kept behind them.
func TestWalkFollowsLinks(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	for _, name := range []string{filepath.Join(dir, "near"), filepath.Join(elsewhere, "far")} {
		if err := os.WriteFile(name, []byte("abc"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	err := dataDirectory(dir).walk(t.Context(), func(path string, size int64) error {
		found[path] = size
		return nil
	})
	if err != nil || len(found) != 2 || found["near"] != 3 || found[filepath.Join("linked", "far")] != 3 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestFilesOfRelations(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]string{
		"16384": "16384", "16384.1": "16384", "16384_fsm": "16384", "16384_vm": "16384", "16384_init": "16384", "16384_vm.2": "16384",
		"t3_16384": "16384", "t3_16384_fsm": "16384",
		"PG_VERSION": "", "pg_filenode.map": "", "pg_internal.init": "", "pgsql_tmp123.0": "", "16384_other": "",
	} {
		got := ""
		if match := relationFile.FindStringSubmatch(name); match != nil {
			got = match[1]
		}
		if got != number {
			t.Errorf("%s: %q, want %q", name, got, number)
		}
	}
	for folder, want := range map[string]place{
		"global": {"1664", "0", ""}, "base/5": {"0", "5", ""}, "pg_tblspc/16390/PG_15_202209061/5": {"16390", "5", ""}, "base": {}, "pg_wal": {},
		"base/5/deeper": {},
	} {
		if got, ok := placeOf(folder); got != want || ok != (want != place{}) {
			t.Errorf("%s: %v, %v", folder, got, ok)
		}
	}
}
