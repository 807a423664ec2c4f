package audit

import "testing"

// SliceLeaves lets the sealer look at old records in slices of 2^level leaves, a multiple of 4, until the test ends.
func SliceLeaves(t *testing.T, level int) {
	was := sliceLevel
	sliceLevel = level
	t.Cleanup(func() { sliceLevel = was })
}
