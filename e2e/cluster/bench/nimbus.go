package main

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

const nimbusNamespace = "storm-system"

// changed are the settings that figures change, in the options of Storm's daemons.
var changed = regexp.MustCompile(`,(nimbus\.monitor\.freq\.secs|executor\.metrics\.frequency\.secs)=\d+`)

// schedule starts Nimbus again where its scheduler's rounds are not so many seconds
// apart; 0 is what manifests/storm-dev gives it.
func (c *cluster) schedule(ctx context.Context, seconds int) error {
	if seconds == 0 {
		return c.configure(ctx, "nimbus", "")
	}
	return c.configure(ctx, "nimbus", fmt.Sprintf(",nimbus.monitor.freq.secs=%d", seconds))
}

// configure starts a daemon of Storm again where it does not have these settings besides those
// of manifests/storm-dev.
func (c *cluster) configure(ctx context.Context, daemon, settings string) error {
	const options = `jsonpath={.spec.template.spec.containers[0].env[?(@.name=="STORM_OPTIONS")].value}`
	set := "statefulset/" + daemon
	are, err := c.kubectl.Run(ctx, "get", set, "-n", nimbusNamespace, "-o", options)
	if err != nil {
		return err
	}
	want := changed.ReplaceAllString(are, "") + settings
	if want == are {
		return nil
	}
	if _, err := c.kubectl.Run(ctx, "set", "env", set, "-n", nimbusNamespace, "STORM_OPTIONS="+want); err != nil {
		return err
	}
	if _, err := c.kubectl.Run(ctx, "rollout", "status", set, "-n", nimbusNamespace, "--timeout="+patience.String()); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < patience; time.Sleep(time.Second) {
		if _, err = c.nimbus.List(ctx); err == nil {
			time.Sleep(settling)
			return nil
		}
	}
	return fmt.Errorf("no answer of Nimbus %s after it was started again: %w", patience, err)
}

// settling is how long a Nimbus that was started again needs until its supervisors
// have reported and the objects have been looked at.
const settling = 15 * time.Second
