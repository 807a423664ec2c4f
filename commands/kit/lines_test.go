package kit

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func collect(t *testing.T, env *Env, args ...string) []string {
	t.Helper()
	var refs []string
	several, err := env.Refs(People{Words: args})
	if err != nil {
		t.Fatal(err)
	}
	for ref, err := range several {
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	return refs
}

func TestRefs(t *testing.T) {
	for name, c := range map[string]struct {
		stdin string
		args  []string
		want  []string
	}{
		"one":         {"", []string{"id:7"}, []string{"id:7"}},
		"words":       {"", []string{"jan", "novák"}, []string{"jan novák"}},
		"a dash word": {"x", []string{"-", "novák"}, []string{"- novák"}},
		"lines":       {"\uFEFF 1001\t\r\n\n  \r\n1002", []string{"-"}, []string{"1001", "1002"}},
		"damaged":     {"a\xff\xfeb\nc\x00d\n", []string{"-"}, []string{"a\uFFFDb", "c\uFFFDd"}},
		"empty stdin": {"", []string{"-"}, nil},
	} {
		got := collect(t, &Env{In: strings.NewReader(c.stdin)}, c.args...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRefsAnswerEachLineAsItArrives(t *testing.T) {
	scanner, desk := io.Pipe()
	seen := make(chan string)
	go func() {
		defer close(seen)
		for ref, err := range Lines(scanner) {
			if err != nil {
				t.Error(err)
			}
			seen <- ref
		}
	}()
	for _, card := range []string{"1001", "1002"} {
		if _, err := io.WriteString(desk, card+"\n"); err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != card { // before anything else is written
			t.Fatalf("got %q, want %q", got, card)
		}
	}
	if err := desk.Close(); err != nil {
		t.Fatal(err)
	}
	if _, more := <-seen; more {
		t.Error("more references than lines")
	}
}

func TestLinesReportsWhatEndsThem(t *testing.T) {
	var usage *Error
	long := "1001\n" + strings.Repeat("x", maxLine+1)
	if err := lastError(long); !errors.As(err, &usage) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a long line: %v", err)
	}
	broken := errors.New("the reader broke")
	for _, err := range Lines(io.MultiReader(strings.NewReader("1001\n"), failing{broken})) {
		if err != nil && !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

func lastError(input string) (last error) {
	for _, err := range Lines(strings.NewReader(input)) {
		last = err
	}
	return last
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
