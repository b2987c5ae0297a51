package figures

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"
)

const preamble = `# What it costs

Written by ` + "`make bench`" + ` and ` + "`make bench-cluster`" + `, never by hand: ` + "`FIGURE=name`" + ` measures one figure and puts it in the place of the one before. Each section says when and where it was measured. The contenders of a table took turns, round by round; figures are medians of the rounds, and a ratio is the median of the rounds' ratios.
`

// Write puts tables into a file of results, each in the place of the one that
// had its name.
func Write(file string, order []string, tables []Table, now time.Time) error {
	sections, err := read(file)
	if err != nil {
		return err
	}
	where := machine()
	for i := range tables {
		t := tables[i]
		t.About = strings.TrimSpace(fmt.Sprintf("%s\n\n%s, %s.", t.About, now.UTC().Format("2 January 2006"), where))
		sections[t.Name] = t.Markdown()
	}
	var b strings.Builder
	b.WriteString(preamble)
	for _, name := range order {
		if section, there := sections[name]; there {
			fmt.Fprintf(&b, "\n%s\n%s", marker(name), section)
		}
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

func marker(name string) string { return "<!-- figure: " + name + " -->" }

// read takes a file of results apart.
func read(file string) (map[string]string, error) {
	sections := map[string]string{}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return sections, nil
	}
	if err != nil {
		return nil, err
	}
	parts := strings.Split(string(text), "\n<!-- figure: ")
	for _, part := range parts[1:] {
		name, section, _ := strings.Cut(part, " -->\n")
		sections[name] = section
	}
	return sections, nil
}

// machine is what it was measured on, without its name.
func machine() string {
	model := "an unknown processor"
	if file, err := os.Open("/proc/cpuinfo"); err == nil {
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if key, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores of %s, %s, load at the end %s", runtime.NumCPU(), model, runtime.Version(), Load())
}

// Load is the machine's load of the last minute.
func Load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}
