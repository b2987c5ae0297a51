package stories

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

type command = func(ts *testscript.TestScript, neg bool, args []string)

func (w *world) commands() map[string]command {
	all := map[string]command{
		"kubectl": kubectl, "apply": apply, "guide": w.guide,
		"until": w.until, "hold": w.hold, "storm": w.storm, "figures": w.figures,
		"sample": w.sample, "sampled": w.sampled, "prometheus": w.prometheus, "gaps": w.gapsOf, "shown": w.shown, "inline": w.inline,
	}
	maps.Copy(all, w.hands())
	all["repeat"] = func(ts *testscript.TestScript, neg bool, args []string) { repeat(ts, all, neg, args) }
	for name, run := range all {
		all[name] = ownOutput(run)
	}
	return all
}

// ownOutput empties stdout and stderr before a command runs. testscript keeps the
// last output that is not empty, so a check after a command that prints nothing
// would judge the output of an earlier command.
func ownOutput(run command) command {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		ts.Check(ts.Exec("true"))
		run(ts, neg, args)
	}
}

// kubectl ARGS
func kubectl(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(place.Bin("kubectl"), args...)
	for began := time.Now(); err != nil && kubeletAway(ts.ReadFile("stderr")) && time.Since(began) < time.Minute; {
		time.Sleep(time.Second)
		err = ts.Exec(place.Bin("kubectl"), args...)
	}
	switch {
	case err != nil && !neg:
		ts.Fatalf("kubectl %s: %v", strings.Join(args, " "), err)
	case err == nil && neg:
		ts.Fatalf("kubectl %s succeeded; it should not have", strings.Join(args, " "))
	}
}

// kubeletAway says whether kubectl could not read a log, since another story has stopped the
// node's kubelet for a while.
func kubeletAway(said string) bool {
	return strings.Contains(said, ":10250: connect: connection refused") || strings.Contains(said, "could not find the requested resource ( pods/log")
}

// logs are kubectl logs, once the kubelet answers.
func logs(ctx context.Context, ts *testscript.TestScript, args ...string) (string, error) {
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	for {
		text, err := k.Run(ctx, append([]string{"logs", "-n", ts.Getenv("NS")}, args...)...)
		if err == nil || !kubeletAway(err.Error()) || ctx.Err() != nil {
			return text, err
		}
		time.Sleep(time.Second)
	}
}

// apply [FLAG…] FILE…: the flags are kubectl's.
func apply(ts *testscript.TestScript, neg bool, args []string) {
	var flags []string
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flags, args = append(flags, args[0]), args[1:]
	}
	for _, name := range args {
		filled := ts.MkAbs(name) + ".applied"
		text := os.Expand(ts.ReadFile(name), func(key string) string {
			if strings.HasPrefix(key, "(") { // $(TOPOLOGY_NAME) is for our hooks
				return "$" + key
			}
			return ts.Getenv(key)
		})
		ts.Check(os.WriteFile(filled, []byte(text), 0o644))
		kubectl(ts, neg, append([]string{"apply", "-f", filled}, flags...))
	}
}

var fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// guide N FILE
func (w *world) guide(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: guide N FILE")
	}
	text, err := os.ReadFile(filepath.Join(w.checkout, "docs", "guide.md"))
	ts.Check(err)
	number, err := strconv.Atoi(args[0])
	ts.Check(err)
	examples := fence.FindAllStringSubmatch(string(text), -1)
	if number < 1 || number > len(examples) {
		ts.Fatalf("the guide has %d yaml examples, none is number %d", len(examples), number)
	}
	example := strings.ReplaceAll(examples[number-1][1], "namespace: "+ofTheCluster.namespace+"\n", "namespace: "+w.shared.namespace+"\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(example), 0o644))
}

// repeat N FILE
func repeat(ts *testscript.TestScript, commands map[string]command, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: repeat N FILE")
	}
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	for round := 1; round <= times; round++ {
		ts.Setenv("ROUND", strconv.Itoa(round))
		ts.Logf("round %d", round)
		for _, line := range strings.Split(ts.ReadFile(args[1]), "\n") {
			words := strings.Fields(os.Expand(line, ts.Getenv))
			if len(words) == 0 || strings.HasPrefix(words[0], "#") {
				continue
			}
			run, known := commands[words[0]]
			if !known {
				ts.Fatalf("repeat knows no command %q", words[0])
			}
			ts.Logf("> %s", strings.Join(words, " "))
			run(ts, false, words[1:])
		}
	}
}

// figures start | figures
func (w *world) figures(ts *testscript.TestScript, _ bool, args []string) {
	now, err := measure(ts.Getenv("KUBECONFIG"))
	ts.Check(err)
	file := ts.MkAbs(".figures")
	if len(args) > 0 {
		ts.Check(os.WriteFile(file, []byte(now.encode()), 0o644))
		return
	}
	before, err := os.ReadFile(file)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), now.since(string(before)))
}
