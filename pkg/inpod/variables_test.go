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
		t.Run(tc.why, func(t *testing.T) {
			t.Setenv("DB_PASSWORD", canary)
			s, sub, log := newSubmit(t, tc.does)
			sub.Args = []string{"--password=$(DB_PASSWORD)", tc.does}
			sub.Settings = tc.settings
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
			if failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.text) {
				t.Errorf("%s %q, want %s with %q\n%s", failed.Reason, failed.Message, tc.reason, tc.text, log)
			}
			own := strings.ReplaceAll(log.String(), "no user for "+canary, "") // main's own words
			if strings.Contains(string(said)+own, canary) {
				t.Errorf("the secret is in the termination message or in the log:\n%s\n%s", said, log)
			}
		})
	}
}
