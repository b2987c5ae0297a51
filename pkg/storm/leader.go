package storm

import (
	"fmt"
	"strings"
)

// Leader is the Nimbus that leads, as Storm names it.
type Leader struct {
	Host string
	Port int32
	// Start is when it started, in seconds since 1970, worked out from its
	// uptime: it may be off by a second or two from one look to the next.
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

// Same says whether both are the same run of the same Nimbus. An uploaded JAR is
// a file of that run: after a restart it may be there still, but nobody knows.
// A Nimbus takes longer to come up than the two seconds of doubt.
func (l Leader) Same(other Leader) bool {
	gap := l.Start - other.Start
	return l.Host == other.Host && l.Port == other.Port && -2 <= gap && gap <= 2
}
