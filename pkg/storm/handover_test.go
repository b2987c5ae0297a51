package storm

import (
	"slices"
	"strings"
	"testing"
)

// All cases are at time 1000, with the leader nimbus-0, and want revision r2 of
// generation 2.
var (
	handLeader = Leader{Host: "nimbus-0", Port: 6627, Start: 100}
	handWant   = Want{
		Name: "wordcount", Identity: "storm-a",
		Fingerprint: Fingerprint{Cluster: "k8s", Owner: "ns/wordcount", UID: "u1", Generation: 2, Revision: "r2", Jar: "j"},
	}
)

// mark is the wanted fingerprint with another uid, generation and revision.
func mark(uid string, generation int64, revision string) Fingerprint {
	f := handWant.Fingerprint
	f.UID, f.Generation, f.Revision = uid, generation, revision
	return f
}

func there(status string, f Fingerprint) *Topology {
	return &Topology{ID: "wordcount-1-900", Name: "wordcount", Status: status, ConfKnown: true, Fingerprint: f}
}

func sees(t *Topology) View {
	return View{Identity: "storm-a", Listed: true, Fresh: true, Topology: t}
}

// looked has just looked; prepare adds an upload and a dry run.
func looked(t *Topology) Seen { return Seen{}.Looked(sees(t), handLeader, 1000) }

func prepare(s Seen) Seen {
	s.Upload, s.Probed = Upload{Location: "inbox/1", Leader: handLeader, At: 990}, true
	return s
}

func with(s Seen, change func(*Seen)) Seen {
	change(&s)
	return s
}

func TestNext(t *testing.T) {
	old := there(Active, mark("u1", 1, "r1"))
	silent := View{Problem: "Storm cannot be reached at nimbus:6627: connection refused."}
	terminated := func(s *Seen) { s.Terminated = true }
	killed := func(s *Seen) { s.Killed = "wordcount-1-900" }
	cases := map[string]struct {
		seen   Seen
		want   func(*Want)
		do     Do
		reason string
	}{
		// What has the name decides.
		"nothing is known yet":          {seen: Seen{Now: 1000}, do: DoLook, reason: "nothing is decided without a look"},
		"this revision runs":            {seen: looked(there(Active, mark("u1", 2, "r2"))), do: Done, reason: "must 1"},
		"it runs, deactivated":          {seen: looked(there(Inactive, mark("u1", 2, "r2"))), do: Done, reason: "it was submitted"},
		"it runs under another uid":     {seen: looked(there(Active, mark("u0", 9, "r2"))), do: Done, reason: "an object that was created again keeps what runs"},
		"it is killed":                  {seen: looked(there(Killed, mark("u1", 2, "r2"))), do: DoWaitGone, reason: "KILLED never counts as running"},
		"a newer generation runs":       {seen: looked(there(Active, mark("u1", 3, "r3"))), do: StepBack, reason: "a late helper must not undo an update"},
		"a newer generation is killed":  {seen: looked(there(Killed, mark("u1", 3, "r3"))), do: StepBack, reason: "an older generation must not replace it"},
		"higher generation, other uid":  {seen: prepare(looked(there(Active, mark("u0", 9, "r1")))), do: DoKill, reason: "generations compare within one uid only"},
		"higher generation, same again": {seen: looked(there(Active, mark("u1", 9, "r2"))), do: Done, reason: "the revision is what counts"},
		"a foreign topology":            {seen: prepare(looked(there(Active, Fingerprint{}))), do: NameConflict, reason: "must 3"},
		"another owner's":               {seen: prepare(looked(there(Active, Fingerprint{Cluster: "k8s", Owner: "ns/other", Revision: "r2"}))), do: NameConflict, reason: "must 3"},
		"another Kubernetes cluster's":  {seen: prepare(looked(there(Active, Fingerprint{Cluster: "k2", Owner: "ns/wordcount", Revision: "r2"}))), do: NameConflict, reason: "must 3: owners' names are the same everywhere"},
		"the owner is unknown":          {seen: prepare(looked(&Topology{ID: "wordcount-1-900", Status: Active, Fingerprint: mark("u1", 2, "r2")})), do: NameConflict, reason: "an unread conf proves nothing"},
		"foreign, adopted":              {seen: prepare(looked(there(Active, Fingerprint{}))), want: func(w *Want) { w.Adopt = "wordcount-1-900" }, do: DoKill, reason: "the person named this very id"},
		"another object's, adopted":     {seen: prepare(looked(there(Active, Fingerprint{Cluster: "k8s", Owner: "ns/other", Revision: "r2"}))), want: func(w *Want) { w.Adopt = "wordcount-1-900" }, do: NameConflict, reason: "two objects would manage it"},
		"foreign, another adopted":      {seen: prepare(looked(there(Active, Fingerprint{}))), want: func(w *Want) { w.Adopt = "wordcount-1-800" }, do: NameConflict, reason: "adopt is for one id only"},
		"another owner's, killed":       {seen: prepare(looked(there(Killed, Fingerprint{Cluster: "k8s-2", Owner: "b/wordcount", Revision: "r9"}))), do: NameConflict, reason: "its owner submits it again"},
		"foreign, killed":               {seen: prepare(looked(there(Killed, Fingerprint{}))), do: DoWaitGone, reason: "Storm removes it"},
		"the old one is rebalancing":    {seen: prepare(looked(there(Rebalancing, mark("u1", 1, "r1")))), do: DoKill, reason: "KILL works there"},
		"another Storm":                 {seen: Seen{}.Looked(View{Identity: "storm-b", Listed: true}, handLeader, 1000), do: OtherStorm, reason: "nothing is submitted there"},
		"another Storm after our kill":  {seen: with(Seen{}.Looked(View{Identity: "storm-b", Listed: true}, handLeader, 1000), killed), do: OtherStorm, reason: "not even then"},
		"no identity known":             {seen: prepare(looked(nil)), want: func(w *Want) { w.Identity = "" }, do: DoSubmit, reason: "a first submission knows none"},
		"denied, nothing uploaded":      {seen: Seen{}.Looked(View{Identity: "storm-a", Denied: true}, handLeader, 1000), do: DoUpload, reason: "an upload changes nothing that runs"},
		"denied, all ready":             {seen: prepare(Seen{}.Looked(View{Identity: "storm-a", Denied: true}, handLeader, 1000)), do: DoLook, reason: "a submission needs the proof"},
		"denied by another Storm":       {seen: Seen{}.Looked(View{Identity: "storm-b", Denied: true}, handLeader, 1000), do: OtherStorm, reason: "nothing is uploaded there"},
		"absent, but not from the list": {seen: prepare(Seen{}.Looked(View{Identity: "storm-a"}, handLeader, 1000)), do: DoLook, reason: "absence is believed only from the list"},

		// Everything before the kill. Must 2.
		"old runs, nothing uploaded":  {seen: looked(old), do: DoUpload, reason: "the JAR first"},
		"old runs, not probed":        {seen: with(prepare(looked(old)), func(s *Seen) { s.Probed = false }), do: DoProbe, reason: "the dry run is before the kill"},
		"old runs, all ready":         {seen: prepare(looked(old)), do: DoKill, reason: ""},
		"name free, nothing uploaded": {seen: looked(nil), do: DoUpload, reason: ""},
		"held up after the look":      {seen: with(prepare(looked(old)), func(s *Seen) { s.Now += 4 }), do: DoLook, reason: "a kill is by name: it may be another's by now"},
		"held up, name free":          {seen: with(prepare(looked(nil)), func(s *Seen) { s.Now += 4 }), do: DoLook, reason: "it may be taken by now"},
		"name free, not probed":       {seen: with(prepare(looked(nil)), func(s *Seen) { s.Probed = false }), do: DoSubmit, reason: "a rejection loses nothing"},
		"name free, all ready":        {seen: prepare(looked(nil)), do: DoSubmit, reason: ""},
		"the JAR is on another host":  {seen: with(prepare(looked(old)), func(s *Seen) { s.Upload.Leader.Host = "nimbus-1" }), do: DoUpload, reason: "the JAR is a file of the leader's"},
		"the leader started again":    {seen: with(prepare(looked(old)), func(s *Seen) { s.Upload.Leader.Start = 50 }), do: DoUpload, reason: "a restart may have removed it"},
		"the upload is old":           {seen: with(prepare(looked(nil)), func(s *Seen) { s.Upload.At = 1000 - uploadFor }), do: DoUpload, reason: "Nimbus cleans its inbox"},
		"Nimbus keeps JARs briefly":   {seen: with(prepare(looked(nil)), func(s *Seen) { s.Upload.At, s.JarKept = 700, 600 }), do: DoUpload, reason: "its inbox is cleaned more often"},
		"Nimbus keeps JARs for long":  {seen: with(prepare(looked(nil)), func(s *Seen) { s.Upload.At, s.JarKept = 1000-uploadFor, 86400 }), do: DoUpload, reason: "a disk may be cleaned by hand"},
		"the upload is nearly old":    {seen: with(prepare(looked(nil)), func(s *Seen) { s.Upload.At = 1001 - uploadFor }), do: DoSubmit, reason: ""},

		// A stop is requested.
		"stop at the start":                {seen: Seen{Now: 1000, Terminated: true}, do: Stop, reason: "nothing is half done"},
		"stop before the upload":           {seen: with(looked(old), terminated), do: Stop, reason: ""},
		"stop right before the kill":       {seen: with(prepare(looked(old)), terminated), do: Stop, reason: "the old one keeps running"},
		"stop right before the submission": {seen: with(prepare(looked(nil)), terminated), do: Stop, reason: "the name was free before"},
		"stop while another's kill waits":  {seen: with(looked(there(Killed, mark("u1", 1, "r1"))), terminated), do: Stop, reason: "another's kill need not be made good"},
		"stop while our kill waits":        {seen: with(with(looked(there(Killed, mark("u1", 1, "r1"))), killed), terminated), do: DoWaitGone, reason: "never half"},
		"stop after our kill":              {seen: with(with(prepare(looked(nil)), killed), terminated), do: DoSubmit, reason: "never half"},
		"stop after our kill, no look":     {seen: with(with(Seen{Now: 1000}, killed), terminated), do: DoLook, reason: "never half"},
		"stop while this revision runs":    {seen: with(looked(there(Active, mark("u1", 2, "r2"))), terminated), do: Done, reason: "it is done"},

		// Silence, failures and refusals.
		"Storm is silent":                            {seen: Seen{}.Looked(silent, Leader{}, 1000), do: DoLook, reason: "it may be a moment only"},
		"what answers is not a Storm":                {seen: Seen{}.Looked(View{Problem: "no Nimbus", Lasting: true}, Leader{}, 1000), do: Unreachable, reason: "a wait changes nothing"},
		"what answers after our kill is not a Storm": {seen: with(Seen{}.Looked(View{Problem: "no Nimbus", Lasting: true}, Leader{}, 1000), killed), do: DoLook, reason: "only Storm can say how the kill ended"},
		"Storm is silent for long":                   {seen: with(Seen{}.Looked(silent, Leader{}, 1000), func(s *Seen) { s.Now += silentFor }), do: Unreachable, reason: "the hook retries, and says so"},
		"silent for long, after our kill":            {seen: with(with(Seen{}.Looked(silent, Leader{}, 1000), func(s *Seen) { s.Now += 3600 }), killed), do: DoLook, reason: "never half"},
		"refused":                                    {seen: Seen{Now: 1000, Refusal: "bolt"}, do: Rejected, reason: "a typed rejection is final"},
		"failed too often":                           {seen: with(prepare(looked(nil)), func(s *Seen) { s.Failures = failuresBefore }), do: GiveUp, reason: ""},
		"no JAR is accepted for long":                {seen: with(looked(nil), func(s *Seen) { s.Failures, s.failedStep = failuresBefore, DoUpload }), do: Unreachable, reason: "it says nothing of the topology: retried without end, as an unreachable Nimbus"},
		"failed as often after our kill":             {seen: with(with(prepare(looked(nil)), func(s *Seen) { s.Failures = failuresBefore }), killed), do: DoSubmit, reason: "nothing is running: giving up is worse"},
		"failed too often, but it runs":              {seen: with(looked(there(Active, mark("u1", 2, "r2"))), func(s *Seen) { s.Failures = 99 }), do: Done, reason: "what Storm shows is what counts"},
	}
	for name, c := range cases {
		want := handWant
		if c.want != nil {
			c.want(&want)
		}
		if got := Next(c.seen, want); got.Do != c.do {
			t.Errorf("%s: %q, want %q: %s", name, got.Do, c.do, c.reason)
		}
	}
}

// The result of a call decides the step after the next look.
// A no of the Nimbus that led at the hook server's list is a proof as long as it leads, and
// nothing has gone wrong.
func TestProvesAbsence(t *testing.T) {
	other := handLeader
	other.Start += 100
	no := View{Identity: "storm-a", Denied: true}
	silent := View{Problem: "Storm cannot be reached at nimbus:6627: connection refused."}
	uploads := func(answer Answer) func(Seen) Seen {
		return func(s Seen) Seen {
			return s.After(Step{Do: DoUpload}, Result{Answer: answer, Upload: Upload{Location: "inbox/1", Leader: handLeader, At: 1000}, At: 1000})
		}
	}
	sees := func(view View, leader Leader) func(Seen) Seen {
		return func(s Seen) Seen { return s.Looked(view, leader, 1000) }
	}
	does := func(do Do) func(Seen) Seen {
		return func(s Seen) Seen {
			return s.After(Step{Do: do, ID: "wordcount-1-900"}, Result{Answer: Taken, At: 1000})
		}
	}
	for name, c := range map[string]struct {
		free Leader
		then []func(Seen) Seen
		want bool
	}{
		"it led at the list":                {handLeader, nil, true},
		"another Nimbus did":                {other, nil, false},
		"that is not known":                 {Leader{}, nil, false},
		"a no, and an upload":               {handLeader, []func(Seen) Seen{sees(no, handLeader), uploads(Taken)}, true},
		"another leader, and it again":      {handLeader, []func(Seen) Seen{sees(no, other), sees(no, handLeader)}, false},
		"silence":                           {handLeader, []func(Seen) Seen{sees(silent, handLeader)}, false},
		"an upload whose answer was lost":   {handLeader, []func(Seen) Seen{uploads(Lost)}, false},
		"a kill":                            {handLeader, []func(Seen) Seen{does(DoKill)}, false},
		"a submission":                      {handLeader, []func(Seen) Seen{does(DoSubmit)}, false},
		"a topology had the name meanwhile": {handLeader, []func(Seen) Seen{sees(View{Identity: "storm-a", Topology: there(Killed, Fingerprint{})}, handLeader), sees(no, handLeader)}, false},
	} {
		s := Seen{Free: c.free}
		for _, step := range c.then {
			s = step(s)
		}
		if got := s.ProvesAbsence(handLeader); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	if (Seen{}).ProvesAbsence(Leader{}) {
		t.Error("no leader proves nothing")
	}
}

func TestAfter(t *testing.T) {
	old := there(Active, mark("u1", 1, "r1"))
	upload := Upload{Location: "inbox/2", Leader: handLeader, At: 1000}
	cases := map[string]struct {
		seen   Seen
		step   Do
		answer Answer
		later  int64
		finds  *Topology
		do     Do
		reason string
	}{
		"uploaded":                        {looked(old), DoUpload, Taken, 0, old, DoProbe, ""},
		"the upload's answer was lost":    {looked(old), DoUpload, Lost, 0, old, DoUpload, "half a JAR is none"},
		"probed":                          {with(prepare(looked(old)), func(s *Seen) { s.Probed = false }), DoProbe, Taken, 0, old, DoKill, ""},
		"the probe's answer was lost":     {with(prepare(looked(old)), func(s *Seen) { s.Probed = false }), DoProbe, Lost, 0, old, DoProbe, "what Nimbus would say is unknown"},
		"probed, and the old one left":    {with(prepare(looked(old)), func(s *Seen) { s.Probed = false }), DoProbe, Taken, 0, nil, DoSubmit, ""},
		"refused at the probe":            {prepare(looked(old)), DoProbe, Refused, 0, old, Rejected, "the old one keeps running"},
		"killed":                          {prepare(looked(old)), DoKill, Taken, 1, there(Killed, mark("u1", 1, "r1")), DoWaitGone, ""},
		"the kill's answer was lost":      {prepare(looked(old)), DoKill, Lost, 1, there(Killed, mark("u1", 1, "r1")), DoWaitGone, "a look again"},
		"the kill was lost":               {prepare(looked(old)), DoKill, Lost, 1, old, DoKill, "it still runs"},
		"the kill found nothing":          {prepare(looked(old)), DoKill, Moved, 1, nil, DoSubmit, "gone is gone"},
		"we may not kill":                 {prepare(looked(old)), DoKill, Refused, 1, old, Rejected, ""},
		"submitted":                       {prepare(looked(nil)), DoSubmit, Taken, 1, there(Active, mark("u1", 2, "r2")), Done, "only the fingerprint is success"},
		"submitted, not shown yet":        {prepare(looked(nil)), DoSubmit, Taken, 1, nil, DoWaitShown, "no second one without a look"},
		"submitted, never shown":          {prepare(looked(nil)), DoSubmit, Taken, shownFor, nil, DoSubmit, "Storm lost it"},
		"submitted, a foreign one shows":  {prepare(looked(nil)), DoSubmit, Taken, 1, there(Active, Fingerprint{}), NameConflict, "must 3"},
		"its answer was lost":             {prepare(looked(nil)), DoSubmit, Lost, defaultSettle - 1, nil, DoWaitShown, "Nimbus may still process it"},
		"its answer was lost, it runs":    {prepare(looked(nil)), DoSubmit, Lost, 9, there(Active, mark("u1", 2, "r2")), Done, "must 1"},
		"its answer was lost long ago":    {prepare(looked(nil)), DoSubmit, Lost, defaultSettle, nil, DoSubmit, "by now it would be there"},
		"it was never sent":               {prepare(looked(nil)), DoSubmit, Unsent, 1, nil, DoSubmit, "it cannot have had an effect"},
		"it failed, the name is free":     {prepare(looked(nil)), DoSubmit, Failed, 1, nil, DoUpload, "the JAR may be what was missing"},
		"it failed, a foreign one has it": {prepare(looked(nil)), DoSubmit, Failed, 1, there(Active, Fingerprint{}), NameConflict, "must 3"},
		"already alive: this revision":    {prepare(looked(nil)), DoSubmit, Moved, 1, there(Active, mark("u1", 2, "r2")), Done, "an earlier answer was lost"},
		"already alive: an older one":     {prepare(looked(nil)), DoSubmit, Moved, 1, old, DoKill, "it came in between"},
		"it failed after our kill":        {with(prepare(looked(nil)), func(s *Seen) { s.Killed = "x" }), DoSubmit, Failed, 1, nil, DoUpload, "once: the JAR may be what was missing"},
		"the JAR was sent again already":  {with(prepare(looked(nil)), func(s *Seen) { s.Upload.Repeated = true }), DoSubmit, Failed, 1, nil, DoSubmit, "a third one would only fill the disk"},
		"it failed twice after our kill":  {with(prepare(looked(nil)), func(s *Seen) { s.Killed, s.submitFailures, s.countedAt = "x", 1, handLeader }), DoSubmit, Failed, 1, nil, GiveUp, "must 2: the previous revision can run"},
		"it failed twice, nothing killed": {with(prepare(looked(nil)), func(s *Seen) { s.submitFailures, s.Upload.Repeated = 1, true }), DoSubmit, Failed, 1, nil, DoSubmit, "nothing else could run"},
		"its answer was lost twice":       {with(prepare(looked(nil)), func(s *Seen) { s.Killed, s.submitFailures, s.countedAt = "x", 1, handLeader }), DoSubmit, Lost, defaultSettle, nil, GiveUp, "a Nimbus that hangs behind the JAR fails, too"},
		"its answer was lost again":       {with(prepare(looked(nil)), func(s *Seen) { s.Killed, s.submitFailures, s.countedAt = "x", 1, handLeader }), DoSubmit, Lost, defaultSettle - 1, nil, DoWaitShown, "Nimbus may still process it"},
		"a doubted JAR is refused":        {with(prepare(looked(nil)), func(s *Seen) { s.jarDoubted = true }), DoUpload, Failed, 1, nil, DoSubmit, "the one that lies there must do: the disk may be full"},
		"the JAR is refused twice":        {with(looked(old), func(s *Seen) { s.jarFailures, s.countedAt = 1, handLeader }), DoUpload, Failed, 1, old, JarRefused, "each leaves its part on a disk that may be full"},
		"the upload is lost twice":        {with(looked(old), func(s *Seen) { s.Failures = 1 }), DoUpload, Lost, 1, old, DoUpload, "a lost answer says nothing about the disk"},
		"refused after the kill":          {with(prepare(looked(nil)), func(s *Seen) { s.Killed = "x" }), DoSubmit, Refused, 1, nil, Rejected, "the hook rolls back"},
	}
	for name, c := range cases {
		step := Step{Do: c.step, ID: old.ID}
		seen := c.seen.After(step, Result{c.answer, "words", upload, 1000})
		if next := Next(seen, handWant); next.Do != DoLook && next.Do != DoWaitShown && next.Do != Rejected {
			t.Errorf("%s: %q without a look", name, next.Do)
		}
		seen = seen.Looked(sees(c.finds), handLeader, 1000+c.later)
		if got := Next(seen, handWant); got.Do != c.do {
			t.Errorf("%s: %q, want %q: %s", name, got.Do, c.do, c.reason)
		}
	}
}

// A wait for a submission looks at its name at once, and then after 1, 2, 4 s. A no ends
// no wait: after it the list must show that the topology is not there.
func TestWaitShown(t *testing.T) {
	denied := View{}
	for name, c := range map[string]struct {
		answer Answer
		until  int64
	}{
		"accepted":            {Taken, shownFor},
		"the answer was lost": {Lost, defaultSettle},
	} {
		seen := prepare(looked(nil)).After(Step{Do: DoSubmit}, Result{Answer: c.answer, Words: "lost", At: 1000})
		began, looks := int64(1000), 0
		for step := Next(seen, handWant); step.Do == DoWaitShown; step = Next(seen, handWant) {
			if looks == 0 && c.answer == Taken && step.Pause != 0 || looks > 0 && step.Pause > 4 {
				t.Errorf("%s: look %d comes after %d s", name, looks, step.Pause)
			}
			began, looks = began+step.Pause, looks+1
			if seen = seen.Looked(denied, handLeader, began); looks > 100 {
				t.Fatalf("%s: a hot loop", name)
			}
		}
		if step := Next(seen, handWant); step.Do != DoLook || began != 1000+c.until {
			t.Errorf("%s: %q after %d s, want a look at the list after %d s", name, step.Do, began-1000, c.until)
		}
		if step := Next(seen.Looked(sees(nil), handLeader, began), handWant); step.Do != DoSubmit {
			t.Errorf("%s: %q when the list has shown that it is not there", name, step.Do)
		}
	}
}

// A failure counts against a Nimbus only if it led before and after it.
func TestFailuresOfAnotherLeader(t *testing.T) {
	other := Leader{Host: "nimbus-1", Port: 6627, Start: 500}
	seen := with(prepare(looked(nil)), func(s *Seen) { s.Killed, s.submitFailures, s.countedAt = "wordcount-1-900", 1, handLeader })
	seen = seen.After(Step{Do: DoSubmit}, Result{Answer: Failed, At: 1000}).Looked(sees(nil), other, 1001)
	if got := Next(seen, handWant); got.Do != DoUpload {
		t.Errorf("%q, want %q: the JAR lies on the other one's disk", got.Do, DoUpload)
	}
	seen = seen.After(Step{Do: DoUpload}, Result{Answer: Taken, Upload: Upload{Location: "inbox/2", Leader: other, At: 1001}, At: 1001})
	for range submissionsAfterKill {
		seen = seen.Looked(sees(nil), other, 1002)
		if got := Next(seen, handWant); got.Do == GiveUp {
			t.Errorf("%q after %d failures of this leader", got.Do, seen.submitFailures)
		}
		seen = seen.After(Step{Do: DoSubmit}, Result{Answer: Failed, At: 1002})
	}
	if got := Next(seen.Looked(sees(nil), other, 1003), handWant); got.Do != GiveUp {
		t.Errorf("%q, want %q: must 2", got.Do, GiveUp)
	}
}

// A Nimbus that fails at each submission gets the JAR at most twice, and after our kill
// two submissions. One that fails at each upload gets two parts of the JAR, and so does one to
// which the way breaks off.
func TestFailuresAreNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		killed      string
		fails       Do
		ends        Do
		submissions int
		uploads     int
		part        string // of a JAR that fails
		answer      Answer
	}{
		"submissions, after our kill": {"wordcount-1-900", DoSubmit, GiveUp, submissionsAfterKill, 2, "", Failed},
		"submissions, nothing killed": {"", DoSubmit, GiveUp, failuresBefore, 2, "", Failed},
		"uploads, after our kill":     {"wordcount-1-900", DoUpload, JarRefused, 0, uploadsRefused, "inbox/1", Failed},
		"uploads, nothing killed":     {"", DoUpload, JarRefused, 0, uploadsRefused, "inbox/1", Failed},
		"uploads that do not begin":   {"", DoUpload, Unreachable, 0, failuresBefore, "", Failed},
		"the same, after our kill":    {"wordcount-1-900", DoUpload, Unreachable, 0, failuresAfter, "", Failed},
		"uploads that break off":      {"", DoUpload, Unreachable, 0, uploadsRefused, "inbox/1", Lost},
		"and after our kill":          {"wordcount-1-900", DoUpload, Unreachable, 0, failuresAfter, "inbox/1", Lost},
	} {
		did, now := map[Do]int{}, int64(1000)
		seen := with(looked(nil), func(s *Seen) { s.Killed = c.killed })
		step := Next(seen, handWant)
		for !step.Ends() {
			did[step.Do]++
			now += step.Pause
			switch {
			case step.Do == c.fails:
				seen = seen.After(step, Result{Answer: c.answer, Upload: Upload{Location: c.part}, At: now})
			case step.Do == DoUpload:
				seen = seen.After(step, Result{Answer: Taken, Upload: Upload{Location: "inbox/1", Leader: handLeader, At: now}, At: now})
			default:
				seen = seen.Looked(sees(nil), handLeader, now)
			}
			seen.Now = now
			step = Next(seen, handWant)
		}
		if step.Do != c.ends || did[DoSubmit] != c.submissions || did[DoUpload] != c.uploads {
			t.Errorf("%s: %q after %d submissions and %d uploads", name, step.Do, did[DoSubmit], did[DoUpload])
		}
	}
}

// A wait for a killed topology sleeps through most of a known kill wait.
func TestWaitGonePauses(t *testing.T) {
	drains := with(looked(there(Killed, mark("u1", 1, "r1"))), func(s *Seen) { s.Killed, s.killedAt, s.KillWait = "wordcount-1-900", 1000, 60 })
	at := func(now int64) Seen { return with(drains, func(s *Seen) { s.Now = now }) }
	for name, c := range map[string]struct {
		seen  Seen
		pause int64
	}{
		"just killed":                {at(1000), longestDrainPause},
		"near the end":               {at(1057), 3},
		"at the end":                 {at(1060), 1},
		"after the end":              {at(1070), 1},
		"long after the end":         {at(1090), drainPause},
		"killed by another":          {with(at(1000), func(s *Seen) { s.Killed = "" }), drainPause},
		"the kill wait is unknown":   {with(at(1000), func(s *Seen) { s.KillWait = 0 }), drainPause},
		"the kill wait is very long": {with(at(1000), func(s *Seen) { s.KillWait = 3600 }), longestDrainPause},
	} {
		if got := Next(c.seen, handWant); got.Do != DoWaitGone || got.Pause != c.pause {
			t.Errorf("%s: %q in %d s, want %d s", name, got.Do, got.Pause, c.pause)
		}
	}
}

// A wait for a submission that is not shown reads the list less and less often.
func TestWaitShownPauses(t *testing.T) {
	seen := prepare(looked(nil)).After(Step{Do: DoSubmit}, Result{Answer: Taken, At: 1000})
	var pauses []int64
	for now := int64(1000); ; {
		seen = seen.Looked(sees(nil), handLeader, now)
		step := Next(seen, handWant)
		if step.Do != DoWaitShown {
			break
		}
		pauses = append(pauses, step.Pause)
		now += step.Pause
	}
	if want := []int64{1, 2, 4, 4, 4, 4, 4, 4, 3}; !slices.Equal(pauses, want) {
		t.Errorf("%v, want %v", pauses, want)
	}
}

// A stop request counts again once another topology has the name that we killed.
func TestStopAfterTheSuccessor(t *testing.T) {
	seen := prepare(looked(nil))
	seen.Killed = "wordcount-1-900"
	successor := there(Killed, mark("u1", 2, "r2"))
	successor.ID = "wordcount-2-1001"
	seen = seen.After(Step{Do: DoSubmit}, Result{Answer: Lost, At: 1000}).Looked(sees(successor), handLeader, 1000+defaultSettle)
	seen.Terminated = true
	if got := Next(seen, handWant); got.Do != Stop {
		t.Errorf("%q, want %q: a deletion has killed the successor, and must not find it submitted again", got.Do, Stop)
	}
}

// A submission that Storm accepts and then does not list does not make our kill good: it
// counts as a failure of that leader, and is repeated as often as one.
func TestAcceptedButNotListed(t *testing.T) {
	silent := View{Problem: "Storm cannot be reached."}
	killed := with(prepare(looked(nil)), func(s *Seen) { s.Killed = "wordcount-1-900" })
	accepted := killed.After(Step{Do: DoSubmit}, Result{Answer: Taken, At: 1000})
	again := func(answer Answer) Seen {
		seen := accepted.Looked(sees(nil), handLeader, 1000+shownFor)
		return seen.After(Step{Do: DoSubmit}, Result{answer, "words", Upload{}, 1000 + shownFor})
	}
	listed := accepted.Looked(sees(nil), handLeader, 1000+shownFor-1) // the list, from a Storm that knows no look at a name
	listed.Now = 1000 + shownFor
	later := int64(1000 + shownFor + defaultSettle)
	shown := there(Active, mark("u1", 2, "r2"))
	shown.ID = "wordcount-2-1001"
	other := Leader{Host: "nimbus-1", Port: 6627, Start: 500}
	for name, c := range map[string]struct {
		seen   Seen
		do     Do
		killed bool
		reason string
	}{
		"a look too early":         {accepted.Looked(sees(nil), handLeader, 1000+shownFor-1), DoWaitShown, true, "must 1: Storm may still list it"},
		"its wait is over since":   {listed, DoLook, true, "must 2: it counts as a failure"},
		"not listed":               {accepted.Looked(sees(nil), handLeader, 1000+shownFor), DoSubmit, true, "nothing runs"},
		"listed":                   {accepted.Looked(sees(shown), handLeader, 1001), Done, false, "our kill has been made good"},
		"listed late":              {again(Moved).Looked(sees(shown), handLeader, later), Done, false, "must 1"},
		"silent for long":          {accepted.Looked(silent, Leader{}, later), DoLook, true, "only Storm can say whether it runs"},
		"not listed twice":         {again(Taken).Looked(sees(nil), handLeader, later), GiveUp, true, "must 2: the previous revision can run"},
		"then Nimbus fails":        {again(Failed).Looked(sees(nil), handLeader, later), GiveUp, true, "must 2: two submissions at most"},
		"then the answer is lost":  {again(Lost).Looked(sees(nil), handLeader, later), GiveUp, true, "must 2: two submissions at most"},
		"then Nimbus rejects it":   {again(Refused), Rejected, true, "the hook rolls back"},
		"another leader lists not": {accepted.Looked(sees(nil), other, 1000+shownFor), DoUpload, true, "it may have been lost with the leader"},
	} {
		for _, terminated := range []bool{false, true} {
			c.seen.Terminated = terminated
			if got := Next(c.seen, handWant); got.Do != c.do || (c.seen.Killed != "") != c.killed {
				t.Errorf("%s, terminated %t: %q, killed %q, want %q: %s", name, terminated, got.Do, c.seen.Killed, c.do, c.reason)
			}
		}
	}
}

// Each end says why, in words that do not change.
func TestEndsSayWhy(t *testing.T) {
	foreign := there(Active, Fingerprint{})
	for name, seen := range map[string]Seen{
		"conflict":  looked(foreign),
		"unknown":   looked(&Topology{ID: "wordcount-1-900", Status: Active, ConfProblem: "Storm does not return the topology's conf"}),
		"step back": looked(there(Active, mark("u1", 3, "r3"))),
		"storm":     Seen{}.Looked(View{Identity: "storm-b", Listed: true}, handLeader, 1000),
	} {
		step := Next(seen, handWant)
		if !step.Ends() || step.Why == "" || strings.Contains(step.Why, "1000") {
			t.Errorf("%s: %+v", name, step)
		}
	}
}
