package inpod

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// variables are the texts that are hidden, each with the name of its variable: the values
// that replaced $(NAME) in a submission, as a log or a message shows them. They may be
// secret: only this pod, Storm and main know them.
type variables map[string]string

// shortestHidden is the shortest value that is hidden. To hide a shorter one would damage
// messages, and it protects nothing as a secret.
const shortestHidden = 6

// longestArgument is the longest argument that Linux passes to a program, with some room
// (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
const longestArgument = 127 << 10

// expand replaces each $(NAME) in a submission's arguments and settings by the variable of
// this container, and gives the settings their types.
func expand(sub storm.Submission) (storm.Submission, variables, *problem.Problem) {
	written, err := json.Marshal(sub)
	if err != nil {
		return sub, nil, problem.New(v1beta1.SubmissionFailed, "The submission cannot be written as JSON: %v. See the pod's log.", err)
	}
	hidden := variables{}
	value := func(name string) (string, bool) {
		if name == storm.TopologyName {
			return cmp.Or(sub.MainName, sub.Name), true
		}
		value, set := os.LookupEnv(name)
		hidden.add(name, value, string(written))
		return value, set
	}
	args, problems := storm.ExpandArgs(sub.Args, value)
	settings, more := storm.ExpandSettings(sub.Settings, value)
	problems = append(problems, more...)
	for i, arg := range args {
		if len(arg) > longestArgument {
			problems = append(problems, fmt.Sprintf("spec.topology.args[%d] is longer than 127 KiB with its variables, the limit of Linux for one argument. Mount the value as a file (spec.template.volumes) and let main read it.", i))
		}
	}
	if len(problems) > 0 {
		return sub, hidden, problem.New(v1beta1.InvalidSpec, "%s", strings.Join(problems, " "))
	}
	sub.Args, sub.Settings = args, settings
	return sub, hidden, nil
}

// add adds the texts of a value: the whole, without the newline at its end (a Secret that
// was created from a file has one), as text.Clean leaves it, and each of its lines, because
// a log has one line at a time. What is public anyway is not hidden.
func (v variables) add(name, value, public string) {
	texts := []string{value, strings.TrimSpace(value), text.Clean(value)}
	for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		texts = append(texts, strings.TrimSpace(line), text.Clean(line))
	}
	for _, shown := range texts {
		if len(shown) < shortestHidden || strings.Contains(public, shown) {
			continue
		}
		if other, known := v[shown]; !known || name < other {
			v[shown] = name
		}
	}
}

// hide replaces the values in a text by the names of their variables, the longest first:
// one value may contain another one. Hide before you cut or clean: only the answers of
// Nimbus arrive here cut.
func (v variables) hide(text string) string {
	longest := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	for _, value := range longest {
		text = strings.ReplaceAll(text, value, "$("+v[value]+")")
	}
	pieces := strings.Split(text, "…")
	for i, piece := range pieces[:len(pieces)-1] {
		pieces[i] = v.hideBeginning(piece, longest)
	}
	return strings.Join(pieces, "…")
}

// hideBeginning replaces the beginning of a value at the end of a text that was cut there.
func (v variables) hideBeginning(cut string, longest []string) string {
	end := strings.TrimRight(cut, " \ufffd") // half a character
	for _, value := range longest {
		for n := min(len(value), len(end)); n >= shortestHidden; n-- {
			if strings.HasSuffix(end, value[:n]) {
				return end[:len(end)-n] + "$(" + v[value] + ")" + cut[len(end):]
			}
		}
	}
	return cut
}

// hideIn hides the values in a problem, whose tail is the output of main or an answer of
// Storm.
func (v variables) hideIn(p *problem.Problem) *problem.Problem {
	if p != nil {
		p.Message, p.Tail = v.hide(p.Message), v.hide(p.Tail)
	}
	return p
}
