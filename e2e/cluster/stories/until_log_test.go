package stories

import (
	"context"
	"regexp"
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
	limit, err := time.ParseDuration(args[2])
	ts.Check(err)
	line, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	for {
		text, err := k.Run(ctx, "logs", "-n", ts.Getenv("NS"), args[0])
		if err == nil && line.MatchString(text) {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s has no line %s after %s (%v):\n%s", args[0], args[1], limit, err, text)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
