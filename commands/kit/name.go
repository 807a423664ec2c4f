package kit

// Name is a person's name as a desk reads it: "Surname, Forenames".
func Name(surname, forenames string) string {
	if surname == "" || forenames == "" {
		return surname + forenames
	}
	return surname + ", " + forenames
}
