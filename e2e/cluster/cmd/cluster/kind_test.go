package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// The commands of CLUSTER=kind, in their order: a cluster that runs is used again, and
// nothing but the demo's own kubeconfig is written.
func TestKindUp(t *testing.T) {
	for name, tc := range map[string]struct {
		running string
		first   string
	}{
		"no cluster": {"", "kind create cluster --name stormhooks-demo --kubeconfig WORK/kubeconfig --wait 5m"},
		"it runs":    {"other\nstormhooks-demo", "kind export kubeconfig --name stormhooks-demo --kubeconfig WORK/kubeconfig"},
	} {
		t.Run(name, func(t *testing.T) {
			bin, work := t.TempDir(), t.TempDir()
			calls := filepath.Join(bin, "calls")
			for _, program := range []string{"docker", "kind", "kubectl", "helm", "mvn"} {
				script := "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>'" + calls + "'\n" +
					"[ \"$1 $2\" = 'get clusters' ] && printf '" + strings.ReplaceAll(tc.running, "\n", "\\n") + "'\nexit 0\n"
				if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			k, err := kindUp(context.Background(), run.NewProgress(io.Discard), t.TempDir(), work)
			if err != nil {
				t.Fatal(err)
			}
			if k.Kubeconfig != filepath.Join(work, "kubeconfig") {
				t.Errorf("kubectl uses %s", k.Kubeconfig)
			}
			text, err := os.ReadFile(calls)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{
				"kind get clusters",
				tc.first,
				"helm upgrade --install metacontroller oci://ghcr.io/metacontroller/metacontroller-helm --version 4.17.2 --namespace metacontroller --create-namespace --set commandArgs={--client-go-qps=50,--client-go-burst=100} --wait",
				"docker build -t stormhooks/stormhooks:demo .",
				"kind load docker-image stormhooks/stormhooks:demo --name stormhooks-demo",
				"mvn -q dependency:copy -Dartifact=org.apache.storm:storm-starter:1.2.2 -DoutputDirectory=WORK/starter",
				"docker build -t stormhooks-demo/storm:2.8.1 WORK/starter",
				"kind load docker-image stormhooks-demo/storm:2.8.1 --name stormhooks-demo",
			}
			got := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), work, "WORK")), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
