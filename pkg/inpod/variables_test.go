package inpod

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const canary = "canary-7f3a"

func TestExpandASubmission(t *testing.T) {
	t.Setenv("DB_PASSWORD", canary)
	t.Setenv("WORKERS", "3")
	sub := storm.Submission{Name: "wordcount", Args: []string{"$(TOPOLOGY_NAME)", "--password=$(DB_PASSWORD)", "$$(DB_PASSWORD)", "$(date +%s)"},
		Settings: map[string]any{"es.password": "$(DB_PASSWORD)", "topology.workers": "$(WORKERS)", "topology.debug": true}}
	got, hidden, failed := expand(sub)
	if failed != nil {
		t.Fatal(failed)
	}
	if diff := cmp.Diff([]string{"wordcount", "--password=" + canary, "$(DB_PASSWORD)", "$(date +%s)"}, got.Args); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"es.password": canary, "topology.workers": int64(3), "topology.debug": true}, got.Settings); diff != "" {
		t.Error(diff)
	}
	if sub.Settings["es.password"] != "$(DB_PASSWORD)" {
		t.Error("the submission itself was changed")
	}
	if text := hidden.hide("Object: " + canary + ", 3 workers"); text != "Object: $(DB_PASSWORD), 3 workers" {
		t.Error(text)
	}
}

func TestAnArgumentThatLinuxRefuses(t *testing.T) {
	t.Setenv("ALL", strings.Repeat("x", 100<<10))
	_, _, failed := expand(storm.Submission{Args: []string{"a", "$(ALL)$(ALL)"}})
	if failed == nil || failed.Reason != v1beta1.InvalidSpec || !strings.HasPrefix(failed.Message, "spec.topology.args[1] is longer than 127 KiB with its variables") {
		t.Errorf("%+v", failed)
	}
	if failed != nil {
		for _, fault := range testkit.Form(failed.Message, true) {
			t.Errorf("%s: %s", fault, failed.Message)
		}
	}
}

// What is public anyway stays readable: an id that a person must copy, for example.
func TestPublicValuesAreNotHidden(t *testing.T) {
	t.Setenv("APP", "wordcount")
	t.Setenv("LONG", canary+canary)
	t.Setenv("DB_PASSWORD", canary)
	_, hidden, _ := expand(storm.Submission{Name: "wordcount", Args: []string{"$(APP)", "$(LONG)", "$(DB_PASSWORD)"}})
	if got, want := hidden.hide("wordcount-1-1000 has "+canary+canary), "wordcount-1-1000 has $(LONG)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The value of a secret reaches main, and nothing that the helper writes.
func TestSecretsStayInThePod(t *testing.T) {
	for _, tc := range []struct {
		why, does    string
		settings     map[string]any
		reason, text string
	}{
		{"a variable that is not set", "x", map[string]any{"es.password": "$(NONE)"}, v1beta1.InvalidSpec, `spec.topology.config["es.password"] names $(NONE), which is not set.`},
		{"a value of the wrong kind", "x", map[string]any{"topology.workers": "$(DB_PASSWORD)"}, v1beta1.InvalidSpec, `spec.topology.config["topology.workers"] must be a whole number`},
		{"main prints it and fails", "p", map[string]any{"es.password": "$(DB_PASSWORD)"}, v1beta1.MainFailed, "java.lang.IllegalStateException: no user for $(DB_PASSWORD)."},
		{"the handover fails", "x", map[string]any{"es.password": "$(DB_PASSWORD)"}, v1beta1.SubmissionFailed, "Nimbus failed in getNimbusConf"},
	} {
		for _, value := range []string{canary, canary + "\n", canary + "  x"} {
			t.Run(tc.why, func(t *testing.T) {
				staysInThePod(t, value, tc.does, tc.settings, problem.Problem{Reason: tc.reason, Message: tc.text})
			})
		}
	}
}

// staysInThePod runs a submission with a secret, which must fail with a reason and a text.
func staysInThePod(t *testing.T, value, does string, settings map[string]any, want problem.Problem) {
	t.Setenv("DB_PASSWORD", value)
	s, sub, log := newSubmit(t, does)
	sub.Args = []string{"--password=$(DB_PASSWORD)", does}
	sub.Settings = settings
	text, err := json.Marshal(sub)
	if err != nil {
		t.Fatal(err)
	}
	s.Chunks = []string{string(text)}
	var failed *problem.Problem
	if err := s.Run(t.Context()); !errors.As(err, &failed) {
		t.Fatalf("error %v\n%s", err, log)
	}
	said, _ := os.ReadFile(s.TerminationLog)
	if failed.Reason != want.Reason || !strings.Contains(failed.Message, want.Message) {
		t.Errorf("%s %q, want %+v\n%s", failed.Reason, failed.Message, want, log)
	}
	own := strings.ReplaceAll(log.String(), "no user for "+canary, "") // main's own words
	if strings.Contains(string(said)+own, canary) {
		t.Errorf("the secret is in the termination message or in the log:\n%s\n%s", said, log)
	}
}

// A value is hidden however a message shows it: without the newline that a Secret from a
// file ends with, cleaned, one line of it, or its beginning where the message is cut.
func TestValuesAreHiddenInEveryForm(t *testing.T) {
	const secret = "s3cr3t-0123456789-0123456789-0123456789"
	for _, tc := range []struct{ why, value, line string }{
		{"a newline at its end", secret + "\n", "no user for " + secret},
		{"several spaces", "s3cr3t-0  s3cr3t-1", "no user for s3cr3t-0 s3cr3t-1"},
		{"a colour", "s3cr3t\x1b[31m-red", "no user for s3cr3t-red"},
		{"a line of several", "user: x\r\n  password: " + secret + "\r\n", "no user for password: " + secret},
		{"cut in the tail", secret, strings.Repeat("x", 370) + secret},
		{"cut in the log line", secret, strings.Repeat("x ", lineLimit/2-10) + secret},
		{"twice, the second cut in the log line", strings.Repeat(secret, 150), strings.Repeat(secret, 300)},
		{"cut in the exception", secret, "Caused by: java.lang.IllegalStateException: cannot open " + strings.Repeat("u", 215) + " with " + secret},
		{"cut by the client of Nimbus", secret, "Nimbus refused it: " + secret[:20] + "…"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Setenv("DB_PASSWORD", tc.value)
			_, hidden, failed := expand(storm.Submission{Name: "wordcount", Args: []string{"$(DB_PASSWORD)"}})
			if failed != nil {
				t.Fatal(failed)
			}
			out := &output{to: new(strings.Builder), hide: hidden.hide}
			_, _ = out.Write([]byte(tc.line + "\n"))
			tail := out.last()
			for _, shown := range []string{strings.Join(tail, "\n"), out.found().thrown(), hidden.hide(tc.line)} {
				if strings.Contains(shown, "s3cr3t") {
					t.Errorf("shown: %.500q", shown)
				}
			}
			if len(tail) != 1 || len(tail[0]) > tailLine {
				t.Errorf("tail %q", tail)
			}
		})
	}
}

// What was cut is not changed where no value began.
func TestHideLeavesOtherTexts(t *testing.T) {
	t.Setenv("DB_PASSWORD", canary)
	_, hidden, _ := expand(storm.Submission{Name: "wordcount", Args: []string{"$(DB_PASSWORD)"}})
	for _, text := range []string{"", "…", "a topolog… (cut)", "half \ufffd… x", "canar…"} {
		if got := hidden.hide(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
