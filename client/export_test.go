package client

import "testing"

// ImportColumns are the columns of each import file, in order, for tests outside this package.
func ImportColumns() (files []string, columns map[string][]string) {
	columns = map[string][]string{}
	for _, r := range relations() {
		files = append(files, r.name)
		for _, c := range r.columns {
			columns[r.name] = append(columns[r.name], c.name)
		}
	}
	return files, columns
}

// SliceLeaves lets the sealer look at old records in slices of 2^level leaves, a multiple of 4, until the test ends.
func SliceLeaves(t *testing.T, level int) {
	was := sliceLevel
	sliceLevel = level
	t.Cleanup(func() { sliceLevel = was })
}
