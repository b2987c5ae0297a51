package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A mutant is the product with one guard taken out. The simulation must find
// every one of them: a guard that can go unnoticed is none.
type mutant struct {
	guard     string
	file      string // from the module's root
	old, new  string
	violation string // what the simulation must say; one of several has a | between them
}

var mutants = []mutant{
	{"Must 1: what runs already is not submitted again", "pkg/storm/handover.go",
		"case there.ConfKnown && there.Fingerprint.SameRevision(want.Fingerprint):", "case false && there.ConfKnown:", "Must 1"},
	{"Must 1: a pod of an older generation steps back", "pkg/storm/handover.go",
		"case newer(there, want):", "case false && newer(there, want):", "Must 1"},
	{"Must 1: a lost submission is not made again blindly", "pkg/storm/handover_seen.go",
		"func (s Seen) awaits() bool { return s.Now < s.sentUntil }", "func (s Seen) awaits() bool { return false }", "Must 1"},
	{"Must 1: what a Nimbus denies that may not lead is gone only if the list says so", "pkg/topology/storm.go",
		"case before.StormStatus != \"\": // it ran", "case false: // it ran", "Must 1"},
	{"Must 1: what is missing is gone only if a fresh list says so", "pkg/topology/rule_missing.go",
		"waited >= secondLook && seen.Storm.View.Proves()", "waited >= secondLook", "Must 1"},
	{"Must 1: a rebalance waits for a submission under way", "pkg/topology/rule_rebalance.go",
		"if seen.Aim.Submit.underWay() || unseen {", "if false {", "Must 1"},
	{"Must 2: nothing is killed before its successor is uploaded and probed", "pkg/storm/handover.go",
		"return prerequisite(seen, want, Step{Do: DoKill, ID: there.ID})", "return Step{Do: DoKill, ID: there.ID}", "Must 2"},
	{"Must 2: nothing is killed before Nimbus was asked about its successor", "pkg/storm/handover.go",
		"case step.Do == DoKill && !seen.Probed:", "case false:", "Must 2"},
	{"Must 2: nothing is submitted before its dependencies are in Storm", "pkg/storm/handover.go",
		"case want.Dependencies && !seen.depended():", "case false:", "Must 2"},
	{"Must 2: each submission has dependencies of its own", "pkg/storm/dependencies.go",
		"return s.sentWith == Taken || s.sentWith == Lost || s.sentWith == Failed", "return false", "Must 2"},
	{"Must 2: the dependencies of a submission whose answer was lost are not deleted", "pkg/storm/dependencies.go",
		"case Taken, Lost:\n\t\treturn false", "case Taken:\n\t\treturn false", "Must 2"},
	{"Must 2: what Nimbus fails at after the kill is submitted twice at most", "pkg/storm/handover.go",
		"case seen.Killed != \"\" && seen.submitFailures >= submissionsAfterKill:", "case false:", "Must 2"},
	{"Must 2: what a failed submission has killed comes back at once", "pkg/topology/aim.go",
		"case !at.spent() && !at.killed() ||", "case !at.spent() ||", "Must 2"},
	{"Must 2: a number of workers does not try again what was rolled back", "pkg/topology/aim.go",
		"case before.Unscaled == \"\" ||", "case true || before.Unscaled == \"\" ||", "Must "},
	{"Must 2: spec.suspend does not try again what was rolled back", "pkg/internal/revision/revision.go",
		"without.Spec.Topology.Workers, without.Spec.Suspend = nil, false", "without.Spec.Topology.Workers = nil", "Must "},
	{"Must 2: a kill wait does not try again what was rolled back", "pkg/internal/revision/revision.go",
		"spec.KillWaitSeconds, spec.DeletionPolicy, spec.Retry = nil, \"\", nil", "spec.DeletionPolicy, spec.Retry = \"\", nil", "Must "},
	{"Must 2: a revision that is rebalanced before it has come up is still judged", "pkg/topology/progress.go",
		"case hasComeUp(seen, record):", "case record.Revision != seen.Storm.Revision, hasComeUp(seen, record):", "Must 2"},
	{"Must 2: workers that are older than the activation prove nothing yet", "pkg/topology/progress.go",
		"if warm := age > since; t.Detailed && warm &&", "if warm := age > since; false && t.Detailed && warm &&", "Must 2"},
	{"Must 2: the hook kills for a deletion only", "pkg/topology/acting.go",
		"storm.Call{Verb: storm.Deactivate, Name", "storm.Call{Verb: storm.Kill, Name", "Must 2"},
	{"Must 1: of two topologies the new one is submitted INACTIVE", "pkg/topology/two_names.go",
		"if seen.Parent.Spec.Suspend || seen.twoNames() {", "if seen.Parent.Spec.Suspend {", "Must 1"},
	{"Must 1: none is activated after a deactivation that Storm rejected", "pkg/topology/sync.go",
		"if outcome.Problem != \"\" {\n\t\t\tbreak", "if false {\n\t\t\tbreak", "Must 1"},
	{"Must 1: what a person activates beside what runs is deactivated", "pkg/topology/rule_two_active.go",
		"if running == nil || beside == nil ||", "if true || running == nil || beside == nil ||", "Must 1"},
	{"Must 2: of two topologies the active one counts, and not one that rebalances", "pkg/topology/two_names.go",
		"case a.Status != b.Status &&", "case false &&", "Must "},
	{"Must 2: what runs is deactivated once the workers of its successor are up", "pkg/topology/rule_switch_over.go",
		"case !upBeside(seen):\n\t\treturn waitBeside(seen, d)", "case false:\n\t\treturn waitBeside(seen, d)", "Must 2"},
	{"Must 2: the previous revision stays beside until the new one has come up", "pkg/topology/rule_previous.go",
		"case wayBack && pending(seen.Progress):", "case wayBack && false:", "Must 2"},
	{"Must 2: what was deactivated for a successor is activated again where that must not take over", "pkg/topology/rule_invalid_spec.go",
		"if call, differs := seen.leftInactive(); differs {", "if call, differs := seen.leftInactive(); false && differs {", "Must 2"},
	{"Must 2: a pod that submits beside what runs kills nothing", "pkg/storm/handover.go",
		"case want.NeverKills: // Must 2", "case false: // Must 2", "Must "},
	{"Must 2: slots for one only do not end a deadline", "pkg/topology/two_names.go",
		"seen.Parent.Paused() || seen.Parent.Spec.Suspend || assignsFewer(b):", "seen.Parent.Paused() || seen.Parent.Spec.Suspend || false && assignsFewer(b):", "Must "},
	{"Must 3: the pod does not touch other owners' topologies", "pkg/storm/handover.go",
		"case !replaceable(there, want):", "case false && !replaceable(there, want):", "Must 3"},
	{"Must 3: the hook does not touch other owners' topologies", "pkg/topology/storm.go",
		"case t.ConfKnown && t.Fingerprint.SameOwner(seen.Target.Fingerprint):", "case true:", "Must 3"},
	{"Must 3: the pod replaces none but the very id that is adopted", "pkg/storm/handover.go",
		"want.Adopt == there.ID && ", "", "Must 3"},
	{"Must 3: the pod leaves the name of a killed topology to its owner", "pkg/storm/handover.go",
		"case !there.Alive() && promised(there, want):", "case false && promised(there, want):", "Must 3"},
	{"Must 3: the hook leaves a free name to the owner of the topology that had it", "pkg/topology/rule_name_conflict.go",
		"if seen.NameConflict != nil && seen.NameConflict.FreeSince != nil &&", "if false &&", "Must 3"},
	{"Must 4: the hook leaves another Storm alone", "pkg/topology/storm.go",
		"view.Identity != \"\" && view.Identity != known:", "view.Identity != \"\" && view.Identity != known && t == nil:", "Must "}, // 4 or 8: it acts there, or believes that nothing is left
	{"Must 4: the pod leaves another Storm alone", "pkg/storm/handover.go",
		`want.Identity != "" && id != want.Identity {`, `false && id != want.Identity {`, "Must 4"},
	{"Must 4: another Storm's list does not end a deletion", "pkg/topology/deletion_storm.go",
		"case answer.Heard == AnotherStorm: // Must 4", "case false: // Must 4", "Must 8|Must 4"},
	{"Must 2: a rolled back revision is not tried again", "pkg/topology/aim.go",
		"before := knownFailure(seen)", "var before *v1beta1.Rollback", "Must 2"},
	{"Must 2: what crashes until its deadline is replaced by the last good revision", "pkg/topology/rule_running.go",
		"if !seen.Target.Runs || seen.Aim.Because != nil {", "if !seen.Target.Runs {", "Must 2"},
	{"Must 2: workers that crash have not come up", "pkg/topology/progress.go",
		"return !t.Detailed || age >= least", "return true", "Must 2"},
	{"Must 2: the last good revision is kept over a second update", "pkg/topology/history.go",
		"case pending(before.Progress): // the same", "case pending(before.Progress) && before.Progress.StormID == seen.Progress.StormID: // the same", "Must 2"},
	{"Must 2: a deadline stands while Storm assigns too few workers", "pkg/topology/progress.go",
		"seen.Storm.Topology.Status != storm.Active || assignsFewer(seen)", "seen.Storm.Topology.Status != storm.Active", "Must 2"},
	{"Must 2: a deadline stands while a topology is not active", "pkg/topology/progress.go",
		"stands := seen.Parent.Paused() || seen.Parent.Spec.Suspend || seen.Storm.Topology.Status != storm.Active || ", "stands := seen.Parent.Paused() || ", "Must 2"},
	{"Must 2: no deadline is over before workers can have told their age", "pkg/topology/progress.go",
		"record.Since != nil && !seen.Deleting && since >= canBeOld(seen) &&", "record.Since != nil && !seen.Deleting &&", "Must 2"},
	{"Must 2: a clock ahead does not end a deadline", "pkg/topology/progress.go",
		"return min(age(record.Since, seen.Now), time.Duration(max(seen.Storm.Topology.Uptime, 0))*time.Second)", "return age(record.Since, seen.Now)", "Must 2"},
	{"Must 2: what has progressed is not judged again", "pkg/topology/progress.go",
		"case record.ProgressedAt != nil:\n\t\treturn record", "case record.ProgressedAt != nil && workersUp(seen):\n\t\treturn record\n\tcase record.ProgressedAt != nil:\n\t\treturn &v1beta1.Progress{StormID: t.ID, Revision: record.Revision, Since: record.ProgressedAt}", "Must 2"},
	{"Must 2: what stays in Storm after a deletion is activated", "pkg/topology/deletion_orphan.go",
		"t == nil || processes(seen.Storm.Topology)", "true || processes(seen.Storm.Topology)", "Must 2"},
	{"Must 5: the next pod is told of the JAR that the one before it left", "pkg/topology/build.go",
		"plan.Submission.Upload = uploadFor(*attempts)", "_ = uploadFor", "Must 5"},
	{"Must 5: a pod begins with the JAR that the one before it left", "pkg/storm/upload.go",
		"return Seen{Upload: left}", "return Seen{}", "Must 5"},
	{"Must 5: a main that failed while a service was away is tried later", "pkg/topology/retry.go",
		"return r.later == 0 ||", "return true ||", "Must 5"},
	{"Must 5: a Storm that is away is asked again", "pkg/topology/rule_storm_unreachable.go",
		"return d.again(whileSilent), true", "return d, true", "Must 5"},
	{"Must 5: nothing is submitted of what is suspended and does not run", "pkg/topology/rule_held.go",
		"if !seen.Parent.Spec.Suspend && !clusterDeleting ||", "if !clusterDeleting ||", "Must 5"},
	{"Must 5: nothing is submitted to a StormCluster that goes", "pkg/topology/rule_held.go",
		"if !seen.Parent.Spec.Suspend && !clusterDeleting ||", "if !seen.Parent.Spec.Suspend ||", "Must 5"},
	{"Must 5: what an update has killed comes back, suspended or not", "pkg/topology/rule_held.go",
		"if !clusterDeleting && (seen.Change", "if false && (seen.Change", "Must 5"},
	{"Must 5: a rebalance is for components that exist, with no more executors than tasks", "pkg/topology/rule_rebalance.go",
		"if problems := scaleProblems(seen); len(problems) > 0 {", "if problems := scaleProblems(seen); false {", "Must 5"},
	{"Must 5: a rebalance has the executors of components", "pkg/topology/rule_rebalance.go",
		"Executors: storm.ExecutorsFor(seen.Aim.Scales, workersOf(seen.Aim, t)), ", "", "Must 5"},
	{"Must 6: a dying namespace says what it waits for", "pkg/topology/rule_deleting.go",
		"return d.waiting(v1beta1.Deleting, \"Nothing is left to clean up. K", "return d, true; return d.waiting(v1beta1.Deleting, \"K", "Must 6"},
	{"Must 7: another helper image does not start an attempt over", "pkg/topology/attempt.go",
		"if at.problem.Helper && at.helper() != want.helper {", "if at.helper() != want.helper {", "Must 7"},
	{"Must 7: turning restartOn on restarts nothing", "pkg/topology/inputs.go",
		"if len(inputs.Restart) > 0 {", "if len(on) > 0 {", "Must 7"},
	{"Must 5: a change of an input is one restart", "pkg/topology/inputs.go",
		"case t != nil && seen.Storm.Heard == Own && t.Fingerprint.Inputs != \"\":", "case false:", "Must 5"},
	{"Must 8 (a): no live submitting pod", "pkg/topology/deletion_submission.go",
		"underWay := submit.Live || submit.exists() && !ended", "underWay := submit.exists() && !ended", "Must 8"},
	{"Must 8: a pod that was killed before it reported is waited for", "pkg/topology/deletion_submission.go",
		"case unreported > 0:", "case false:", "Must 8"},
	{"Must 8: a pod that was killed is waited for, also where its node's clock is behind", "pkg/topology/deletion_submission.go",
		"now.Sub(ended) < mostSkew+late", "now.Sub(ended) < late", "Must 8"},
	{"Must 8: a topology of unknown owner is waited for", "pkg/topology/deletion_storm.go",
		"case maybeOurs(seen), seen.twoNames() && maybeOurs(seen.beside()): // Must 8", "case false: // Must 8", "Must 8"},
	{"Must 8: a namespace that goes is a deletion", "pkg/topology/observe.go",
		"seen.Finalizing || seen.NamespaceDeleting ||", "seen.Finalizing ||", "Must 8"},
	{"Must 8 (b): twice ten quiet seconds", "pkg/topology/deletion_submission.go",
		"if waited >= 2*quietPeriod {", "if waited >= 0 {", "Must 8"},
	{"Must 8 (b): an ended Job, or twice ten quiet seconds", "pkg/topology/rule_deleting.go",
		"d.Finalized = seen.Finalizing && over && gone", "d.Finalized = seen.Finalizing && gone\n\t_ = over", "Must 8"},
	{"Must 8 (c): the list, asked in this call", "pkg/topology/rule_deleting.go",
		"d.Finalized = seen.Finalizing && over && gone", "d.Finalized = seen.Finalizing && over\n\t_ = gone", "Must 8"},
	{"Must 8: killed at deletion", "pkg/topology/deletion_storm.go",
		"if t.Alive() {\n\t\t\tcalls = append(calls, storm.Call{Verb: storm.Kill", "if false && t.Alive() {\n\t\t\tcalls = append(calls, storm.Call{Verb: storm.Kill", "Must 5"},
	{"Must 5: a wait that a clock ahead has written ends", "pkg/topology/observe.go",
		"parent := remembering(objects.Parent, now)", "parent := objects.Parent", "Must "},
	{"Must 8: a deletion deletes what pods that were killed have left", "pkg/topology/rule_deleting.go",
		"d.Calls = forgets(seen)", "_ = forgets", "Must 8"},
	{"Must 8: a helper that was killed has reported nothing", "pkg/internal/termination/pod.go",
		"if end == nil || end.ExitCode > reportedCode {", "if end == nil {", "Must "},
	{"Must 2: a rolled back revision stays known until the status tells of it", "pkg/topology/build.go",
		"case want.Submit != Left || seen.mustRemember():", "case want.Submit != Left:", "Must 2"},
	{"Must 9: workers of a topology that is too large to be described count", "pkg/storm/view.go",
		"return t.Detailed || t.TooLarge || t.Undescribed", "return t.Detailed || t.Undescribed", "Must 5"},
	{"Must 9: the status says that a topology is too large to be described", "pkg/topology/workers.go",
		"case t.TooLarge:", "case false:", "Must 9"},
	{"Must 5: fewer workers by hand are enough", "pkg/topology/workers.go",
		"case enough && t.WorkersUp == t.Workers:", "case false:", "Must 5"},
	{"Must 1: a submission that is listed late is waited for", "pkg/storm/handover_seen.go",
		"s.sentUntil = now + shownFor", "_ = shownFor", "Must 1"},
	{"Must 2: a submission that is never listed counts as a failure", "pkg/storm/handover_seen.go",
		"answer == Failed || mayShow || s.answerLost, s.Leader, 0", "answer == Failed || s.answerLost && !mayShow, s.Leader, 0", "Must 2"},
	{"Must 1: one that denies a name does not end the wait for a submission", "pkg/storm/handover_seen.go",
		"s.fresh = view.Answered() && (view.Listed || view.Topology != nil)", "s.fresh = view.Answered()", "Must "},
	{"Must 1: a no to a name is a proof only of the Nimbus that led at the list", "pkg/storm/handover_seen.go",
		"return s.Free != (Leader{}) && s.Free.Same(leader)", "return s.Free != (Leader{})", "Must 1"},
	{"Must 5: a full disk is left with two parts of a JAR", "pkg/storm/handover.go",
		"case seen.jarFailures >= uploadsRefused:", "case false:", "Must 5"},
	{"Must 5: a leader that fails behind the JAR gets it twice", "pkg/storm/handover_seen.go",
		"s.jarDoubted = !s.Upload.Repeated", "s.jarDoubted = true", "Must 5"},
	{"Must 5: a JAR that Nimbus may have lost is sent again", "pkg/storm/handover.go",
		"case !seen.uploaded() || seen.jarDoubted:", "case !seen.uploaded():", "Must 5"},
	{"Must 8: the finalizer waits for a list that was read in this call", "pkg/topology/deletion_storm.go",
		"case own == nil && removes && !seen.Storm.View.Proves():", "case false:", "Must 8"},
}

// mutantsTable is what the last whole run of make mutants found.
const mutantsTable = "mutants.md"

// TestMutants takes minutes: make mutants. The checks are the simulation's normal
// run. A whole run writes the table.
func TestMutants(t *testing.T) {
	checks := os.Getenv("MUTANTS")
	if checks == "" {
		t.Skip("set MUTANTS to the number of schedules for each mutant: make mutants")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	began, rows := time.Now(), []string{}
	product, known := buildMutated(t, root), knownRows(t)
	for i, m := range mutants {
		t.Run(m.guard, func(t *testing.T) {
			began := time.Now()
			out, by := product.notices(i, m, checks, known[m.row()])
			switch {
			case by == "":
				t.Errorf("%s schedules did not notice that it is gone", checks)
			case !slices.ContainsFunc(strings.Split(m.violation, "|"), func(must string) bool { return strings.Contains(out, must) }):
				t.Errorf("it failed without %q:\n%s", m.violation, tail(out))
			default:
				rows = append(rows, fmt.Sprintf("| %s | %s |", m.row(), by))
				fmt.Printf("%s %s\n", rows[len(rows)-1], time.Since(began).Round(time.Second))
			}
		})
	}
	if len(rows) < len(mutants) { // some were not found, or not selected
		return
	}
	text := fmt.Sprintf("Written by `make mutants`. Each guard of a must was taken out of the product, and the simulation run until it saw a must broken: "+
		"the directed worlds first, then the schedule of the last table, then %s schedules at most. A schedule that saw it is run again by `make sim SCHEDULES=1 SEED=…` over a product without that guard.\n\n"+
		"| guard | must | noticed by |\n|---|---|---|\n%s\n", checks, strings.Join(rows, "\n"))
	if err := os.WriteFile(mutantsTable, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d guards in %s: e2e/sim/%s\n", len(rows), time.Since(began).Round(time.Second), mutantsTable)
}

// TestMutantsTable: the table that is shown has every guard, in its order.
func TestMutantsTable(t *testing.T) {
	text, err := os.ReadFile(mutantsTable)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range mutants {
		m.source(t, "../..")
		want = append(want, m.row())
	}
	var shown []string
	for _, row := range rowPattern.FindAllStringSubmatch(string(text), -1) {
		shown = append(shown, row[1])
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("%s is not of this product: make mutants (-mutants +shown)\n%s", mutantsTable, diff)
	}
}

// rowPattern is a row of the table: the guard and its must, and what noticed.
var rowPattern = regexp.MustCompile(`(?m)^\| (.+ \| Must \d[^|]*) \| (seed \d+|world: [^|]+) \|$`)

// row is the beginning of a mutant's row.
func (m mutant) row() string {
	must, guard, _ := strings.Cut(m.guard, ": ")
	return guard + " | " + must
}

// knownRows are what noticed each guard in the last table.
func knownRows(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(mutantsTable)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, row := range rowPattern.FindAllStringSubmatch(string(text), -1) {
		known[row[1]] = row[2]
	}
	return known
}

// notices runs the simulation without a guard until it sees a must broken, and says what
// saw it: a directed world, the seed of the last table, or the first of so many.
func (b mutated) notices(guard int, m mutant, checks, known string) (out, by string) {
	if out, failed := b.run(guard, directedWorlds); failed && strings.Contains(out, m.violation) {
		by := found(out, `\w+_test.go:\d+: (.+?) \(dice \d+\): `)
		if by == "?" {
			by = found(out, `--- FAIL: (\w+)`)
		}
		return out, "world: " + by
	}
	if seed, is := strings.CutPrefix(known, "seed "); is {
		if out, failed := b.run(guard, onlyMusts, "-schedules=1", "-seed="+seed); failed && strings.Contains(out, m.violation) {
			return out, known
		}
	}
	out, failed := b.run(guard, onlyMusts, "-schedules="+checks)
	if !failed {
		return out, ""
	}
	return out, "seed " + found(out, `seed (\d+):`)
}

// The tests that look for a guard that is gone.
const (
	directedWorlds = "^(TestDirected.*|TestPods.*)$"
	onlyMusts      = "^TestMustsInAnyOrder$"
)

// source is the file that a mutant changes, in which its guard stands once.
func (m mutant) source(t *testing.T, root string) (file, text string) {
	t.Helper()
	file = filepath.Join(root, m.file)
	read, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(read), m.old); n != 1 {
		t.Errorf("%s has %d places that read %q, want one", m.file, n, m.old)
	}
	return file, string(read)
}

func found(out, pattern string) string {
	if group := regexp.MustCompile(pattern).FindStringSubmatch(out); group != nil {
		return group[1]
	}
	return "?"
}

func tail(out string) string {
	if len(out) > 3000 {
		return "…" + out[len(out)-3000:]
	}
	return out
}
