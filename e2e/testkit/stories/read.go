package stories

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// A Story is one file.
type Story struct {
	// Name is the file's, without its end.
	Name  string
	Steps []Step

	worlds map[string]map[string]any
	bodies map[string]any
}

// A Step is one hook call of a story.
type Step struct {
	// Name has the step's number before it: 01-apply.
	Name string
	// Why the step is told.
	Why string
	// At is the time since the story's beginning.
	At time.Duration
	// Finalize calls finalize in place of sync.
	Finalize bool
	// Printed is what stands below ----.
	Printed string

	text   string // all above ----, as it stands in the file
	whole  bool
	like   string
	builds []build
	patch  map[string]any
}

// build is a part of the world, and the words of its builder.
type build struct{ part, words string }

// Folder is pkg/topology/testdata, as a test finds it from its own folder.
func Folder(toTopology string) ([]Story, error) {
	files, err := filepath.Glob(toTopology + "/testdata/*.txt")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no stories in %s/testdata (%w)", toTopology, err)
	}
	shared := Story{}
	if err := readYAML(toTopology+"/testdata/worlds.yaml", &shared.worlds); err != nil {
		return nil, err
	}
	if shared.bodies, err = readBodies(toTopology + "/../internal/children/testdata"); err != nil {
		return nil, err
	}
	var all []Story
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		story := shared
		story.Name = strings.TrimSuffix(filepath.Base(file), ".txt")
		if story.Steps, err = read(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, story)
	}
	return all, nil
}

func readBodies(folder string) (map[string]any, error) {
	files, err := filepath.Glob(folder + "/*.yaml")
	if err != nil {
		return nil, err
	}
	bodies := map[string]any{}
	for _, file := range files {
		var body any
		if err := readYAML(file, &body); err != nil {
			return nil, err
		}
		bodies[strings.TrimSuffix(filepath.Base(file), ".yaml")] = body
	}
	return bodies, nil
}

func readYAML(file string, into any) error {
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.UnmarshalStrict(text, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// Text is the story as a file, with what the steps print.
func Text(steps []Step) string {
	var file strings.Builder
	for i, step := range steps {
		if i > 0 {
			file.WriteString("\n")
		}
		file.WriteString(step.text + "\n----\n" + step.Printed)
	}
	return file.String()
}

// read takes a file apart. A step begins with its comment, after an empty line.
func read(text string) (steps []Step, err error) {
	for _, part := range strings.Split(strings.TrimSpace(text), "\n\n# ") {
		if len(steps) > 0 {
			part = "# " + part
		}
		step, err := readStep(part)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", len(steps)+1, err)
		}
		step.Name = fmt.Sprintf("%02d-%s", len(steps)+1, step.Name)
		steps = append(steps, step)
	}
	return steps, nil
}

var buildLine = regexp.MustCompile(`^[A-Za-z]+=`)

func readStep(text string) (step Step, err error) {
	before, printed, _ := strings.Cut(text+"\n", "\n----\n")
	step.text, step.Printed = strings.TrimSuffix(before, "\n"), printed
	var patch string
	for i, line := range strings.Split(step.text, "\n") {
		comment, is := strings.CutPrefix(line, "# ")
		switch {
		case is:
			step.Why = strings.TrimSpace(step.Why + "\n" + comment)
		case i == 0:
			return step, errors.New("it does not say why it is told: begin with a line # WHY")
		case step.Name == "":
			err = step.command(words(line))
		case buildLine.MatchString(line):
			err = step.take(words(line))
		default:
			patch += line + "\n"
		}
		if err != nil {
			return step, err
		}
	}
	if step.Name == "" {
		return step, errors.New("it has no command")
	}
	return step, yaml.UnmarshalStrict([]byte(patch), &step.patch)
}

// command reads the line of sync or finalize.
func (s *Step) command(words []string) error {
	if len(words) < 3 || words[0] != "sync" && words[0] != "finalize" {
		return fmt.Errorf("the command is %q, want sync or finalize, a name and at=", words)
	}
	s.Finalize, s.Name = words[0] == "finalize", words[1]
	return s.take(words[2:])
}

func (s *Step) take(words []string) (err error) {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "at":
			s.At, err = time.ParseDuration(value)
		case "like":
			s.like = value
		case "whole":
			s.whole = true
		default:
			s.builds = append(s.builds, build{key, value})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// words cuts a line at its spaces, but not within parentheses.
func words(line string) (all []string) {
	depth, from := 0, 0
	for i, c := range line + " " {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ' ' && depth == 0:
			if i > from {
				all = append(all, line[from:i])
			}
			from = i + 1
		}
	}
	return all
}
