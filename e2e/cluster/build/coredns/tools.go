//go:build tools

// Package coredns pins CoreDNS, which the harness builds from here.
package coredns

import _ "github.com/coredns/coredns"
