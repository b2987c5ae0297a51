package nimbus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Handed is how a handover ended.
type Handed struct {
	// ID is that of the new topology; empty after a failure.
	ID string
	// Killed is the id of the topology that was killed for the new one, if nothing has
	// taken its place.
	Killed string
	// JarRefused: Nimbus failed at the JAR. Each upload may leave a part of it on a full
	// disk, so the next one should be much later.
	JarRefused bool
	// Left is the JAR that a handover which failed leaves on Nimbus. The next one of the
	// same revision need not send it again (storm.Submission).
	Left storm.Upload
}

// HandOver makes a recorded submission run in the Storm of c: it uploads the JAR
// (sub.Jar), makes the dry run, kills the running revision, submits, and looks until
// Storm shows the new one. The end of ctx stops the handover until something has been
// changed in Storm; then it continues to its end, never half. log gets a line for each
// step.
func (c *Client) HandOver(ctx context.Context, rec Recorded, sub storm.Submission, log func(string, ...any)) (Handed, *problem.Problem) {
	h, failed := c.newHandover(ctx, rec, sub, log)
	if failed != nil {
		return Handed{}, failed
	}
	toTheEnd := context.WithoutCancel(ctx)
	if failed := h.prepare(toTheEnd, rec); failed != nil {
		return Handed{}, failed
	}
	return h.run(toTheEnd)
}

// newHandover makes the offer.
func (c *Client) newHandover(ctx context.Context, rec Recorded, sub storm.Submission, log func(string, ...any)) (*handover, *problem.Problem) {
	offer, err := rec.overlay(sub)
	if err == nil {
		err = readable(sub.Jar)
	}
	if err != nil {
		return nil, problem.New(v1beta1.SubmissionFailed, "%s", text.Capital(Message(err)))
	}
	h := &handover{client: c, offer: offer, sub: sub, log: log, now: unix, recorded: rec.Topology, dependencies: dependenciesOf(sub)}
	h.terminated = func() bool { return ctx.Err() != nil }
	h.pause = func(seconds int64) { pause(ctx, time.Duration(seconds)*time.Second) }
	if h.offer.Topology, err = withDependencies(h.recorded, h.dependencies.keys.Now); err != nil {
		return nil, problem.New(v1beta1.SubmissionFailed, "%s. Fix main.", text.Capital(Message(err)))
	}
	return h, nil
}

// prepare asks Nimbus for its limits, and refuses an offer that it could never accept.
func (h *handover) prepare(ctx context.Context, rec Recorded) *problem.Problem {
	h.seen = h.begin()
	h.seen.Free = h.sub.Free
	if failed := h.meet(ctx); failed != nil {
		return failed
	}
	if h.client.tls == nil && storm.AuthorizesNames(h.conf) { // Must 3: its owner could not be read
		return problem.New(v1beta1.SubmissionFailed, "%s", storm.Nameless)
	}
	if failed := h.scale(rec); failed != nil {
		return failed
	}
	if err := h.offer.checkSize(h.limits); err != nil {
		return problem.New(v1beta1.SubmissionRejected, "%s", text.Capital(Message(err)))
	}
	if why := rec.refused(h.offer.Conf, h.sub.Settings, h.conf); why != "" {
		return problem.New(v1beta1.SubmissionRejected, "%s", why)
	}
	return nil
}

// meet asks who leads, and reads its conf. A pod has run main already, and a Nimbus that is
// busy, or elects its leader, answers a moment later: so it waits as the steps do.
func (h *handover) meet(ctx context.Context) *problem.Problem {
	for silent := (storm.Seen{}); ; {
		leader, err := h.client.Leader(ctx)
		if err == nil {
			err = h.ask(ctx, leader)
		}
		if err == nil {
			return nil
		}
		if !as[*UnreachableError](err) {
			return problem.New(reasonOf(err), "%s", Message(err))
		}
		silent = silent.Looked(unanswered(err), leader, h.now())
		silent.Terminated = h.terminated()
		step := storm.Next(silent, storm.Want{})
		if step.Ends() {
			h.seen = silent
			_, failed := h.end(step)
			return failed
		}
		h.line("Waiting for Nimbus. " + Message(err))
		h.pause(step.Pause)
	}
}

// scale gives the recorded topology the executors and tasks of the spec.
func (h *handover) scale(rec Recorded) *problem.Problem {
	scaled, why, err := rec.scaled(h.offer.Conf, h.sub, h.conf)
	if err == nil {
		h.recorded = scaled
		h.offer.Topology, err = withDependencies(h.recorded, h.dependencies.keys.Now)
	}
	switch {
	case err != nil:
		return problem.New(v1beta1.SubmissionRejected, "%s", text.Capital(Message(err)))
	case why != "":
		return problem.New(v1beta1.InvalidSpec, "%s", why)
	}
	return nil
}

func readable(jar string) error {
	if _, err := os.Stat(jar); err != nil {
		return fmt.Errorf("the JAR cannot be read: %w", err)
	}
	return nil
}

// pause waits. A stop request that comes meanwhile ends the wait, so that it is noticed
// at once; one that came before it does not.
func pause(ctx context.Context, wait time.Duration) {
	stop := ctx.Done()
	if ctx.Err() != nil {
		stop = nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// handover carries out the steps that storm.Next decides.
type handover struct {
	client *Client
	offer  submissionOffer
	sub    storm.Submission
	log    func(string, ...any)
	// recorded is the topology as main submitted it.
	recorded     []byte
	dependencies *dependencies
	// leader is the Nimbus whose conf was read. limits come from that, and from the offer.
	leader storm.Leader
	conf   map[string]any
	limits submissionLimits
	// terminated says whether the pod has been told to stop.
	terminated func() bool
	now        func() int64
	pause      func(seconds int64)
	seen       storm.Seen
	said       string
	fix        string // what to do about the last error
	tooOld     bool   // it says that Nimbus lacks what is needed
	untyped    string // what Nimbus said at its last failure without a type
	onlyNames  string // what Nimbus said against the names of the dry run
	blind      bool   // the last failure was a dry run that proves nothing
}

func (h *handover) run(ctx context.Context) (Handed, *problem.Problem) {
	want := storm.Want{Name: h.sub.Name, Identity: h.sub.Identity, Fingerprint: h.sub.Fingerprint, Adopt: h.sub.Adopt, NeverKills: h.sub.NeverKills, Dependencies: len(h.dependencies.files) > 0}
	for {
		h.seen.Now, h.seen.Terminated = h.now(), h.terminated()
		step := storm.Next(h.seen, want)
		if step.Ends() {
			id, failed := h.end(step)
			h.forget(ctx)
			return Handed{ID: id, Killed: h.seen.Killed, JarRefused: step.Do == storm.JarRefused, Left: h.seen.Left()}, failed
		}
		h.say(step)
		h.pause(step.Pause)
		h.take(ctx, step)
	}
}

// take carries out a step and keeps its result.
func (h *handover) take(ctx context.Context, step storm.Step) {
	var err error
	var upload storm.Upload
	switch step.Do {
	case storm.DoUpload:
		upload, err = h.upload(ctx)
	case storm.DoDepend:
		upload, err = h.depend(ctx)
	case storm.DoProbe:
		h.offer.Location = h.seen.Upload.Location
		h.onlyNames, err = h.client.dryRun(ctx, h.offer, h.limits.Submission)
	case storm.DoKill:
		h.seen.KillWait = h.killWait()
		err = h.client.Kill(ctx, h.sub.Name, h.sub.KillWaitSeconds)
	case storm.DoSubmit:
		h.offer.Location = h.seen.Upload.Location
		err = h.client.submitRaw(ctx, h.offer, h.limits.Submission)
	case storm.DoWaitShown:
		h.await(ctx)
		return
	default:
		h.look(ctx, "")
		return
	}
	if err != nil {
		h.log("%s: %v", step.Do, err)
		h.fix, h.tooOld, h.blind = fixOf(err), IsTooOld(err), as[*blindError](err)
		h.untyped = untypedWords(err, h.untyped)
	}
	h.seen = h.seen.After(step, storm.Result{Answer: answerOf(step.Do, err), Words: messageOf(err), Upload: upload, At: h.now()})
}

// ask reads Nimbus's conf, once for each leader.
func (h *handover) ask(ctx context.Context, leader storm.Leader) error {
	if h.conf != nil && leader.Same(h.leader) {
		return nil
	}
	conf, err := h.client.nimbusConf(ctx)
	if err != nil {
		return err
	}
	limits, err := limitsOf(conf, h.offer)
	if err != nil {
		return err
	}
	h.leader, h.conf, h.limits = leader, conf, limits
	h.seen.Settle = int64(limits.Submission / time.Second)
	h.seen.JarKept = int64(numberOf(conf["nimbus.inbox.jar.expiration.secs"]))
	return nil
}

// killWait is how long Storm drains what is to be killed, in seconds; 0 if unknown.
func (h *handover) killWait() int64 {
	if wait := h.sub.KillWaitSeconds; wait != nil {
		return int64(*wait)
	}
	if t := h.seen.View.Topology; t != nil {
		return int64(t.MessageTimeout)
	}
	return 0
}

// await looks at the submission by its name. A no from a Nimbus that does not lead proves
// nothing, so the wait ends with the list. A Storm before 2.3 does not know the call: then
// each look reads the list.
func (h *handover) await(ctx context.Context) {
	id, err := h.client.IDOf(ctx, h.sub.Name)
	if as[*NotAliveError](err) {
		h.seen = h.seen.Looked(storm.View{}, h.seen.Leader, h.now())
		return
	}
	h.look(ctx, id)
}

// look looks at what Storm has now; id is that of the topology, if it is known by its
// name alone. If the leader changes during the look, it is unknown which leader has the
// JAR, so the look is made again.
func (h *handover) look(ctx context.Context, id string) {
	if h.drains(ctx) {
		return
	}
	before, err := h.client.Leader(ctx)
	if err == nil {
		err = h.ask(ctx, before)
	}
	if err != nil {
		h.seen = h.seen.Looked(unanswered(err), before, h.now())
		return
	}
	view := h.view(ctx, id, before)
	after, err := h.client.Leader(ctx)
	switch {
	case err != nil:
		view = unanswered(err)
	case !after.Same(before):
		view = storm.View{Problem: "Nimbus's leader is changing."}
	}
	h.seen = h.seen.Looked(view, after, h.now())
}

// view is what Storm has under the name. It looks at the one topology, by its id or its
// name. It reads the list only to prove that nothing has the name, where the Nimbus that
// leads does not prove it: a list costs Nimbus more the more topologies it has, and a push
// can begin fifty handovers at once.
func (h *handover) view(ctx context.Context, id string, leader storm.Leader) storm.View {
	from, there := asked{direct{h.client}, h.conf}, h.seen.View.Topology
	switch {
	case id != "":
		return Look(ctx, from, h.sub.Name, id)
	case there == nil && h.seen.Leader == (storm.Leader{}): // the first look
		id = h.sub.Runs
	case there.Alive() && there.ID != h.seen.Killed:
		id = there.ID
	case there != nil && there.ID == h.seen.Killed && h.isGone(ctx, there.ID):
		// What this handover killed had the name. Should another topology have it by now,
		// Nimbus refuses the submission (Nimbus.java submitTopologyWithOpts,
		// assertTopoActive, v2.8.1), and the next look reads the list.
		if self, err := selfIn(h.conf); err == nil {
			return storm.View{Identity: self.Identity, Scheduler: self.Scheduler, Listed: true, Fresh: true}
		}
	}
	view := LookWithoutList(ctx, from, h.sub.Name, id)
	switch {
	case !view.Denied:
		return view
	case h.seen.ProvesAbsence(leader):
		view.Listed = true
		return view
	case !h.seen.NeedsProof():
		return view
	}
	return Look(ctx, from, h.sub.Name, "")
}

// isGone says whether the leader denies an id. Who leads is asked before and after it.
func (h *handover) isGone(ctx context.Context, id string) bool {
	_, err := h.client.Info(ctx, id)
	return as[*NotAliveError](err)
}

// drains looks at a killed topology by its id, which costs Nimbus the same however many
// topologies it has, and says whether it is still there. That answer ends no wait and
// begins no act: who leads, and whose Storm it is, are not asked.
func (h *handover) drains(ctx context.Context) bool {
	there := h.seen.View.Topology
	if there == nil || there.Alive() && there.ID != h.seen.Killed {
		return false
	}
	info, err := h.client.Info(ctx, there.ID)
	if err != nil || info.Name != h.sub.Name || info.Status != storm.Killed {
		return false
	}
	view, killed := h.seen.View, *there
	killed.Status = storm.Killed
	view.Topology = &killed
	h.seen = h.seen.Looked(view, h.seen.Leader, h.now())
	return true
}

// asked is a Client whose Nimbus's conf has been read.
type asked struct {
	direct
	conf map[string]any
}

func (a asked) Self(context.Context) (Self, error) { return selfIn(a.conf) }

// begin is what an earlier pod left on Nimbus, if it sent the same JAR: what is in an image
// may change under its tag.
func (h *handover) begin() storm.Seen {
	left := h.sub.Upload.Believable()
	if left.Location != "" {
		if sum, err := sumOf(h.sub.Jar); err != nil || sum != left.SHA256 {
			return storm.Seen{}
		}
		h.log("An earlier pod has sent this JAR to Nimbus at %s", left.Leader.At())
	}
	return storm.Begin(left, h.now())
}

func sumOf(jar string) (string, error) {
	file, err := os.Open(jar)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
}

func (h *handover) upload(ctx context.Context) (storm.Upload, error) {
	leader, err := h.client.Leader(ctx)
	if err != nil {
		return storm.Upload{}, err
	}
	jar, err := os.Open(h.sub.Jar)
	if err != nil {
		return storm.Upload{}, fmt.Errorf("the JAR cannot be read: %w. Check the volume", err)
	}
	defer func() { _ = jar.Close() }()
	started, sum := time.Now(), sha256.New()
	location, err := h.client.Upload(ctx, io.TeeReader(jar, sum))
	if err != nil {
		return storm.Upload{Location: location, Leader: leader}, err
	}
	if info, err := jar.Stat(); err == nil {
		h.log("Uploaded the JAR to %s: %d bytes in %.1f s", leader.At(), info.Size(), time.Since(started).Seconds())
	}
	return storm.Upload{Location: location, Leader: leader, At: h.now(), SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}
