package people

import (
	"context"

	"patronctl/client"
)

// Choices are what a patron chose.
type Choices struct {
	Patron       int64  `json:"patron"`
	Authority    string `json:"authority"` // home
	KeepsHistory bool   `json:"keeps_history"`
	Language     string `json:"language"`
	Access       int64  `json:"access"`
}

// SetChoices changes what a patron chose; nil leaves a choice as it is, and an empty language is none.
func SetChoices(ctx context.Context, c *client.Client, why client.Why, ref string, keepsHistory *bool, language *string) (*Choices, error) {
	var set Choices
	err := c.Write(ctx, "patron set", why, client.Criteria{"ref": ref}, &set, `SELECT desk.set_choices($1, $2, $3)`, keepsHistory, language)
	return &set, err
}

// Special are the special categories that a patron told (GDPR article 9).
type Special struct {
	Faith        string `json:"faith"`
	Sexuality    string `json:"sexuality"`
	Disability   string `json:"disability"`
	EthnicOrigin string `json:"ethnic_origin"`
	Access       int64  `json:"access"`
}

// SpecialChange has a value for each field to write, empty to clear it; nil leaves a field as it is.
type SpecialChange struct {
	Faith, Sexuality, Disability, EthnicOrigin *string
}

// SpecialSet says how many fields were written, and nothing about what is there.
type SpecialSet struct {
	Patron int64 `json:"patron"`
	Fields int   `json:"fields"`
	Access int64 `json:"access"`
}

// SetSpecial writes special categories. Whoever may write them need not be allowed to read them.
func SetSpecial(ctx context.Context, c *client.Client, why client.Why, ref string, change SpecialChange) (*SpecialSet, error) {
	var set SpecialSet
	err := c.Write(ctx, "patron set special", why, client.Criteria{"ref": ref}, &set, `SELECT desk.set_special($1, $2, $3, $4, $5)`,
		change.Faith, change.Sexuality, change.Disability, change.EthnicOrigin)
	return &set, err
}

// showSpecial reads the special categories of a patron, with an access of its own.
func showSpecial(ctx context.Context, c *client.Client, why client.Why, ref string) (patron int64, special *Special, err error) {
	var answer struct {
		Patron int64
		Special
	}
	err = c.Read(ctx, "patron show special", why, client.Criteria{"ref": ref}, &answer, `SELECT desk.show_special($1)`)
	return answer.Patron, &answer.Special, err
}
