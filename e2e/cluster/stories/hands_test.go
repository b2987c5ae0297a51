package stories

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// hands are commands for what a person does to the world around a topology.
func (w *world) hands() map[string]command {
	return map[string]command{
		"guide-jar": w.guideJar, "logs-tell": logsTell, "until-log": untilLog, "until-kubectl": untilKubectl, "told": w.diary.told, "fixed": w.diary.fixed,
		"registry": w.registry, "kubelet": kubelet, "volume": volume,
		"obey": obey, "read": read, "upgrade": upgrade, "option": option, "door": w.door, "release": w.release,
		"certificate": w.certificate, "identity": w.identity,
	}
}

// guide-jar N BASE FILE
func (w *world) guideJar(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: guide-jar N BASE FILE")
	}
	w.guide(ts, false, []string{args[0], args[2]})
	var part, whole map[string]any
	ts.Check(yaml.Unmarshal([]byte(ts.ReadFile(args[2])), &part))
	ts.Check(yaml.Unmarshal([]byte(ts.ReadFile(args[1])), &whole))
	spec, _ := whole["spec"].(map[string]any)
	topology, _ := spec["topology"].(map[string]any)
	if topology == nil || part["jar"] == nil {
		ts.Fatalf("%s has no spec.topology, or example %s no jar", args[1], args[0])
	}
	topology["jar"] = part["jar"]
	text, err := yaml.Marshal(whole)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o644))
}

var (
	spaces = regexp.MustCompile(`\s+`)
	// keepsRunning begins the message of an update.
	keepsRunning = regexp.MustCompile(`^Revision \S+ keeps running; revision \S+ (is not submitted yet|failed)\. `)
)

// logs-tell NAME [LOG]: the guide's line (or kubectl logs LOG) prints what the
// object's message begins with.
func logsTell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: logs-tell NAME [LOG]")
	}
	log := []string{"job/topology-jar-extract-" + args[0]}
	if len(args) > 1 {
		log = args[1:]
	}
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	message, err := k.Run(ctx, "get", "stormtopology", args[0], "-n", ts.Getenv("NS"), "-o", "jsonpath={.status.message}")
	ts.Check(err)
	printed, err := logs(ctx, ts, log...)
	ts.Check(err)
	const begin = 80
	message = keepsRunning.ReplaceAllString(strings.TrimSpace(message), "")
	message, _, _ = strings.Cut(message, " Storm answered: ") // the log has that in a line of its own
	if len(message) > begin {
		message = message[:begin]
	}
	if !strings.Contains(spaces.ReplaceAllString(printed, " "), message) {
		ts.Fatalf("the log does not say %q:\n%s", message, printed)
	}
}

// kubelet stop|start. A run that would start the cluster again waits during that time.
func kubelet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: kubelet stop|start")
	}
	switch args[0] {
	case "stop":
		lock, err := os.OpenFile(place.In(".lock"), os.O_CREATE|os.O_RDWR, 0o644)
		ts.Check(err)
		ts.Check(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
		ts.Check(node.Stop("kubelet"))
		ts.Defer(func() { // a story that failed in between leaves a cluster that works
			if !node.Running(context.Background()) {
				_ = node.StartAgain("kubelet")
			}
			lock.Close()
		})
	case "start":
		ts.Check(node.StartAgain("kubelet"))
	}
}

// volume NAME SIZE CLASS: a PersistentVolume that really has no more room than SIZE.
func volume(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: volume NAME SIZE CLASS")
	}
	name := args[0] + "-" + ts.Getenv("NS")
	folder := place.State("volumes", name)
	ts.Check(os.MkdirAll(folder, 0o777))
	ts.Check(syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+strings.TrimSuffix(args[1], "i")+",mode=0777"))
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, _ = k.Run(ctx, "delete", "pv", name, "--wait=false")
		_ = syscall.Unmount(folder, syscall.MNT_DETACH)
		_ = os.Remove(folder)
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := k.With(ctx, fmt.Sprintf(volumeManifest, name, args[1], args[2], filepath.Clean(folder), node.IP), "apply", "-f", "-")
	ts.Check(err)
}

const volumeManifest = `apiVersion: v1
kind: PersistentVolume
metadata:
  name: %s
spec:
  capacity: {storage: %s}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: %s
  local: {path: %s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions:
            - {key: kubernetes.io/hostname, operator: In, values: [%s]}
`
