package storm

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Leader is the leading Nimbus, as Storm reports it.
type Leader struct {
	Host string `json:"host"`
	Port int32  `json:"port"`
	// Start is when it started, in seconds since 1970, computed from its uptime: it
	// may differ by a second or two from one look to the next.
	Start   int64  `json:"start"`
	Version string `json:"-"`
}

// At is its host:port.
func (l Leader) At() string {
	if strings.Contains(l.Host, ":") {
		return fmt.Sprintf("[%s]:%d", l.Host, l.Port)
	}
	return fmt.Sprintf("%s:%d", l.Host, l.Port)
}

// LeaderAt is the run of a Nimbus at a host:port, as At writes it; false for any other text.
func LeaderAt(at string, start int64) (Leader, bool) {
	colon := strings.LastIndexByte(at, ':')
	if colon < 0 {
		return Leader{}, false
	}
	host, inBrackets := strings.CutPrefix(at[:colon], "[")
	if inBrackets {
		host = strings.TrimSuffix(host, "]")
	}
	port, err := strconv.ParseInt(at[colon+1:], 10, 32)
	leader := Leader{Host: host, Port: int32(port), Start: start}
	return leader, err == nil && leader.valid()
}

// valid says whether it has the form of a leader.
func (l Leader) valid() bool {
	return ValidHost(l.Host) && 1 <= l.Port && l.Port <= math.MaxUint16 && 0 < l.Start && l.Start < latest
}

// latest is longer than any time in seconds since 1970 that a clock gives.
const latest = 1 << 40

// ValidHost says whether a peer's text can be the name or address of a host: it is
// dialled, and shown to people.
func ValidHost(host string) bool {
	return host != "" && len(host) <= 253 && strings.Trim(host, hostLetters) == ""
}

// hostLetters are the characters of host names, of addresses, and of their zones.
const hostLetters = letters + ".-_:%"

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// Same says whether both are the same run of the same Nimbus. An uploaded JAR belongs to
// that run: after a restart it is unknown whether it still exists. A Nimbus takes longer
// to start than the gap.
func (l Leader) Same(other Leader) bool {
	gap := l.Start - other.Start
	return l.Host == other.Host && l.Port == other.Port && -clockGap <= gap && gap <= clockGap
}

// clockGap is by how much the start of one run may differ, in seconds.
const clockGap = 2

// OtherMajor says whether two versions of Storm certainly have different major versions:
// Storm 3 runs no topology that was built with Storm 2, and the reverse.
func OtherMajor(version, other string) bool {
	first, second := major(version), major(other)
	return first != "" && second != "" && first != second
}

// major is the number before the first dot; empty if there is none.
func major(version string) string {
	number, _, dotted := strings.Cut(version, ".")
	if !dotted || number == "" || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}
