package stories

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// dump keeps what a failed story's namespace looked like, and prints the end of
// each piece.
func (w *world) dump(env *testscript.Env, k kube.Kubectl, namespace string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir := place.Logs("stories", namespace)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		env.T().Log(err.Error())
		return
	}
	pieces := map[string][]string{
		"objects.yaml":   {"get", "stormtopologies,stormclusters,jobs,pods,persistentvolumeclaims", "-o", "yaml"},
		"overview.txt":   {"get", "stormtopologies,stormclusters,jobs,pods,persistentvolumeclaims", "-o", "wide"},
		"events.txt":     {"get", "events", "--sort-by=.lastTimestamp"},
		"hookserver.log": {"logs", "-n", "stormhooks-system", "deployment/stormhooks", "--tail=400"},
		"driver.log":     {"logs", "-n", "metacontroller", "deployment/metacontroller", "--tail=400"},
	}
	pods, _ := k.Run(ctx, "get", "pods", "-o", "name")
	for _, pod := range strings.Fields(pods) {
		pieces[filepath.Base(pod)+".log"] = []string{"logs", pod, "--all-containers", "--tail=400"}
	}
	shown := map[string]int{"overview.txt": 40, "events.txt": 25, "hookserver.log": 15, "driver.log": 15}
	for name, args := range pieces {
		text, err := k.Run(ctx, args...)
		if err != nil {
			text += "\n" + err.Error()
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			env.T().Log(err.Error())
		}
		if lines := shown[name]; lines > 0 {
			env.T().Log(fmt.Sprintf("--- %s\n%s", name, lastLines(text, lines)))
		}
	}
	env.T().Log("all of it: " + dir)
}

func lastLines(text string, most int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return strings.Join(lines, "\n")
}
