package storm

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Upload is a JAR on the disk of a Nimbus, or the parts of one that it failed at. A pod that
// failed reports it, the status keeps it, and the next pod begins with it:
//
//	pod ─ Left ─▶ termination message ─▶ status.attempts.upload ─▶ Submission ─ Begin ─▶ next pod
type Upload struct {
	// Location is its path in Nimbus's inbox, as Nimbus said; empty if Refused.
	Location string `json:"location,omitempty"`
	// Leader that has it.
	Leader Leader `json:"leader"`
	// At is when it was sent. The clock of another pod may differ. Then the start of the
	// same leader differs as much, so that the JAR counts as one of another run.
	At int64 `json:"at"`
	// SHA256 of the JAR, in hexadecimal; empty if Refused.
	SHA256 string `json:"sha256,omitempty"`
	// Repeated: it was sent a second time to the same run of the leader.
	Repeated bool `json:"repeated,omitempty"`
	// Refused: the leader failed at the JAR as often as a pod sends it.
	Refused bool `json:"refused,omitempty"`
}

// partsFor is how long a Nimbus keeps the parts of a JAR that it failed at
// (nimbus.inbox.jar.expiration.secs 3600).
const partsFor = 60 * 60

// Begin is a handover of a JAR that an earlier pod left on Nimbus. Where that one's parts are
// on the disk, the first failure ends it.
func Begin(left Upload, now int64) Seen {
	switch {
	case left.At > now+clockGap:
		return Seen{}
	case left.Refused && now-left.At < partsFor:
		return Seen{jarFailures: uploadsRefused - 1, countedAt: left.Leader}
	case left.Refused:
		return Seen{}
	}
	return Seen{Upload: left}
}

// Left is what a handover leaves on Nimbus.
func (s Seen) Left() Upload {
	if s.jarFailures >= uploadsRefused {
		return Upload{Leader: s.countedAt, At: s.Now, Refused: true}
	}
	return s.Upload
}

// longestLocation is the longest path in Nimbus's inbox that is kept.
const longestLocation = 512

// Believable is the upload if all of it has its form, or none. Nimbus says the location,
// and a user's program can write a termination message.
func (u Upload) Believable() Upload {
	whole := validLocation(u.Location) && validSum(u.SHA256) && !u.Refused
	parts := u.Location == "" && u.SHA256 == "" && u.Refused && !u.Repeated
	if !whole && !parts || !u.Leader.valid() || u.At < u.Leader.Start-clockGap || u.At >= latest {
		return Upload{}
	}
	return u
}

// validLocation says whether a text can be a path of the inbox, on Windows too. It is sent
// back to Nimbus, and shown to people.
func validLocation(path string) bool {
	return path != "" && len(path) <= longestLocation && strings.Trim(path, letters+`._-/\:`) == "" && !strings.Contains(path, "..")
}

func validSum(sum string) bool {
	bytes, err := hex.DecodeString(sum)
	return err == nil && len(bytes) == sha256.Size
}
