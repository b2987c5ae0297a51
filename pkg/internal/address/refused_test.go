package address

import (
	"net/netip"
	"testing"
)

func TestRefused(t *testing.T) {
	for address, refused := range map[string]bool{
		"10.0.0.1": false, "192.168.1.1": false, "8.8.8.8": false, "2001:db8::1": false,
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "64:ff9b::7f00:1": true,
		"169.254.169.254": true, "fe80::1": true, "fe80::1%eth0": true, "0.0.0.0": true, "0.1.2.3": true, "::": true,
		"224.0.0.1": true, "255.255.255.255": true, "100.100.100.200": true, "fd00:ec2::254": true,
	} {
		if kind := Refused(netip.MustParseAddr(address)); (kind != "") != refused {
			t.Errorf("%s: %q", address, kind)
		}
	}
	if kind := Refused(netip.MustParseAddr("127.0.0.1")); kind != Loopback {
		t.Errorf("a loopback address is %q", kind)
	}
}
