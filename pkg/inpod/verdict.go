package inpod

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// judged is a run of main, and what the recorder saw of it.
type judged struct {
	run mainRun
	sub storm.Submission
	jar jar.Found
	// submitted are the names of the recorded topologies, refused the calls that the
	// recorder did not answer.
	submitted, refused []string
	// blobs are the keys of blobs in Storm that main changed.
	blobs []string
	// unanswered says which of main's calls the real Nimbus did not answer.
	unanswered string
	// tooLarge: main sent a call that is larger than Nimbus could accept.
	tooLarge bool
	// meanwhile is what changed in Storm while main ran.
	meanwhile meanwhile
}

// verdict returns the problem of a run, or the remark on a run that recorded one
// topology: what main does after that is not a failure.
func (j judged) verdict() (remark string, failed *problem.Problem) {
	switch {
	case j.run.ending == toldToStop:
		failed = podStopping("main had ended")
	case j.run.ending == notStarted:
		failed = problem.New(v1beta1.SubmissionFailed, "Java could not be started: %v. Check spec.image of the StormCluster.", j.run.err)
	case j.nameTaken() != "":
		id := j.nameTaken()
		failed = problem.New(v1beta1.NameConflict, "Topology %s, which has no fingerprint of Stormhooks, appeared in Storm while main was being recorded. If main calls Nimbus with a client of its own, let it use StormSubmitter with Storm's configuration. Then kill topology %s.", id, id)
	case len(j.submitted) > 1 && !slices.ContainsFunc(j.submitted, func(name string) bool { return name != j.submitted[0] }):
		failed = problem.New(v1beta1.SubmittedTwice, "%s submitted topology %s %d times. Change main to submit it once.", j.main(), j.submitted[0], len(j.submitted))
	case len(j.submitted) > 1:
		failed = problem.New(v1beta1.SubmittedTwice, "%s submitted %d topologies (%s), but a StormTopology is one topology. Create one StormTopology for each, with a main class or arguments that submit only that one.",
			j.main(), len(j.submitted), strings.Join(j.submitted[:min(len(j.submitted), namesListed)], ", "))
	case len(j.submitted) == 1:
		return joined(joined(j.remark(), j.onStorm()), strings.Join(j.jar.Remarks, " ")), nil
	case j.tooLarge:
		failed = problem.New(v1beta1.SubmissionRejected, "%s sent Nimbus a call of more than 64 MiB. Nimbus reads far less (nimbus.thrift.max_buffer_size, 1 MiB by default). Use smaller objects in the topology: put their data into a file in the JAR, or load it in the workers.", j.main())
	case j.unanswered != "":
		failed = problem.New(v1beta1.ClusterUnreachable, "%s", j.unanswered)
	case j.run.ending == timedOut:
		failed = problem.New(v1beta1.MainTimedOut, "%s had submitted nothing after %s and was stopped. %sSee in the pod's log what it was waiting for, for example a service that the pod cannot reach.",
			j.main(), time.Duration(j.sub.MainTimeoutSeconds)*time.Second, j.lastThrown())
	default:
		failed = j.nothing()
	}
	failed.Message = joined(joined(failed.Message, j.notLoaded()), j.onStorm())
	failed.Tail = strings.Join(j.run.tail, "\n")
	return "", failed
}

// nameTaken is the id of a topology without a fingerprint that appeared with the object's
// name while main ran, or empty. Main or a person has submitted it; it is in the way in
// both cases. A name that main submits or has as an argument proves nothing: others submit
// to the same Storm at the same time.
func (j judged) nameTaken() string {
	taken := slices.IndexFunc(j.meanwhile.appeared, func(s nimbus.Summary) bool { return s.Name == j.sub.Name })
	if taken < 0 {
		return ""
	}
	return j.meanwhile.appeared[taken].ID
}

// names are those that main knows. A main that submitted nothing to the recorder may have
// submitted any other one: nil.
func (j judged) names() []string {
	if len(j.submitted) == 0 {
		return nil
	}
	return slices.Concat(j.submitted, j.sub.Args)
}

// onStorm says what happened in Storm before the topology was checked. It is true also if
// Storm never gets this one.
func (j judged) onStorm() string { return joined(j.topologyLost(), j.blobsChanged()) }

// topologyLost is a sentence about the object's own topology, or empty. Main or a person
// has killed it, so the attempt continues: it brings the topology back.
func (j judged) topologyLost() string {
	const remove = " If main did that with a Nimbus client of its own, remove that call."
	switch {
	case j.meanwhile.lost == "":
		return ""
	case j.meanwhile.missing:
		return fmt.Sprintf("Topology %s was no longer in Storm's list after main had run.", j.meanwhile.lost) + remove
	}
	return fmt.Sprintf("Topology %s was killed in Storm while main was being recorded.", j.meanwhile.lost) + remove
}

func (j judged) main() string { return "The main method of " + j.sub.MainClass }

func (j judged) remark() string {
	switch {
	case j.run.ending == keptRunning:
		return fmt.Sprintf("%s kept running for %s after it had submitted, and was stopped.", j.main(), afterRecorded)
	case j.run.code != 0:
		return fmt.Sprintf("%s ended with %s after it had submitted.", j.main(), exitText(j.run.code))
	}
	return ""
}

// blobsChanged is a sentence about the blobs that main changed, or empty: the workers of
// topologies that use them see the change, also if Storm never gets this one.
func (j judged) blobsChanged() string {
	if len(j.blobs) == 0 {
		return ""
	}
	more := ""
	if over := len(j.blobs) - blobsListed; over > 0 {
		more = fmt.Sprintf(" and %d more", over)
	}
	return fmt.Sprintf("Main changed blobs in Storm before the topology was checked: %s%s.", strings.Join(j.blobs[:min(len(j.blobs), blobsListed)], ", "), more)
}

const blobsListed = 3

// joined is two texts as one. Each may be empty.
func joined(first, second string) string { return strings.TrimSpace(first + " " + second) }

func exitText(code int) string {
	if code < 0 {
		return "a signal"
	}
	return fmt.Sprintf("exit code %d", code)
}

// nothing judges a main that ended by itself and submitted nothing. Storm's
// ConfigurableTopology prints an exception and exits with 0, so the exit code alone
// proves nothing (storm-client/.../topology/ConfigurableTopology.java, v2.8.1).
func (j judged) nothing() *problem.Problem {
	seen, thrown := j.run.clues, j.run.clues.thrown()
	if failed := j.imageFailed(); failed != nil {
		return failed
	}
	switch {
	case seen.has(heapFull), j.run.outOfMemory:
		return problem.New(v1beta1.OutOfMemory, "%s ran out of memory before it had submitted. Raise spec.template.resources.limits.memory (the heap is %d %% of it, unless an option for Java says otherwise), or change main to build the topology with less.", j.main(), heapPercent)
	case j.run.killed:
		return problem.New(v1beta1.MainFailed, "%s was ended by SIGKILL before it had submitted, and not for lack of memory: the kernel counts no such kill in the container. Find out what ends processes there: main itself, a program of the image, or one on the node.", j.main())
	case seen.has(wrongSignature):
		return problem.New(v1beta1.JarInvalid, "%s", cmp.Or(j.jar.Stale, "Java refuses a signature in the JAR"+because(thrown)+". Build the JAR without META-INF/*.SF, *.DSA, *.RSA and *.EC."))
	case j.mainNowhere() && strings.HasPrefix(j.sub.MainClass, "org.apache.storm.flux."):
		return problem.New(v1beta1.MainClassNotFound, "%s has class %s of Storm's module flux-core. Build flux-core into the JAR, or list its JAR in spec.topology.jar.container.dependencies.", j.nowhere(), j.sub.MainClass)
	case j.mainNowhere():
		return problem.New(v1beta1.MainClassNotFound, "%s has class %s. %s", j.nowhere(), j.sub.MainClass, j.jar.Lacks)
	case seen.has(mainNotLoaded) && !seen.has(compiledForNewer):
		return problem.New(v1beta1.MainClassNotFound, "Java cannot load the main class %s%s. Check spec.topology.mainClass, and that the JAR has every class that it extends.", j.sub.MainClass, because(thrown))
	case seen.has(noMainMethod):
		return problem.New(v1beta1.MainClassNotFound, "Class %s has no main method. Set spec.topology.mainClass to a class with public static void main(String[])%s.", j.sub.MainClass, twin(j.sub.MainClass))
	case seen.has(compiledForNewer):
		return problem.New(v1beta1.MainFailed, "The JAR was compiled for a newer Java than the one of Storm's image%s. Build it for the Java of that image (spec.image of the StormCluster), or use a Storm image with a newer Java.", because(text.Cut(seen.said[compiledForNewer], 130)))
	case seen.has(noLocalCluster):
		return problem.New(v1beta1.MainFailed, "%s tries to run a local cluster (org.apache.storm.LocalCluster), which is not available. Many mains do so when an argument is missing: check spec.topology.args and spec.topology.mainClass.", j.main())
	case j.run.code != 0 || thrown != "":
		return problem.New(v1beta1.MainFailed, "%s failed before it had submitted a topology (%s)%s. %s", j.main(), exitText(j.run.code), because(thrown), j.fix())
	}
	if len(j.meanwhile.appeared) > 0 {
		return problem.New(v1beta1.NothingSubmitted, "%s exited successfully without submitting a topology to the recorder. Topology %s, which has no fingerprint of Stormhooks, appeared in Storm at that time. If main submitted it with a Nimbus client of its own, let it use StormSubmitter with Storm's configuration.", j.main(), j.meanwhile.appeared[0].ID)
	}
	return problem.New(v1beta1.NothingSubmitted, "%s exited successfully without submitting a topology. %sCheck spec.topology.mainClass and spec.topology.args: some mains run a local cluster, or print their usage, when an argument is missing.", j.main(), j.calls())
}

// nowhere begins a sentence on a class that nothing on main's class path has.
func (j judged) nowhere() string {
	if len(j.sub.Dependencies) > 0 {
		return "Neither the JAR, nor its dependencies, nor the StormCluster's image"
	}
	return "Neither the JAR nor the StormCluster's image"
}

// mainNowhere: Java found the main class neither in the JAR nor in Storm's image. The words
// of Java alone do not say so: it cannot load a class either whose superclass is missing.
func (j judged) mainNowhere() bool {
	lacking := "ClassNotFoundException: " + j.sub.MainClass
	thrown := j.run.clues.thrown()
	return j.jar.Lacks != "" && (strings.HasSuffix(thrown, lacking) || thrown == "" && j.run.clues.has(mainNotLoaded))
}

// twin is a hint at the class that Scala makes beside the one of an object, or empty.
func twin(class string) string {
	if name, is := strings.CutSuffix(class, "$"); is {
		return ", such as " + name
	}
	return ""
}

// loadErrors are what Java throws at a class that it does not find, or that does not fit.
var loadErrors = pattern(`^java\.lang\.(ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|NoSuchFieldError|IncompatibleClassChangeError|AbstractMethodError|LinkageError|VerifyError)`)

// notLoaded has what is known of the JAR if Java could not load a class, or nothing.
func (j judged) notLoaded() string {
	if !loadErrors().MatchString(j.run.clues.thrown()) {
		return ""
	}
	inner := j.jar.Inner
	if j.mainNowhere() && j.jar.Likely {
		inner = ""
	}
	return joined(strings.Join(j.jar.Remarks, " "), inner)
}

// missingFile is what Java throws for a file that is not there.
var missingFile = pattern(`^(java\.io\.FileNotFoundException|java\.nio\.file\.NoSuchFileException)\b`)

func (j judged) fix() string {
	if missingFile().MatchString(j.run.clues.thrown()) {
		return "Main ran in a folder that has only what spec.topology.jar.container.files names: other files of your image are not there. Add the file to that list, or mount it (spec.template.volumes)."
	}
	if calls := j.calls(); calls != "" {
		return calls + "Change main to only build and submit its topology."
	}
	return "Fix main, its arguments (spec.topology.args) or its settings (spec.topology.config)."
}

// calls is a sentence about the calls to Nimbus that the recorder refused, or empty.
func (j judged) calls() string {
	if len(j.refused) == 0 {
		return ""
	}
	return "It called " + strings.Join(j.refused, " and ") + " of Nimbus, which is unavailable while a topology is being recorded. "
}

// lastThrown is a sentence about the last exception, or empty.
func (j judged) lastThrown() string {
	thrown := j.run.clues.thrown()
	if thrown == "" {
		return ""
	}
	return "Its last exception" + because(thrown) + ". "
}

func because(thrown string) string {
	if thrown == "" {
		return ""
	}
	return ": " + strings.TrimRight(thrown, ". ")
}
