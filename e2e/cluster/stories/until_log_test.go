package stories

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// until-log LOG REGEXP TIME waits until kubectl logs LOG has a line REGEXP.
func untilLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: until-log LOG REGEXP TIME")
	}
	untilPrints(ts, args[1], args[2], "logs", "-n", ts.Getenv("NS"), args[0])
}

// until-kubectl REGEXP TIME ARGS waits until kubectl ARGS prints a line REGEXP, or fails
// with one.
func untilKubectl(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: until-kubectl REGEXP TIME ARGS")
	}
	untilPrints(ts, args[0], args[1], args[2:]...)
}

func untilPrints(ts *testscript.TestScript, pattern, within string, command ...string) {
	limit, err := time.ParseDuration(within)
	ts.Check(err)
	line, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	for {
		text, err := k.Run(ctx, command...)
		if err != nil {
			text = err.Error()
		}
		if line.MatchString(text) {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("kubectl %s has no line %s after %s:\n%s", strings.Join(command, " "), pattern, limit, text)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
