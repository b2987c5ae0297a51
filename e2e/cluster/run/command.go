package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Command is a program that is run to its end.
type Command struct {
	Dir   string
	Env   []string // nil: the harness's own
	Input string
	Argv  []string
}

// Output runs the command and returns what it printed.
func (c Command) Output(ctx context.Context) (string, error) {
	var out bytes.Buffer
	err := c.Stream(ctx, &out)
	return out.String(), err
}

// Stream runs the command and sends what it prints to out. The error holds the
// end of what the command complained about.
func (c Command) Stream(ctx context.Context, out io.Writer) error {
	cmd := exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(c.Input), out, &errs
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(errs.String())
		if buffer, ok := out.(*bytes.Buffer); ok && said == "" {
			said = strings.TrimSpace(buffer.String())
		}
		return fmt.Errorf("%s: %w: %s", c.name(), err, tail(said, 4000))
	}
	return nil
}

// Run is Output for commands whose output is not needed when they succeed.
func (c Command) Run(ctx context.Context) error {
	_, err := c.Output(ctx)
	return err
}

// name is as much of the command as a person needs to know which it was.
func (c Command) name() string {
	words := c.Argv
	if len(words) > 6 {
		words = append(append([]string{}, words[:6]...), "…")
	}
	return strings.Join(words, " ")
}

func tail(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return "…" + text[len(text)-most:]
}
