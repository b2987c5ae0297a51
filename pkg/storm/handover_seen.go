package storm

// Seen is all that a handover knows. It is a value: After and Looked give a new
// one. Times are in seconds since 1970.
type Seen struct {
	// Now, and whether whoever submits has been told to end; set before each Next.
	Now        int64
	Terminated bool

	// View is the last look, Leader the Nimbus that led before and after it.
	View   View
	Leader Leader
	// Upload is the JAR at Nimbus, Probed that Nimbus took all else.
	Upload Upload
	Probed bool
	// Killed is the id that a kill of ours was, or may have been, carried out on:
	// from then on nothing but an end by Storm itself keeps us from submitting.
	Killed string
	// Refusal is Storm's no.
	Refusal string
	// Failures that say nothing, and the last one's words.
	Failures    int
	LastFailure string
	// Settle is how long a submission without an answer may be at work.
	Settle int64

	fresh       bool  // View was taken after the last act
	lookedAt    int64 // when View was taken
	failed      bool  // the last act was not taken
	failedAt    Do    // the act that failed last
	silentSince int64 // since when looks are without an answer
	looks       int64 // looks without an answer in a row
	sentUntil   int64 // till when a submission of ours may come to be shown
}

// Upload is a JAR on a Nimbus's disk.
type Upload struct {
	Location string
	Leader   Leader
	At       int64
}

// Answer is what came of a call.
type Answer string

const (
	// Taken: Nimbus did it.
	Taken Answer = "taken"
	// Lost: no answer came; it may have been done.
	Lost Answer = "lost"
	// Unsent: it surely never reached Nimbus.
	Unsent Answer = "unsent"
	// Failed: Nimbus failed at it without a type; it was not done.
	Failed Answer = "failed"
	// Refused: a typed no, which stays a no.
	Refused Answer = "refused"
	// Moved: what it was about has changed (not alive, already alive).
	Moved Answer = "moved"
)

// Result is what a step came to, At some time. Words are the failure's or the
// refusal's; Upload is the new one after a DoUpload that was taken.
type Result struct {
	Answer Answer
	Words  string
	Upload Upload
	At     int64
}

// defaultSettle is Storm's replication wait and 60 s.
const defaultSettle = 120

// Looked keeps a look.
func (s Seen) Looked(view View, leader Leader, now int64) Seen {
	s.Now, s.View, s.Leader, s.failed, s.lookedAt = now, view, leader, false, now
	s.fresh = view.Answered() && (view.Listed || view.Topology != nil)
	if !s.fresh {
		s.looks++
		if s.silentSince == 0 {
			s.silentSince = now
		}
		return s
	}
	s.silentSince, s.looks = 0, 0
	if view.Topology != nil && view.Topology.ID != s.Killed {
		// Something has been submitted since our kill, by us or by another: what
		// we owed for it is paid, and a call to stop is heard again.
		s.Killed = ""
	}
	return s
}

// After keeps the result of a step that was carried out.
func (s Seen) After(step Step, result Result) Seen {
	answer := result.Answer
	s.Now, s.fresh, s.failed = result.At, false, answer != Taken
	if answer == Refused {
		s.Refusal = result.Words
		return s
	}
	// A submission counts until Storm shows it, a kill when it has to be repeated.
	if answer != Taken || step.Do == DoSubmit || step.Do == DoKill && s.Killed == step.ID {
		s.Failures++
		s.LastFailure, s.failedAt = result.Words, step.Do
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
		s.LastFailure = "Storm took the submission, and does not list the topology"
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

func (s Seen) looked() bool { return s.fresh }

func (s Seen) uploaded() bool {
	return s.Upload.Location != "" && s.Upload.Leader.Same(s.Leader) && s.Now-s.Upload.At < uploadFor
}

// underWay: something of ours would be left half done.
func (s Seen) underWay() bool { return s.Killed != "" || s.Now < s.sentUntil }

func (s Seen) patience() int {
	if s.Killed != "" {
		return failuresAfter
	}
	return failuresBefore
}

// pause is the time before the next look: none after an act that went well; 1, 2,
// 4 s while Storm is silent; 2 s to 30 s after failures.
func (s Seen) pause() int64 {
	switch {
	case s.looks > 0:
		return min(int64(1)<<min(s.looks-1, 3), 4)
	case s.failed:
		return min(int64(1)<<min(s.Failures, 5), 30)
	}
	return 0
}
