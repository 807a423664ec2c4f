package cases_test

import (
	"testing"

	"patronctl/client/localpg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
