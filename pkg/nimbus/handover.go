package nimbus

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// HandOver makes a recorded submission run in the Storm of c: it uploads the JAR
// (sub.Jar), makes the dry run, kills the running revision, submits, and looks until
// Storm shows the new one. The id is that of the new topology, and empty after a
// failure. The end of ctx stops the handover until something has been changed in
// Storm; then it continues to its end, never half. log gets a line for each step.
func (c *Client) HandOver(ctx context.Context, rec Recorded, sub storm.Submission, log func(string, ...any)) (id string, failed *problem.Problem) {
	toTheEnd := context.WithoutCancel(ctx)
	h, failed := c.prepare(toTheEnd, rec, sub, log)
	if failed != nil {
		return "", failed
	}
	h.terminated = func() bool { return ctx.Err() != nil }
	return h.run(toTheEnd)
}

// prepare makes the offer, and refuses one that Nimbus could never accept.
func (c *Client) prepare(ctx context.Context, rec Recorded, sub storm.Submission, log func(string, ...any)) (*handover, *problem.Problem) {
	offer, err := rec.overlay(sub)
	if err == nil {
		err = readable(sub.Jar)
	}
	if err != nil {
		return nil, problem.New(v1beta1.SubmissionFailed, "%s", text.Capital(Message(err)))
	}
	conf, err := c.nimbusConf(ctx)
	if err != nil {
		return nil, problem.New(reasonOf(err), "%s", Message(err))
	}
	limits := limitsOf(conf)
	if err := offer.checkSize(limits); err != nil {
		return nil, problem.New(v1beta1.SubmissionRejected, "%s", text.Capital(Message(err)))
	}
	if why := rec.refused(offer.Conf, sub.Settings, conf); why != "" {
		return nil, problem.New(v1beta1.SubmissionRejected, "%s", why)
	}
	h := &handover{client: c, offer: offer, sub: sub, limits: limits, log: log, now: unix, pause: pause}
	h.seen.Settle = int64(limits.Submission / time.Second)
	return h, nil
}

func readable(jar string) error {
	if _, err := os.Stat(jar); err != nil {
		return fmt.Errorf("the JAR cannot be read: %w", err)
	}
	return nil
}

func unix() int64 { return time.Now().Unix() }

func pause(seconds int64) { time.Sleep(time.Duration(seconds) * time.Second) }

// handover carries out the steps that storm.Next decides.
type handover struct {
	client *Client
	offer  submissionOffer
	sub    storm.Submission
	limits submissionLimits
	log    func(string, ...any)
	// terminated says whether the pod has been told to stop.
	terminated func() bool
	now        func() int64
	pause      func(seconds int64)
	seen       storm.Seen
	said       string
	fix        string // what to do about the last error
}

func (h *handover) run(ctx context.Context) (string, *problem.Problem) {
	want := storm.Want{Name: h.sub.Name, Identity: h.sub.Identity, Fingerprint: h.sub.Fingerprint, Adopt: h.sub.Adopt}
	for {
		h.seen.Now, h.seen.Terminated = h.now(), h.terminated()
		step := storm.Next(h.seen, want)
		if step.Ends() {
			return h.end(step)
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
	case storm.DoProbe:
		err = h.client.dryRun(ctx, h.offer, h.limits.Submission)
	case storm.DoKill:
		err = h.client.Kill(ctx, h.sub.Name, h.sub.KillWaitSeconds)
	case storm.DoSubmit:
		h.offer.Location = h.seen.Upload.Location
		err = h.client.submitRaw(ctx, h.offer, h.limits.Submission)
	default:
		h.look(ctx)
		return
	}
	if err != nil {
		h.log("%s: %v", step.Do, err)
		h.fix = fixOf(err)
	}
	h.seen = h.seen.After(step, storm.Result{Answer: answerOf(step.Do, err), Words: messageOf(err), Upload: upload, At: h.now()})
}

// look reads a fresh list. If the leader changes during the look, it is unknown which
// leader has the JAR, so the look is made again.
func (h *handover) look(ctx context.Context) {
	before, err := h.client.Leader(ctx)
	if err != nil {
		h.seen = h.seen.Looked(storm.View{Problem: Message(err)}, before, h.now())
		return
	}
	view := h.client.Look(ctx, h.sub.Name, "")
	after, err := h.client.Leader(ctx)
	switch {
	case err != nil:
		view = storm.View{Problem: Message(err)}
	case !after.Same(before):
		view = storm.View{Problem: "Nimbus's leader is changing."}
	}
	h.seen = h.seen.Looked(view, after, h.now())
}

func (h *handover) upload(ctx context.Context) (storm.Upload, error) {
	leader, err := h.client.Leader(ctx)
	if err != nil {
		return storm.Upload{}, err
	}
	jar, err := os.Open(h.sub.Jar)
	if err != nil {
		return storm.Upload{}, fmt.Errorf("opening the JAR: %w", err)
	}
	defer func() { _ = jar.Close() }()
	started := time.Now()
	location, err := h.client.Upload(ctx, jar)
	if err != nil {
		return storm.Upload{}, err
	}
	if info, err := jar.Stat(); err == nil {
		h.log("Uploaded the JAR to %s: %d bytes in %.1f s", leader.At(), info.Size(), time.Since(started).Seconds())
	}
	return storm.Upload{Location: location, Leader: leader, At: h.now()}, nil
}
