package sample

import (
	"testing"
	"time"
)

// TestReferences follows every reference and looks for ids given twice.
func TestReferences(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	target := map[string]map[string]row{
		"authority": by(t, data["authority"], "code"),
		"branch":    by(t, data["branch"], "code"),
		"category":  by(t, data["category"], "code"),
		"card":      by(t, data["card"], "number"),
	}
	for _, name := range []string{"item", "patron", "block", "loan", "hold", "fee", "payment"} {
		target[name] = by(t, data[name], "id")
	}
	by(t, data["item"], "barcode")
	by(t, data["identity"], "patron")
	by(t, data["credential"], "patron")
	by(t, data["special"], "patron")
	by(t, data["address"], "patron", "kind", "place")
	by(t, data["membership"], "patron", "authority")
	by(t, data["consent"], "patron", "purpose")

	optional := map[string]bool{
		"hold.item": true, "hold.branch": true, "fee.loan": true, "payment.branch": true, "patron.guardian_patron": true,
	}
	for _, name := range relations {
		for _, r := range data[name] {
			for column, value := range r {
				to := column
				if column == "guardian_patron" {
					to = "patron"
				}
				if target[to] == nil || value == "" && optional[name+"."+column] {
					continue
				}
				if target[to][value] == nil {
					t.Errorf("%s.%s = %q leads nowhere", name, column, value)
				}
			}
		}
	}

	for _, name := range []string{"identity", "address", "special", "credential"} {
		for _, r := range data[name] {
			if home := target["patron"][r["patron"]]["authority"]; r["authority"] != home {
				t.Errorf("%s of patron %s is kept at %s, not at home", name, r["patron"], r["authority"])
			}
		}
	}
	awkward := map[string]string{}
	for _, person := range Awkward {
		awkward[cardOwner(t, data, person.Card)] = person.Card
	}
	memberOf := by(t, data["membership"], "patron", "authority")
	for _, loan := range data["loan"] {
		if loan["authority"] != target["branch"][loan["branch"]]["authority"] {
			t.Errorf("loan %s: branch %s is not of %s", loan["id"], loan["branch"], loan["authority"])
		}
		ordinary := awkward[loan["patron"]] == ""
		if item := target["item"][loan["item"]]; ordinary && item["branch"] != loan["branch"] {
			t.Errorf("loan %s: item of %s lent at %s", loan["id"], item["branch"], loan["branch"])
		}
		if memberOf[loan["patron"]+"/"+loan["authority"]] == nil && awkward[loan["patron"]] != CardHostileItems {
			t.Errorf("loan %s: patron %s is no member of %s", loan["id"], loan["patron"], loan["authority"])
		}
	}
	for _, fee := range data["fee"] {
		if loan := target["loan"][fee["loan"]]; loan != nil && (loan["patron"] != fee["patron"] || loan["authority"] != fee["authority"]) {
			t.Errorf("fee %s does not fit its loan", fee["id"])
		}
	}
	for _, payment := range data["payment"] {
		if target["fee"][payment["fee"]]["patron"] != payment["patron"] {
			t.Errorf("payment %s is for another patron's fee", payment["id"])
		}
	}
}

func TestMoney(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	credit := cardOwner(t, data, CardCredit)
	paid := map[string]int{}
	for _, payment := range data["payment"] {
		amount := cents(t, payment["amount"])
		if amount <= 0 {
			t.Errorf("payment %s of %s", payment["id"], payment["amount"])
		}
		paid[payment["fee"]] += amount
	}
	full, part, unpaid := 0, 0, 0
	for _, fee := range data["fee"] {
		amount, settled := cents(t, fee["amount"]), paid[fee["id"]]
		switch {
		case amount < 0:
			t.Errorf("fee %s of %s", fee["id"], fee["amount"])
		case amount < settled && fee["patron"] != credit:
			t.Errorf("fee %s is overpaid", fee["id"])
		case amount > 0 && settled == 0:
			unpaid++
		case settled < amount:
			part++
		case amount > 0:
			full++
		}
	}
	between(t, "unpaid fees", unpaid, 150, 500)
	between(t, "partly paid fees", part, 60, 400)
	between(t, "paid fees", full, 1_000, 4_000)
}

// TestDates checks that nothing happens before it can, or on the day itself or later.
func TestDates(t *testing.T) {
	data := readAll(t, write(t, Demo(testDay)))
	patrons, fees := by(t, data["patron"], "id"), by(t, data["fee"], "id")
	ordered := func(what string, r row, dates ...string) {
		t.Helper()
		last := ""
		for _, date := range dates {
			if date == "" {
				continue
			}
			if !isDate(date) {
				t.Errorf("%s %s: %q is no date", what, r["id"], date)
				return
			}
			if date[:10] < last {
				t.Errorf("%s %s: %s comes before %s", what, r["id"], date, last)
			}
			last = date[:10]
		}
	}
	const yesterday = "2026-01-30"
	out := map[string]bool{}
	for _, r := range data["loan"] {
		p := patrons[r["patron"]]
		ordered("loan", r, p["registered_on"], r["lent_at"], r["due_at"])
		ordered("loan", r, r["lent_at"], r["returned_at"], yesterday)
		ordered("loan", r, "2022-01-01", r["lent_at"], p["last_activity_on"])
		if p["status"] == "deleted" {
			ordered("loan", r, r["returned_at"], p["deleted_on"])
		}
		if r["returned_at"] == "" {
			if p["status"] != "active" {
				t.Errorf("loan %s is out to a deleted account", r["id"])
			}
			if out[r["item"]] {
				t.Errorf("item %s is out twice", r["item"])
			}
			out[r["item"]] = true
		}
	}
	for _, r := range data["hold"] {
		ordered("hold", r, patrons[r["patron"]]["registered_on"], r["placed_at"], r["closed_at"], yesterday)
		if (r["closed_at"] == "") != (r["outcome"] == "") {
			t.Errorf("hold %s: closed at %q with outcome %q", r["id"], r["closed_at"], r["outcome"])
		}
	}
	for _, r := range data["fee"] {
		ordered("fee", r, r["raised_on"], yesterday)
	}
	for _, r := range data["payment"] {
		ordered("payment", r, fees[r["fee"]]["raised_on"], r["paid_on"], patrons[r["patron"]]["last_activity_on"])
	}
	for _, r := range data["consent"] {
		ordered("consent", r, r["given_at"], r["withdrawn_at"], yesterday)
	}
	for _, r := range data["block"] {
		ordered("block", r, r["placed_on"], r["lifted_on"], yesterday)
	}
	for _, r := range data["identity"] {
		p := patrons[r["patron"]]
		ordered("patron", p, r["birth_date"], p["registered_on"], p["expires_on"])
		ordered("patron", p, p["registered_on"], p["last_fee_on"], yesterday)
		ordered("patron", p, p["registered_on"], p["last_activity_on"], p["deleted_on"], yesterday)
		ordered("patron", p, p["last_fee_on"], p["deleted_on"])
		if born := r["birth_date"]; born != "" && born[:4] != p["birth_year"] || born == "" && p["birth_year"] != "" {
			t.Errorf("patron %s: born %q in the year %q", p["id"], born, p["birth_year"])
		}
	}
}

func isDate(s string) bool {
	_, day := time.Parse(time.DateOnly, s)
	_, instant := time.Parse(time.RFC3339, s)
	return day == nil || instant == nil
}
