package delivery

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
