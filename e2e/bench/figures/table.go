package figures

import (
	"fmt"
	"strings"
	"time"
)

// Table is one figure, ready to be read.
type Table struct {
	// Name is what FIGURE= selects.
	Name, Title string
	// About says how it was measured, and what its words mean.
	About string
	Head  []string
	Rows  [][]string
	// After says why a goal was missed, and what else a reader should know.
	After string
}

// Row adds a line.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = text(cell)
	}
	t.Rows = append(t.Rows, row)
}

// Goal is a goal and whether it was reached, in a cell.
func Goal(goal string, reached bool) string {
	if reached {
		return goal + ": pass"
	}
	return goal + ": **miss**"
}

// Markdown is the table as a section of a document.
func (t *Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", t.Title)
	if t.About != "" {
		fmt.Fprintf(&b, "%s\n\n", t.About)
	}
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Head)
	b.WriteString(strings.Repeat("|---", len(t.Head)) + "|\n")
	for _, row := range t.Rows {
		line(row)
	}
	if t.After != "" {
		fmt.Fprintf(&b, "\n%s\n", t.After)
	}
	return b.String()
}

func text(cell any) string {
	switch v := cell.(type) {
	case time.Duration:
		return Short(v)
	case float64:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprint(cell)
}

// Short is a duration with three digits or so.
func Short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.0f µs", float64(d)/1e3)
}

// Size is a number of bytes for people.
func Size(bytes int64) string {
	switch {
	case bytes >= 10_000_000:
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	case bytes >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	case bytes >= 1000:
		return fmt.Sprintf("%.1f KB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%d B", bytes)
}
