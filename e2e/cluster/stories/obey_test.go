package stories

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// ask is kubectl in the story's namespace.
func ask(ts *testscript.TestScript, args ...string) string {
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	said, err := k.Run(ctx, args...)
	ts.Check(err)
	return said
}

// obey OBJECT: carries out the command that its message tells a person to run.
func obey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: obey KIND/NAME")
	}
	message := ask(ts, "get", args[0], "-o", "jsonpath={.status.message}")
	_, command, found := strings.Cut(message, ": kubectl ")
	if !found {
		ts.Fatalf("the message of %s names no command: %q", args[0], message)
	}
	ts.Logf("> kubectl %s", command)
	kubectl(ts, false, strings.Fields(command))
}

// read OBJECT JSONPATH VAR
func read(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: read KIND/NAME {JSONPATH} VAR")
	}
	value := ask(ts, "get", args[0], "-o", "jsonpath="+args[1])
	ts.Logf("  %s=%s", args[2], value)
	ts.Setenv(args[2], value)
}

// upgrade: the hook server is upgraded to a later release, whose image pods get
// their helper from as well. What was there before is put back in the end.
func upgrade(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: upgrade")
	}
	const container = "{.spec.template.spec.containers[0]"
	in := []string{"-n", "stormhooks-system"}
	get := func(path string) string {
		return ask(ts, append(in, "get", "deployment", "stormhooks", "-o", "jsonpath="+container+path+"}")...)
	}
	image, helper := get(".image"), get(`.env[?(@.name=="STORMHOOKS_IMAGE")].value`)
	set := func(image, helper string) {
		ask(ts, append(in, "patch", "deployment", "stormhooks", "-p", fmt.Sprintf(
			`{"spec":{"template":{"spec":{"containers":[{"name":"stormhooks","image":%q,"env":[{"name":"STORMHOOKS_IMAGE","value":%q}]}]}}}}`, image, helper))...)
		ask(ts, append(in, "rollout", "status", "deployment", "stormhooks", "--timeout=50s")...)
	}
	installing.Lock()
	ts.Defer(installing.Unlock)
	ts.Defer(func() { set(image, helper) })
	next := image + images.NextSuffix
	set(next, next)
}

// storage keeps, or puts back, what the story's Nimbus and ZooKeeper have on
// their volumes. Neither must run meanwhile.
func (w *world) storage(ctx context.Context, ts *testscript.TestScript, verb string) error {
	for _, claim := range []string{"data-nimbus-0", "data-zookeeper-0"} {
		volume := ask(ts, "get", "pvc", claim, "-o", "jsonpath={.spec.volumeName}")
		folder := ask(ts, "get", "pv", volume, "-o", "jsonpath={.spec.local.path}")
		if filepath.Dir(folder) != place.State("volumes") {
			return fmt.Errorf("volume %s of claim %s lies in %q", volume, claim, folder)
		}
		from, to := folder, ts.MkAbs("backup-"+claim)
		if verb == "restore" {
			from, to = to, from
		}
		if err := emptied(to); err != nil {
			return err
		}
		if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := ts.Exec("cp", "-a", from+"/.", to); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// emptied makes a folder without content; its owner and mode stay.
func emptied(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return err
}
