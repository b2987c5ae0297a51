package inpod

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Submit are the arguments of `stormhooks submit`.
type Submit struct {
	// Chunks, joined, are a storm.Submission as JSON.
	Chunks []string
	// TerminationLog is the termination message file.
	TerminationLog string
	// Log is written for a person.
	Log io.Writer
	// ClientOptions are options of the connection to Nimbus, for tests.
	ClientOptions []nimbus.Option

	// given are main's arguments as the spec has them, hidden the values in them.
	given  []string
	hidden variables
	// jar is what the topology's JAR contains.
	jar jar.Found
	// beside is what else main needs of its image.
	beside beside
}

// callLimit is how long Nimbus may take for a call. It is longer than the hook server's 2 s,
// which has other topologies to answer: a pod that fails costs another run of main.
const callLimit = 10 * time.Second

// Run runs main against a recorder and hands what it submitted over to Nimbus. ctx
// ends with SIGTERM: that stops the handover until it kills or submits something, and
// then the handover continues to its end, never half. The error is a
// *problem.Problem, which is also the termination message.
func (s Submit) Run(ctx context.Context) error {
	sub, err := decodeSubmission(s.Chunks)
	if err != nil {
		return err
	}
	s.given = sub.Args
	sub, hidden, failed := expand(sub)
	if failed != nil {
		return end(s.TerminationLog, termination.Facts{}, failed)
	}
	s.hidden = hidden
	facts, failed := s.run(ctx, sub)
	facts.Remark = hidden.hide(facts.Remark)
	return end(s.TerminationLog, facts, hidden.hideIn(failed))
}

func decodeSubmission(chunks []string) (sub storm.Submission, err error) {
	decoder := json.NewDecoder(strings.NewReader(strings.Join(chunks, "")))
	decoder.UseNumber() // Storm tells 2 from 2.0
	if err := decoder.Decode(&sub); err != nil {
		return sub, fmt.Errorf("--submission is not the JSON of a submission: %w", err)
	}
	if sub.Name == "" || sub.MainClass == "" || sub.Jar == "" && sub.Mounted == nil || len(sub.Seeds) == 0 || sub.MainTimeoutSeconds <= 0 {
		return sub, errors.New("--submission needs name, mainClass, jar, seeds and mainTimeoutSeconds")
	}
	return sub, nil
}

func (s Submit) say(format string, args ...any) {
	writeLine(s.Log, s.hidden.hide(fmt.Sprintf(format, args...)))
}

func (s Submit) run(ctx context.Context, sub storm.Submission) (termination.Facts, *problem.Problem) {
	check := s.mounted
	if sub.Mounted == nil {
		check = checkPresent
	}
	checked, failed := check(ctx, sub)
	if failed != nil {
		return termination.Facts{}, failed
	}
	sub.Jar, s.jar, s.beside = checked.path, checked.found, checked.beside
	sub.Dependencies = checked.paths()
	facts := checked.facts
	options := append([]nimbus.Option{nimbus.WithLimit(callLimit)}, tlsOptions(sub.TLS)...)
	client := nimbus.New(sub.Seeds, sub.Port, append(options, s.ClientOptions...)...)
	defer client.Close()
	made, failed := s.record(ctx, client, sub)
	if failed != nil {
		return termination.Facts{}, failed
	}
	if made.remark != "" {
		s.say("%s", made.remark)
	}
	s.say("Recorded a topology that main names %s. Handing it over to Storm as %s.", made.submission.Name, sub.Name)
	handed, failed := client.HandOver(ctx, made.submission, sub, s.say)
	switch {
	case failed == nil:
		s.say("Storm is running %s.", handed.ID)
		facts.StormID, facts.Remark = handed.ID, made.remark
		return facts, nil
	case ctx.Err() != nil && failed.Reason == v1beta1.SubmissionFailed && handed.Killed == "":
		failed = problem.New(v1beta1.PodLost, "%s", failed.Message)
	}
	failed.Message = joined(failed.Message, made.onStorm)
	return termination.Facts{Killed: handed.Killed, JarRefused: handed.JarRefused, Upload: handed.Left}, failed
}

// tlsOptions make the client speak TLS where the StormCluster has it.
func tlsOptions(tls *storm.TLS) (options []nimbus.Option) {
	if tls == nil {
		return nil
	}
	options = append(options, nimbus.WithTLS(tls.CABundle, tls.ServerName))
	if tls.Identity != "" {
		options = append(options, nimbus.WithIdentity(nimbus.IdentityIn(tls.Identity)))
	}
	return options
}

// checkedJar is the topology's JAR, as this pod has it.
type checkedJar struct {
	path  string
	facts termination.Facts
	found jar.Found
	beside
}

// checkPresent checks that the JAR on the volume exists, and has its directory at its end.
// All of it was checked when it was copied.
func checkPresent(ctx context.Context, sub storm.Submission) (checkedJar, *problem.Problem) {
	name := filepath.Base(sub.Jar)
	file, err := os.Open(sub.Jar)
	if errors.Is(err, os.ErrNotExist) {
		return checkedJar{}, problem.New(v1beta1.JarNotFound, "JAR %s is missing from the volume: something removed it. The next attempt extracts it again.", name)
	} else if err != nil {
		return checkedJar{}, problem.New(v1beta1.SubmissionFailed, "The JAR on the volume cannot be opened: %v. Check the volume.", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return checkedJar{}, problem.New(v1beta1.SubmissionFailed, "The JAR on the volume cannot be read: %v. Check the volume.", err)
	}
	checked := checkedJar{path: sub.Jar}
	var missing *problem.Problem
	if sub.Beside {
		checked.beside, missing = checkBeside(sub.Jar)
	}
	found, failed := jar.Glance(ctx, file, info.Size(), jar.Wanted{Of: "JAR " + name + " on the volume", MainClass: sub.MainClass, HasDependencies: len(checked.Dependencies) > 0})
	if failed != nil && ctx.Err() != nil {
		failed = podStopping("the JAR was checked")
	}
	checked.found = found
	return checked, cmp.Or(failed, missing)
}

// checkBeside checks that what is beside the JAR on the volume is there.
func checkBeside(jar string) (beside, *problem.Problem) {
	found, err := besideOnVolume(besideFolder(jar))
	if errors.Is(err, os.ErrNotExist) {
		return beside{}, problem.New(v1beta1.JarNotFound, "Dependencies or files of JAR %s are missing from the volume: something removed them. The next attempt extracts them again.", filepath.Base(jar))
	} else if err != nil {
		return beside{}, problem.New(v1beta1.SubmissionFailed, "The dependencies and files on the volume cannot be read: %v. Check the volume.", withoutPath(err))
	}
	return found, nil
}

// podStopping is the problem of a pod that is removed, which is not a failure.
func podStopping(before string) *problem.Problem {
	return problem.New(v1beta1.PodLost, "The pod was told to stop before %s: it was deleted or evicted, or its node is shutting down. Stormhooks changed nothing in Storm. The submission will be retried.", before)
}

// recording is a run of main that submitted one topology.
type recording struct {
	submission nimbus.Recorded
	// remark is what a person should know of the run, onStorm the part of it that is true
	// even if Storm never gets the topology.
	remark, onStorm string
}

// record runs main once.
func (s Submit) record(ctx context.Context, client *nimbus.Client, sub storm.Submission) (made recording, failed *problem.Problem) {
	recorder, err := nimbus.StartRecorder(ctx, client)
	if err != nil {
		return made, unrecorded(ctx, err)
	}
	defer recorder.Close()
	if j, err := findJava(os.Getenv); err == nil { // else mainCommand says why
		if why := client.RefusedClient(ctx, j.version()); why != "" {
			return made, problem.New(v1beta1.SubmissionFailed, "%s", why)
		}
	}
	folder, err := os.MkdirTemp("", "main-")
	if err != nil {
		return made, problem.New(v1beta1.SubmissionFailed, "A temporary directory for the JVM's files could not be created: %v. Check the node's disk.", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	command, err := s.mainCommand(ctx, sub, recorder, folder)
	if err != nil {
		return made, uncommanded(err)
	}
	before := watch(ctx, client, sub)
	s.say("Running %s of %s with the arguments %q.", sub.MainClass, filepath.Base(sub.Jar), s.given)
	start := time.Now()
	run, err := s.runMain(ctx, sub, command, recorder.Recorded())
	if err != nil {
		return made, uncommanded(err)
	}
	recorder.Close()
	submissions := recorder.Submissions()
	j := judged{run: run, sub: sub, jar: s.jar, refused: recorder.Refused(), unanswered: recorder.Unanswered(), tooLarge: recorder.TooLarge(), blobs: recorder.ChangedBlobs()}
	for _, submission := range submissions {
		j.submitted = append(j.submitted, submission.Name)
	}
	j.meanwhile = before.after(ctx, j.names())
	for _, appeared := range j.meanwhile.appeared {
		s.say("Topology %s, which has no fingerprint of Stormhooks, appeared in Storm while main ran.", appeared.ID)
	}
	remark, failed := j.verdict()
	if failed != nil {
		return made, failed
	}
	s.say("main took %s.", elapsed(start))
	return recording{submissions[0], remark, j.onStorm()}, nil
}

// runMain runs main. A Java that does not start may lack one of Stormhooks' options, or not
// take it beside those of the environment: it is started once more with what every Java
// knows. Main has not begun then.
func (s Submit) runMain(ctx context.Context, sub storm.Submission, command func(tuning) (*exec.Cmd, error), recorded <-chan struct{}) (mainRun, error) {
	start := func(tuned tuning) (mainRun, error) {
		java, err := command(tuned)
		if err != nil {
			return mainRun{}, err
		}
		return mainProcess{
			command: java, log: s.Log, hide: s.hidden.hide, recorded: recorded, memory: memoryEvents,
			limit: time.Duration(sub.MainTimeoutSeconds) * time.Second, grace: afterRecorded,
		}.run(ctx), nil
	}
	run, err := start(java.fast)
	if err != nil || run.ending != exited || run.code != 1 || !run.clues.atOnce() {
		return run, err
	}
	s.say("Java did not start: %s. It is started again, without the options of Stormhooks for a quick start.", run.clues.unstarted())
	return start(java.plain)
}

// unrecorded is the problem of a recorder that did not start: Nimbus must answer first.
func unrecorded(ctx context.Context, err error) *problem.Problem {
	var old *nimbus.TooOldError
	var unreachable *nimbus.UnreachableError
	switch {
	case ctx.Err() != nil:
		return podStopping("main ran")
	case errors.As(err, &old):
		return problem.New(v1beta1.StormTooOld, "%s", nimbus.Message(err))
	case errors.As(err, &unreachable):
		return problem.New(v1beta1.ClusterUnreachable, "%s", nimbus.Message(err))
	}
	return problem.New(v1beta1.SubmissionFailed, "%s", nimbus.Message(err))
}

// uncommanded is the problem of a main whose command cannot be made.
func uncommanded(err error) *problem.Problem {
	reason := v1beta1.SubmissionFailed
	if wrong := (*optionsError)(nil); errors.As(err, &wrong) {
		reason = v1beta1.JavaNotStarted
	}
	return problem.New(reason, "%s.", text.Capital(err.Error()))
}

// mainCommand is the JVM that runs main, connected to the recorder. Its files are in
// folder. The command can be made again, for a Java that refuses an option of tuning.
func (s Submit) mainCommand(ctx context.Context, sub storm.Submission, recorder *nimbus.Recorder, folder string) (func(tuning) (*exec.Cmd, error), error) {
	j, err := findJava(os.Getenv)
	if err != nil {
		return nil, err
	}
	var unread *imageConfError
	if j.confFile, err = clientConf(sub.ClientSettings, j.conf, folder); errors.As(err, &unread) {
		s.say("%s. Main gets spec.config of the StormCluster as -Dstorm.options: so the topology gets it too, over what main sets. To prevent that, correct the file.", text.Capital(err.Error()))
		sub.Settings = under(sub.Settings, sub.ClientSettings)
	} else if err != nil {
		return nil, err
	}
	host, port := recorder.Addr()
	options, err := optionsFor(sub, host, port)
	if err != nil {
		return nil, fmt.Errorf("the settings for Storm's client cannot be written: %w", err)
	}
	if len(s.beside.Files) > 0 {
		if j.work, err = s.beside.workFolder(ctx, folder); err != nil {
			return nil, fmt.Errorf("main's working folder cannot be made: %w. Check the node's disk", err)
		}
	}
	upload, err := emptyJar(sub.Jar, folder)
	if err != nil {
		return nil, err
	}
	for _, line := range j.differences() {
		s.say("%s", line)
	}
	return func(tuned tuning) (*exec.Cmd, error) {
		args, err := inFile(append(tuned(j), j.arguments(sub, upload, options)...), folder)
		if err != nil {
			return nil, err
		}
		command := exec.CommandContext(context.Background(), j.program, args...)
		command.Env, command.Dir = j.environment(), cmp.Or(j.work, os.TempDir()) // the image's folder may be read-only
		return command, nil
	}, nil
}
