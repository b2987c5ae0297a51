// Command coredns is CoreDNS with the plugins that the cluster's Corefile names
// (e2e/cluster/node/files): the whole one takes four times as long to build.
package main

import (
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/rewrite"
)

func main() { coremain.Run() }
