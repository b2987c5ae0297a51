package nimbus

import (
	"fmt"
	"net/netip"

	addresses "github.com/stormhooks/stormhooks/pkg/internal/address"
)

// checkAddress refuses addresses that a Nimbus cannot have. It checks the address that is
// dialled, whatever name or spelling resolved to it.
func checkAddress(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %q: %w", address, err)
	}
	kind := addresses.Refused(at.Addr())
	if kind == "" || kind == addresses.Loopback && loopback {
		return nil
	}
	return &refusedAddress{at.Addr().String(), kind}
}
