package diagnose

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func (r row) ask() *Problem {
	subject := r.about
	if subject.Namespace == "" {
		subject = about
	}
	return Job(r.job, r.pods, r.claim, subject, began.Add(r.after))
}

func TestJob(t *testing.T) {
	for _, r := range rows() {
		t.Run(r.story, func(t *testing.T) {
			problem := r.ask()
			if diff := cmp.Diff(r.want, kindOf(problem)); diff != "" {
				t.Errorf("%s (-want +got)\n%s\n%s", r.reason, diff, valueOf(problem).Text())
			}
		})
	}
}

// A hook is called again and again, with lists in any order.
func TestSameBytesInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, r := range rows() {
		want := valueOf(r.ask())
		before := encode(t, r)
		if again := valueOf(r.ask()); again != want || encode(t, r) != before {
			t.Errorf("%s: asked twice, it says another thing, or what was handed in is changed", r.story)
		}
		for range 5 {
			if got := valueOf(shuffled(random, r).ask()); got != want {
				t.Errorf("%s: shuffled, it says\n%q, before\n%q", r.story, got.Message, want.Message)
			}
		}
	}
}

// shuffled is the same world in another order, with a pod of another Job in it.
func shuffled(random *rand.Rand, r row) row {
	foreign := podOf(extractJob(), has("extract", ends("OOMKilled", 137, "")))
	foreign.Name, foreign.UID, foreign.OwnerReferences[0].UID = "another", "another", "another"
	pods := []corev1.Pod{foreign}
	for _, pod := range r.pods {
		pod := *pod.DeepCopy()
		shuffle(random, pod.Status.Conditions)
		shuffle(random, pod.Status.ContainerStatuses)
		shuffle(random, pod.Status.InitContainerStatuses)
		shuffle(random, pod.Spec.Volumes)
		pods = append(pods, pod)
	}
	shuffle(random, pods)
	r.pods, r.job = pods, r.job.DeepCopy()
	shuffle(random, r.job.Status.Conditions)
	return r
}

func shuffle[T any](random *rand.Rand, list []T) {
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func encode(t *testing.T, r row) string {
	t.Helper()
	text, err := json.Marshal([]any{r.job, r.pods, r.claim})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An unchanged problem is the same bytes, so nothing in a message may change.
func TestMessagesAreSteady(t *testing.T) {
	moving := []string{"2031", "13:47", "x7k2p", "43210", "10.0.0.", "10.96.", "137432", "90228", "0b1c2d3e", "0123456789abcdef", "0/1", "2605056", "619be0b2", "1 Insufficient", "17 nodes"}
	for _, r := range rows() {
		problem := r.ask()
		if problem == nil {
			continue
		}
		said := problem.Text()
		for _, text := range moving {
			if strings.Contains(said, text) {
				t.Errorf("%s: %q moves in\n%s", r.story, text, said)
			}
		}
		if len(said) > 1024 || !utf8.ValidString(said) || strings.ContainsFunc(said, unicode.IsControl) {
			t.Errorf("%s: %d bytes, or no clean text:\n%q", r.story, len(said), said)
		}
	}
}

// The same problem has the same message a week later. Only a pod that is being deleted
// for so long is on a lost node.
func TestTimeAloneChangesNoWords(t *testing.T) {
	for _, r := range rows() {
		first := valueOf(r.ask())
		gone := len(r.pods) == 1 && r.pods[0].DeletionTimestamp != nil
		r.after = 7 * 24 * time.Hour
		if second := valueOf(r.ask()); first.Reason != "" && !gone && first != second {
			t.Errorf("%s:\n%s\n%s", r.story, first.Message, second.Message)
		}
	}
}
