package problem

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// notOfChildren are the reasons that no problem of a child has.
var notOfChildren = []string{
	v1beta1.Active, v1beta1.NotSubmitted, v1beta1.Starting, v1beta1.Extracting, v1beta1.Extracted, v1beta1.NotNeeded,
	v1beta1.Submitting, v1beta1.NoErrors, v1beta1.ErrorsReported, v1beta1.ErrorsUnknown, v1beta1.ClusterNotFound, v1beta1.ClusterDeleting,
	v1beta1.Paused, v1beta1.NotEnoughSlots, v1beta1.Missing, v1beta1.Deactivated, v1beta1.RolledBack, v1beta1.ProgressDeadlineExceeded,
	v1beta1.Suspended, v1beta1.Adopted, v1beta1.Rebalancing, v1beta1.Switching, v1beta1.Deleting,
}

// Every reason has a verdict, or is in notOfChildren.
func TestEachReasonHasItsVerdict(t *testing.T) {
	known := slices.Clone(notOfChildren)
	sentence := regexp.MustCompile(`^[A-Z][^.]+\.$`)
	for _, v := range slices.Concat(reported, observed) {
		if slices.Contains(known, v.reason) {
			t.Errorf("%s is judged twice", v.reason)
		}
		if known = append(known, v.reason); !sentence.MatchString(v.why) {
			t.Errorf("%s: %q is not one sentence", v.reason, v.why)
		}
		if Counts(v.reason) != (v.prospect != passes) || Certain(v.reason) != (v.prospect == certain) {
			t.Errorf("%s: Counts or Certain is not its verdict's", v.reason)
		}
	}
	reasons := reasonsOf(t, "../../api/v1beta1/reasons.go")
	slices.Sort(known)
	slices.Sort(reasons)
	for _, reason := range reasons {
		if !slices.Contains(known, reason) {
			t.Errorf("%s has no verdict: add it to reported, observed or notOfChildren", reason)
		}
	}
	for _, reason := range known {
		if !slices.Contains(reasons, reason) {
			t.Errorf("%s is not a reason of the API", reason)
		}
	}
	if Reported("ImageNotFound") || !Reported("MainFailed") || Counts("NoSuchReason") {
		t.Error("a reason is reported by the helper where it should not be, or is not")
	}
}

// reasonsOf are the constants of a file that equal their own names.
func reasonsOf(t *testing.T, path string) (reasons []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Value == strconv.Quote(spec.Names[0].Name) {
				reasons = append(reasons, spec.Names[0].Name)
			}
		}
		return true
	})
	return reasons
}

func TestText(t *testing.T) {
	for reason, test := range map[string]struct {
		problem Problem
		want    string
	}{
		"no tail": {Problem{Message: "main failed. Fix it."}, "main failed. Fix it."},
		"the tail, without a stack's frames": {Problem{Message: "main failed.", Tail: "one\n\tat a.B(C.java)\ntwo"},
			"main failed. Last output: one | two"},
		"the answer of Storm": {Problem{Reason: v1beta1.SubmissionRejected, Message: "Storm rejected it.", Tail: "no spout"},
			"Storm rejected it. Storm answered: no spout"},
		"a tail that the message has already": {Problem{Message: "main failed: a.B: no. Fix it.", Tail: "a.B: no"},
			"main failed: a.B: no. Fix it."},
		"one line, for a table": {Problem{Message: "main\nfailed.\x00"}, "main failed."},
	} {
		if got := test.problem.Text(); got != test.want {
			t.Errorf("%s: %q, want %q", reason, got, test.want)
		}
	}
	long := Problem{Message: strings.Repeat("m ", 300), Tail: strings.Repeat("a line\n", 300)}
	if got := long.Text(); len(got) > textLimit || !strings.HasSuffix(got, "| a line") || !strings.HasPrefix(got, "m m") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
