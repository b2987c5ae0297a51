package hooks

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// controller is the part of a CompositeController that concerns the server.
type controller struct {
	Spec struct {
		Hooks map[string]struct {
			Version string
			Webhook struct{ URL, Timeout string }
		}
	}
}

// The server serves what manifests/install makes Metacontroller call, and answers a
// call before Metacontroller gives it up.
func TestTheInstalledHooksAreServed(t *testing.T) {
	server := start(t, script(echo))
	files, err := filepath.Glob("../manifests/install/*-controller.yaml")
	if err != nil || len(files) != 2 {
		t.Fatalf("found %v, want two CompositeControllers (%v)", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c controller
		if err := yaml.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"customize", "sync", "finalize"} {
			hook := c.Spec.Hooks[name]
			target, err := url.Parse(hook.Webhook.URL)
			if err != nil {
				t.Fatal(err)
			}
			if got := server.do(t, "POST", target.Path, "{}").code; got != 200 {
				t.Errorf("%s: %s calls %s, which answers %d", file, name, hook.Webhook.URL, got)
			}
			if target.Host != "stormhooks.stormhooks-system" || hook.Version != "v2" {
				t.Errorf("%s: %s is %s by %s, want v2 at stormhooks.stormhooks-system", file, name, hook.Version, target.Host)
			}
			if timeout, err := time.ParseDuration(hook.Webhook.Timeout); err != nil || timeout <= callTime {
				t.Errorf("%s: %s has timeout %q, want more than the %s that a call may take", file, name, hook.Webhook.Timeout, callTime)
			}
		}
	}
}
