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
	// Killed is the id that we have killed, or may have killed: from then on only a
	// rejection by Storm ends the handover without a submission.
	Killed string
	// Refusal is why Storm rejected a step.
	Refusal string
	// Failures without a type, and the words of the last one.
	Failures    int
	LastFailure string
	// Settle is how long Nimbus may process a submission whose answer was lost.
	Settle int64

	fresh       bool  // View was taken after the last act
	lookedAt    int64 // when View was taken
	failed      bool  // the last act failed
	failedStep  Do    // the step that failed last
	silentSince int64 // since when looks have no answer
	silentLooks int64 // looks without an answer in a row
	sentUntil   int64 // until when a submission may still appear in Storm
}

// Upload is a JAR on the disk of a Nimbus.
type Upload struct {
	Location string
	Leader   Leader
	At       int64
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
// Upload is the new one after a successful DoUpload.
type Result struct {
	Answer Answer
	Words  string
	Upload Upload
	At     int64
}

// defaultSettle is Storm's wait for replication, and 60 s more.
const defaultSettle = 120

// Looked keeps a look.
func (s Seen) Looked(view View, leader Leader, now int64) Seen {
	s.Now, s.View, s.Leader, s.failed, s.lookedAt = now, view, leader, false, now
	s.fresh = view.Answered() && (view.Listed || view.Topology != nil)
	if !s.fresh {
		s.silentLooks++
		if s.silentSince == 0 {
			s.silentSince = now
		}
		return s
	}
	s.silentSince, s.silentLooks = 0, 0
	if view.Topology != nil && view.Topology.ID != s.Killed {
		// Something was submitted after our kill, by this pod or another one. So our
		// kill has been made good, and a stop request counts again.
		s.Killed = ""
	}
	return s
}

// After keeps the result of a step.
func (s Seen) After(step Step, result Result) Seen {
	answer := result.Answer
	s.Now, s.fresh, s.failed = result.At, false, answer != Taken
	if answer == Refused {
		s.Refusal = result.Words
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
		s.Upload, s.Probed = Upload{}, false
		if answer == Taken {
			s.Upload = result.Upload
		}
	case DoProbe:
		s.Probed = answer == Taken
	case DoKill:
		if answer == Taken || answer == Lost {
			s.Killed = step.ID
		}
	case DoSubmit:
		s = s.submitted(answer, result.At)
	}
	return s
}

func (s Seen) submitted(answer Answer, now int64) Seen {
	switch answer {
	case Taken:
		s.sentUntil, s.Killed = now+shownFor, ""
		s.LastFailure = "Storm accepted the submission, but does not list the topology"
	case Lost:
		s.sentUntil = now + s.settle()
	case Failed:
		s.Upload, s.Probed = Upload{}, false // the JAR may be what was missing
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
	return s.Upload.Location != "" && s.Upload.Leader.Same(s.Leader) && s.Now-s.Upload.At < uploadFor
}

// underWay says whether a stop would now leave something half done.
func (s Seen) underWay() bool { return s.Killed != "" || s.Now < s.sentUntil }

func (s Seen) patience() int {
	if s.Killed != "" {
		return failuresAfter
	}
	return failuresBefore
}

// pause is the time before the next look: none after a successful act; 1, 2, 4 s while
// Storm does not answer; 2 s to 30 s after failures.
func (s Seen) pause() int64 {
	switch {
	case s.silentLooks > 0:
		return min(int64(1)<<min(s.silentLooks-1, 3), 4)
	case s.failed:
		return min(int64(1)<<min(s.Failures, 5), 30)
	}
	return 0
}
