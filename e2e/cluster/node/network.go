package node

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

const (
	// IP is the node's address and its name; Machine is the machine's end.
	IP      = "10.77.0.1"
	Machine = "10.77.0.2"
	// Registry is where images are pushed to and pulled from.
	Registry = IP + ":5000"
	// DNS answers programs of the machine, for names that end in .svc.
	DNS = IP + ":5353"

	services = "10.96.0.0/16"
	pods     = "10.88.0.0/16"
	netns    = "stormhooks"
	veth     = "stormhooks0"
	netnsAt  = "/var/run/netns/" + netns
)

// lay makes the namespace, the veth pair and the routes.
func lay(ctx context.Context) error {
	commands := [][]string{
		{"ip", "netns", "add", netns},
		{"ip", "link", "add", veth, "type", "veth", "peer", "name", "node0", "netns", netns},
		{"ip", "addr", "add", Machine + "/24", "dev", veth},
		{"ip", "link", "set", veth, "up"},
		inside("ip", "addr", "add", IP+"/24", "dev", "node0"),
		inside("ip", "link", "set", "node0", "up"),
		inside("ip", "link", "set", "lo", "up"),
		inside("ip", "route", "add", "default", "via", Machine),
		{"ip", "route", "add", services, "via", IP},
		{"ip", "route", "add", pods, "via", IP},
	}
	for _, argv := range commands {
		if err := (run.Command{Argv: argv}).Run(ctx); err != nil {
			return fmt.Errorf("laying the network: %w", err)
		}
	}
	return nil
}

// lift removes the network; the routes go with the link.
func lift(ctx context.Context) error {
	if _, err := os.Stat(netnsAt); err == nil {
		if err := (run.Command{Argv: []string{"ip", "netns", "del", netns}}).Run(ctx); err != nil {
			return err
		}
	}
	if _, err := os.Stat("/sys/class/net/" + veth); err == nil {
		err := run.Command{Argv: []string{"ip", "link", "del", veth}}.Run(ctx)
		if err != nil && !strings.Contains(err.Error(), "Cannot find device") { // it goes with the namespace
			return err
		}
	}
	return nil
}

// inside is a command in the node's network namespace.
func inside(argv ...string) []string {
	return append([]string{"nsenter", "--net=" + netnsAt}, argv...)
}
