package storm

// Seen is everything that a handover knows. It is a value: After and Looked return a
// new one. Times are in seconds since 1970.
type Seen struct {
	// Now, and whether the submitting pod was asked to stop; set before each Next.
	Now        int64
	Terminated bool

	// View is the last look, Leader the Nimbus that led before and after it.
	View   View
	Leader Leader
	// Upload is the JAR on Nimbus. Probed: Nimbus accepted everything else.
	Upload Upload
	Probed bool
	// Killed is the id that we have killed, or may have killed, until a look shows
	// another topology: while it is set, a stop request does not end the handover.
	Killed string
	// Refusal is why Storm rejected a step.
	Refusal string
	// Failures without a type, and the words of the last one.
	Failures    int
	LastFailure string
	// Free is the Nimbus that led when the hook server's list had nothing under the name, and
	// that has led at each look since; zero if there is none.
	Free Leader
	// Settle is how long Nimbus may process a submission whose answer was lost.
	Settle int64
	// KillWait is how long Storm drains what we kill, in seconds; 0 is unknown.
	KillWait int64
	// JarKept is how long Nimbus keeps an uploaded JAR, in seconds; 0 is unknown.
	JarKept int64

	fresh       bool   // View was taken after the last act
	denied      bool   // it was, and has nothing, but does not prove that
	lookedAt    int64  // when View was taken
	failed      bool   // the last act failed
	failedStep  Do     // the step that failed last
	failedAt    Leader // the leader that it was made to, as far as is known
	partSent    bool   // it was an upload that had begun, so a part of the JAR may lie there
	answerLost  bool   // it had no answer
	unjudged    bool   // no look has shown yet whether it counts against that leader
	silentSince int64  // since when looks have no answer
	silentLooks int64  // looks without an answer in a row
	shownLooks  int64  // looks since the submission
	sentUntil   int64  // until when a submission may still appear in Storm
	killedAt    int64  // when we killed

	// Failures without a type of one Nimbus that led before and after them: at the JAR,
	// and at the submission of a topology whose JAR it has.
	jarFailures, submitFailures int
	partsLost                   int // uploads that had begun, and had no answer
	countedAt                   Leader
	jarDoubted                  bool // the JAR may be what a submission lacked

	dependedAt Leader // that has the dependencies
	sentWith   Answer // to the last submission with their keys; empty if there was none
}

// Answer is how a call ended.
type Answer string

const (
	// Taken: Nimbus did it.
	Taken Answer = "taken"
	// Lost: no answer came; it may have been done.
	Lost Answer = "lost"
	// Unsent: it certainly never reached Nimbus.
	Unsent Answer = "unsent"
	// Failed: Nimbus failed with an untyped error; it was not done.
	Failed Answer = "failed"
	// Refused: Nimbus rejected it with a typed error, and would do so again.
	Refused Answer = "refused"
	// Moved: the topology has changed since the look (not alive, already alive).
	Moved Answer = "moved"
)

// Result is the result of a step, and when. Words describe a failure or a rejection;
// Upload is the new one after a successful DoUpload, and has the leader after a failed
// one.
type Result struct {
	Answer Answer
	Words  string
	Upload Upload
	At     int64
}

// defaultSettle is Storm's wait for replication, and 60 s more.
const defaultSettle = 120

// Looked keeps a look. One that has neither the list nor a topology is an answer to
// DoWaitShown: the Nimbus that was asked has no topology of the name, and may not lead.
func (s Seen) Looked(view View, leader Leader, now int64) Seen {
	s.Now, s.View, s.Leader, s.failed, s.lookedAt = now, view, leader, false, now
	s.shownLooks++
	s.fresh = view.Answered() && (view.Listed || view.Topology != nil)
	s.denied = view.Answered() && view.Denied && !s.fresh
	if !view.Answered() || view.Topology != nil || !s.ProvesAbsence(leader) {
		s.Free = Leader{}
	}
	if !view.Answered() {
		s.silentLooks++
		if s.silentSince == 0 {
			s.silentSince = now
		}
		return s
	}
	s.silentSince, s.silentLooks = 0, 0
	if !s.fresh && !s.denied {
		return s
	}
	s = s.judged()
	if view.Topology != nil && view.Topology.ID != s.Killed {
		// Something was submitted after our kill, by this pod or another one. So our
		// kill has been made good, and a stop request counts again.
		s.Killed = ""
	}
	return s
}

// ProvesAbsence says whether a Nimbus that leads, and that denies the name, proves that
// nothing has it (Must 1). Nimbus answers for a name from its memory, which has each
// submission that it accepted since it leads. It lacks names for a moment when it begins to
// lead, and it may never learn of one that its predecessor accepted last. So a no is a proof
// only if this run of a Nimbus had led for minutes when the hook server's list lacked the
// name, and has led since.
func (s Seen) ProvesAbsence(leader Leader) bool { return s.Free != (Leader{}) && s.Free.Same(leader) }

// NeedsProof says whether the next look must prove that nothing has the name. Before the
// JAR is on the leader, a no is enough: an upload changes nothing that runs.
func (s Seen) NeedsProof() bool { return s.uploaded() || s.underWay() || s.Sent() }

// judged counts the last failure, unless another Nimbus leads now: then it may have
// failed because it did not lead, or because the JAR lies on the other one's disk. A
// submission that was accepted, or whose answer was lost, failed if it is not shown in time.
func (s Seen) judged() Seen {
	if !s.unjudged || s.failedStep == DoSubmit && s.awaits() {
		return s
	}
	s.unjudged = false
	if !s.Leader.Same(s.countedAt) {
		s.jarFailures, s.submitFailures, s.partsLost, s.countedAt = 0, 0, 0, s.Leader
	}
	switch {
	case !s.Leader.Same(s.failedAt):
	case s.failedStep == DoUpload && s.partSent && s.answerLost:
		s.partsLost++
	case s.failedStep == DoUpload && s.partSent: // else nothing fills a disk: it may only have begun to lead
		s.jarFailures++
	case s.failedStep == DoSubmit:
		s.submitFailures++
	}
	return s
}

// After keeps the result of a step.
func (s Seen) After(step Step, result Result) Seen {
	answer := result.Answer
	s.Now, s.fresh, s.denied, s.failed = result.At, false, false, answer != Taken
	if s.failed || step.Do == DoKill || step.Do == DoSubmit {
		s.Free = Leader{}
	}
	mayShow := step.Do == DoSubmit && (answer == Taken || answer == Lost)
	s.answerLost = step.Do == DoUpload && answer == Lost
	s.unjudged, s.failedAt, s.shownLooks = answer == Failed || mayShow || s.answerLost, s.Leader, 0
	s.partSent = result.Upload.Location != ""
	if result.Upload.Leader != (Leader{}) {
		s.failedAt = result.Upload.Leader
	}
	if answer == Refused {
		s.Refusal = result.Words
		switch step.Do {
		case DoDepend:
			s = s.dependent(answer, Leader{})
		case DoSubmit:
			s.sentWith = answer
		}
		return s
	}
	// A submission counts as a failure until Storm shows it, a kill if it must be
	// repeated.
	if answer != Taken || step.Do == DoSubmit || step.Do == DoKill && s.Killed == step.ID {
		s.Failures++
		s.LastFailure, s.failedStep = result.Words, step.Do
	}
	switch step.Do {
	case DoUpload:
		s = s.sent(answer, result.Upload)
	case DoDepend:
		s = s.dependent(answer, result.Upload.Leader)
	case DoProbe:
		s.Probed = answer == Taken
	case DoKill:
		s = s.killed(step.ID, answer, result.At)
	case DoSubmit:
		s = s.submitted(answer, result.At)
	}
	return s
}

// killed keeps a kill. What failed before it lengthens no pause after it.
func (s Seen) killed(id string, answer Answer, now int64) Seen {
	if answer != Taken && answer != Lost {
		return s
	}
	if s.Killed != id {
		s.Failures = min(s.Failures, 1)
	}
	s.Killed, s.killedAt, s.submitFailures = id, now, 0
	return s
}

// sent keeps an upload. One that was repeated in doubt leaves the JAR that lies there
// already, if it fails: a full disk must not keep a topology from being submitted.
func (s Seen) sent(answer Answer, upload Upload) Seen {
	inDoubt := s.jarDoubted && s.uploaded()
	s.jarDoubted = false
	switch {
	case answer == Taken:
		upload.Repeated = inDoubt && upload.Leader.Same(s.Upload.Leader)
		s.Upload, s.Probed, s.jarFailures = upload, s.Probed && upload.Repeated, 0
		s.partsLost = 0
	case inDoubt:
		s.Upload.Repeated = true
	default:
		s.Upload, s.Probed = Upload{}, false
	}
	return s
}

func (s Seen) submitted(answer Answer, now int64) Seen {
	s.sentWith = answer
	if s.Spent() {
		s.dependedAt = Leader{} // Must 2: the next submission has keys of its own
	}
	switch answer {
	case Taken:
		s.sentUntil = now + shownFor
		s.LastFailure = "Storm accepted the submission, but does not list the topology. See Nimbus's log."
	case Lost:
		s.sentUntil = now + s.settle()
	case Failed:
		s.jarDoubted = !s.Upload.Repeated // once: each JAR stays on the leader's disk for an hour
	}
	return s
}

func (s Seen) settle() int64 {
	if s.Settle > 0 {
		return s.Settle
	}
	return defaultSettle
}

func (s Seen) uploaded() bool {
	believed := int64(uploadFor)
	if s.JarKept > 0 {
		believed = min(believed, s.JarKept/2)
	}
	return s.Upload.Location != "" && s.Upload.Leader.Same(s.Leader) && s.Now-s.Upload.At < believed
}

// underWay says whether a stop would now leave something half done.
func (s Seen) underWay() bool { return s.Killed != "" || s.awaits() }

// awaits says whether a submission may still appear in Storm.
func (s Seen) awaits() bool { return s.Now < s.sentUntil }

// Sent says whether a submission may have reached Nimbus.
func (s Seen) Sent() bool { return s.sentUntil != 0 }

// HasKilled says whether a kill may have reached Nimbus. Killed is empty again once another
// topology has taken the place.
func (s Seen) HasKilled() bool { return s.killedAt != 0 }

func (s Seen) patience() int {
	if s.Killed != "" {
		return failuresAfter
	}
	return failuresBefore
}

// pause is the time before the next look: none after a successful act; 1, 2, 4 s while
// Storm does not answer, or does not show a submission; 2 s to 30 s after failures.
func (s Seen) pause() int64 {
	switch {
	case s.silentLooks > 0:
		return min(int64(1)<<min(s.silentLooks-1, 3), 4)
	case s.failed:
		return min(int64(1)<<min(s.Failures, 5), 30)
	case s.awaits() && s.shownLooks > 0:
		return min(int64(1)<<min(s.shownLooks-1, 2), s.sentUntil-s.Now)
	}
	return 0
}

// drainPause is the time before the next look at a killed topology: most of a kill wait
// that is known, in parts, since the topology may go before that.
func (s Seen) drainPause(there *Topology) int64 {
	if there.ID != s.Killed || s.KillWait <= 0 {
		return drainPause
	}
	rest := s.killedAt + s.KillWait - s.Now
	switch {
	case rest > 1:
		return min(rest, longestDrainPause)
	case rest > -removedWithin:
		return 1
	}
	return drainPause
}
