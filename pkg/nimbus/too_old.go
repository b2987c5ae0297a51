package nimbus

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// lowestVersion is the lowest version of Storm that has all that Stormhooks needs. A
	// rebalance of Storm 1 ignores the settings that it is to change.
	lowestVersion = "2.0.0"
	lowestMajor   = 2
)

// TooOldError: Nimbus answers, and lacks what Stormhooks needs. It lacks that until Storm
// is upgraded, so no call is repeated for it.
type TooOldError struct {
	// At is host:port, Version what Nimbus says of itself; empty if that is not known.
	At, Version string
	// Method is the call that Nimbus does not know; empty if its version is too low.
	Method string
}

func (e *TooOldError) Error() string {
	who := "Nimbus at " + e.At
	if e.Version != "" {
		who += " (Storm " + e.Version + ")"
	}
	lacks := "is too old"
	if e.Method != "" {
		lacks = "does not know the call " + e.Method
	}
	return fmt.Sprintf("%s %s. Stormhooks needs Storm %s or newer. Upgrade Storm, or set spec.nimbus of the StormCluster to another Nimbus", who, lacks, lowestVersion)
}

func (*TooOldError) worded() {}

// IsTooOld: Nimbus lacks what Stormhooks needs.
func IsTooOld(err error) bool { return as[*TooOldError](err) }

// unknownMethod says whether Nimbus does not know the method that was called.
func unknownMethod(err error) bool {
	var application thrift.TApplicationException
	return errors.As(err, &application) && application.TypeId() == thrift.UNKNOWN_METHOD
}

// tooOld is the error of a leader whose version is too low. A version without a number
// says nothing.
func tooOld(leader storm.Leader, at string) error {
	number, _, _ := strings.Cut(leader.Version, ".")
	if major, err := strconv.Atoi(number); err == nil && major < lowestMajor {
		return &TooOldError{At: at, Version: leader.Version}
	}
	return nil
}

// lacking completes the error of a call that the Nimbus at an address does not know.
func (c *Client) lacking(verdict error, at string) error {
	var old *TooOldError
	if errors.As(verdict, &old) {
		c.mu.Lock()
		defer c.mu.Unlock()
		old.At, old.Version = at, c.leader.Version
	}
	return verdict
}
