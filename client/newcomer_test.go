package client_test

import (
	"patronctl/client"
)

// newcomer is somebody with a name only, and a birth date when it is given.
func newcomer(surname, born string) *client.Newcomer {
	n := &client.Newcomer{Person: client.NewPerson{Surname: &surname}, Addresses: []client.NewAddress{}}
	if born != "" {
		n.Person.BirthDate = &born
	}
	return n
}
