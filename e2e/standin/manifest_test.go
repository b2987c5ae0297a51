package standin

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestLoad(t *testing.T) {
	controllers, err := Load([]byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\n" + basketController + "---\n"))
	if err != nil || len(controllers) != 1 || controllers[0].Name != "basket" {
		t.Fatalf("other objects are passed over: got %v, %v", controllers, err)
	}
}

// TestLoadShipped reads the manifests that people install.
func TestLoadShipped(t *testing.T) {
	for _, name := range []string{"stormtopology", "stormcluster"} {
		text, err := os.ReadFile("../../manifests/install/" + name + "-controller.yaml")
		if err != nil {
			t.Fatal(err)
		}
		controllers, err := Load(text)
		if err != nil || len(controllers) != 1 || controllers[0].Name != name {
			t.Errorf("%s: %v, %v", name, controllers, err)
		}
	}
}

func TestLoadRefusesWhatIsNotDoneHere(t *testing.T) {
	table := map[string]struct{ from, to, want string }{
		"no generated selector": {"generateSelector: true", "generateSelector: false", "generateSelector"},
		"recreate":              {"method: OnDelete", "method: Recreate", "method is Recreate"},
		"v1":                    {"sync: {version: v2, ", "sync: {", "hooks.sync.version is not v2"},
		"loose":                 {"{url: http://hooks/finalize}", "{url: http://hooks/finalize, responseUnMarshallMode: loose}", "loose"},
		"etag":                  {"{url: http://hooks/sync}", "{url: http://hooks/sync, etag: {enabled: true}}", "etag"},
		"auth":                  {"{url: http://hooks/sync}", "{url: http://hooks/sync, basicAuth: {}}", "basicAuth"},
		"no address":            {"{url: http://hooks/sync}", "{path: /x}", "give url"},
		"no sync":               {"sync: {version: v2, webhook: {url: http://hooks/sync}}", "", "hooks.sync is missing"},
		"resync period":         {"generateSelector: true", "generateSelector: true\n  resyncPeriodSeconds: 5", "resyncPeriodSeconds"},
		"parent's labels":       {"resource: baskets", "resource: baskets, labelSelector: {}", "labelSelector"},
		"no parent":             {"apiVersion: example.test/v1, ", "", "parentResource"},
		"no child resource":     {"resource: configmaps", "resource: ''", "childResources[1]"},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(basketController, row.from, row.to, 1)
			if text == basketController {
				t.Fatal("the row changes nothing")
			}
			_, err := Load([]byte(text))
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), `"basket"`) {
				t.Errorf("error %v, want one that names the controller and %q", err, row.want)
			}
		})
	}
}

func TestHookAddress(t *testing.T) {
	port := int32(8443)
	table := map[string]struct {
		hook Webhook
		url  string
		wait time.Duration
	}{
		"url wins": {Webhook{URL: "http://x/y", Path: "/z", Service: &Service{Name: "s", Namespace: "n"}}, "http://x/y", 10 * time.Second},
		"service":  {Webhook{Path: "/z", Service: &Service{Name: "s", Namespace: "n"}}, "http://s.n:80/z", 10 * time.Second},
		"port":     {Webhook{Path: "/z", Service: &Service{Name: "s", Namespace: "n", Port: &port, Protocol: "https"}}, "https://s.n:8443/z", 10 * time.Second},
	}
	for name, row := range table {
		hook := Hook{Version: "v2", Webhook: &row.hook}
		if url, err := hook.url(); err != nil || url != row.url || hook.timeout() != row.wait {
			t.Errorf("%s: %s, %v, %s; want %s and %s", name, url, err, hook.timeout(), row.url, row.wait)
		}
	}
}
