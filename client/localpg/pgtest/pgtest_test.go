package pgtest

import (
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestEmpty(t *testing.T) {
	db := Empty(t)
	conn := db.Connect(t, "library")
	if _, err := conn.Exec(t.Context(), "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE SCHEMA mine"); err != nil {
		t.Error("the owner cannot build in an empty database:", err)
	}
	var super, createRole bool
	if err := conn.QueryRow(t.Context(), "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").Scan(&super,
		&createRole); err != nil {
		t.Fatal(err)
	}
	if super || !createRole {
		t.Errorf("owner: superuser %v, createrole %v", super, createRole)
	}
}

func TestNewIsACopyOfItsOwn(t *testing.T) {
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			db := New(t)
			t.Log("copied in", time.Since(began))
			super := db.Super(t)
			var patrons int
			if err := super.QueryRow(t.Context(), "SELECT count(*) FROM lms.patron").Scan(&patrons); err != nil {
				t.Fatal(err)
			}
			if patrons != 2000 {
				t.Errorf("%d patrons, want 2000: the databases are not copies of their own", patrons)
			}
			var day string
			if err := super.QueryRow(t.Context(), "SELECT patronctl.today('PBK')::text").Scan(&day); err != nil {
				t.Fatal(err)
			}
			if day != Day {
				t.Errorf("today is %s, want %s", day, Day)
			}
			if _, err := super.Exec(t.Context(), `
				DELETE FROM lms.payment; DELETE FROM lms.credential;
				DELETE FROM lms.patron WHERE id = -1`); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestStaffCanWork(t *testing.T) {
	db := New(t)
	for _, login := range []string{"clerk.cam", "supervisor.ken", "officer.pbk", "support", "job", "auditor", "admin"} {
		if _, err := db.Client(t, login).Names(t.Context(), "authority"); err != nil {
			t.Errorf("%s: %v", login, err)
		}
	}
}
