package storm

import (
	"fmt"
	"strings"
)

// Leader is the leading Nimbus, as Storm reports it.
type Leader struct {
	Host string
	Port int32
	// Start is when it started, in seconds since 1970, computed from its uptime: it
	// may differ by a second or two from one look to the next.
	Start   int64
	Version string
}

// At is its host:port.
func (l Leader) At() string {
	if strings.Contains(l.Host, ":") {
		return fmt.Sprintf("[%s]:%d", l.Host, l.Port)
	}
	return fmt.Sprintf("%s:%d", l.Host, l.Port)
}

// Same says whether both are the same run of the same Nimbus. An uploaded JAR belongs to
// that run: after a restart it is unknown whether it still exists. A Nimbus takes longer
// to start than the two seconds of uncertainty.
func (l Leader) Same(other Leader) bool {
	gap := l.Start - other.Start
	return l.Host == other.Host && l.Port == other.Port && -2 <= gap && gap <= 2
}

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
