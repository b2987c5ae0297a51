package address

import "net/netip"

// Refused says what kind of address it is, if a Nimbus cannot have it; empty if it can.
func Refused(ip netip.Addr) string {
	ip = embedded(ip.Unmap().WithZone(""))
	switch {
	case ip.IsLoopback():
		return Loopback
	case ip.IsLinkLocalUnicast(), ip.IsLinkLocalMulticast():
		return "a link-local address, which is never Nimbus's"
	case ip.IsUnspecified(), ip.IsMulticast(), notHosts.Contains(ip), ip == broadcast:
		return "which is not a host's address"
	case metadataServices[ip]:
		return "a cloud's metadata service"
	}
	return ""
}

// Loopback is the kind of the addresses of the machine itself.
const Loopback = "a loopback address, which is never Nimbus's"

var (
	notHosts  = netip.MustParsePrefix("0.0.0.0/8") // RFC 1122, 3.2.1.3
	broadcast = netip.MustParseAddr("255.255.255.255")

	// metadataServices are the clouds' metadata services that are not link-local.
	metadataServices = map[netip.Addr]bool{
		netip.MustParseAddr("100.100.100.200"): true, // Alibaba Cloud
		netip.MustParseAddr("168.63.129.16"):   true, // Azure's WireServer
		netip.MustParseAddr("192.0.0.192"):     true, // Oracle Cloud
		netip.MustParseAddr("fd00:ec2::254"):   true, // Amazon EC2
		netip.MustParseAddr("fd20:ce::254"):    true, // Google Cloud
	}

	// wrapsIPv4 are the IPv6 ranges that contain an IPv4 address, and its offset.
	wrapsIPv4 = []struct {
		in netip.Prefix
		at int
	}{
		{netip.MustParsePrefix("64:ff9b::/96"), 12},   // NAT64, RFC 6052
		{netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // local NAT64, RFC 8215
		{netip.MustParsePrefix("::/96"), 12},          // IPv4-compatible, RFC 4291
		{netip.MustParsePrefix("2002::/16"), 2},       // 6to4, RFC 3056
	}
)

// embedded is the IPv4 address that an IPv6 address contains, or the address itself.
func embedded(ip netip.Addr) netip.Addr {
	if ip.Is4() || ip.IsLoopback() || ip.IsUnspecified() {
		return ip
	}
	for _, w := range wrapsIPv4 {
		if w.in.Contains(ip) {
			bytes := ip.As16()
			return netip.AddrFrom4([4]byte(bytes[w.at : w.at+4]))
		}
	}
	return ip
}
