// Command lyingstorm is a pod of Nimbuses that lie (e2e/lyingstorm), each at a
// port of its own:
//
//	lyingstorm HOST LIE=PORT[=LEADER]…
//
// HOST is what they call themselves. A circle names LEADER, host:port. Each lists
// one topology, which has the name of its lie and no fingerprint.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/lyingstorm"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lyingstorm:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: lyingstorm HOST LIE=PORT[=LEADER]…")
	}
	ended := make(chan error)
	for _, arg := range args[1:] {
		liar, err := parse(args[0], arg)
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", liar.Self.Port))
		if err != nil {
			return err
		}
		go func() { ended <- liar.Serve(listener) }()
	}
	return <-ended
}

func parse(host, arg string) (*lyingstorm.Storm, error) {
	words := strings.SplitN(arg, "=", 3)
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is not LIE=PORT[=LEADER]", arg)
	}
	self, err := address(host + ":" + words[1])
	if err != nil {
		return nil, err
	}
	liar := &lyingstorm.Storm{Lie: lyingstorm.Lie(words[0]), Self: self, Topologies: []lyingstorm.Topology{
		{ID: words[0] + "-1-1767268830", Name: words[0], Status: "ACTIVE", Conf: "{}"},
	}}
	if len(words) == 3 {
		liar.Other, err = address(words[2])
	}
	return liar, err
}

func address(text string) (lyingstorm.Address, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return lyingstorm.Address{}, err
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return lyingstorm.Address{}, fmt.Errorf("port of %q: %w", text, err)
	}
	return lyingstorm.Address{Host: host, Port: int32(number)}, nil
}
