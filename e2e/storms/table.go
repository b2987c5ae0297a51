package storms

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// page has the tables. A row begins with its key, which no other row has.
const page = "../../docs/compatibility.md"

// row is a line of a table: what was run, the Java of it, and what each step came to.
type row struct {
	key, java string
	cells     []string
}

func (r row) line() string {
	return fmt.Sprintf("| %s | %s | %s |", r.key, r.java, strings.Join(r.cells, " | "))
}

// in finds the line of the page that has the row's key.
func (r row) in(lines []string) int {
	return slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "| "+r.key+" | ") })
}

// check compares the rows with the page, or writes them to it. The Java may be another one
// than on the machine where the row was written.
func check(rows []row) (faults []string, err error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	for _, r := range rows {
		at := r.in(lines)
		switch {
		case at < 0:
			faults = append(faults, fmt.Sprintf("docs/compatibility.md has no row that begins with | %s |. Add one", r.key))
		case os.Getenv("UPDATE") != "":
			lines[at] = r.line()
		case !strings.HasSuffix(lines[at], "| "+strings.Join(r.cells, " | ")+" |"):
			faults = append(faults, fmt.Sprintf("docs/compatibility.md differs from this run: it says\n%s\nand the run\n%s", lines[at], r.line()))
		}
	}
	if os.Getenv("UPDATE") == "" {
		return faults, nil
	}
	return faults, os.WriteFile(page, []byte(strings.Join(lines, "\n")), 0o644)
}
