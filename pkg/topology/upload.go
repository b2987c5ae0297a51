package topology

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// keptUpload is what a pod left on Nimbus, as the status has it.
func keptUpload(left storm.Upload) *v1beta1.JarUpload {
	at := func(seconds int64) *metav1.Time { return stamp(time.Unix(seconds, 0)) }
	return &v1beta1.JarUpload{
		Leader: left.Leader.At(), LeaderStarted: at(left.Leader.Start), Time: at(left.At),
		Location: left.Location, SHA256: left.SHA256, Repeated: left.Repeated, Refused: left.Refused,
	}
}

// uploadFor is what the next pod of the attempts begins with. A status may have been
// edited: what does not have the form of an upload is left out.
func uploadFor(attempts v1beta1.Attempts) storm.Upload {
	kept := attempts.Upload
	if kept == nil || attempts.Step != children.StepSubmit || kept.LeaderStarted == nil || kept.Time == nil {
		return storm.Upload{}
	}
	leader, _ := storm.LeaderAt(kept.Leader, kept.LeaderStarted.Unix())
	return storm.Upload{
		Location: kept.Location, Leader: leader, At: kept.Time.Unix(),
		SHA256: kept.SHA256, Repeated: kept.Repeated, Refused: kept.Refused,
	}.Believable()
}

// uploadLeft is what this attempt, if it failed, or one before it has left on Nimbus; nil
// once the next attempt need not know it. The time is that of the failure, by the clock of a
// hook server.
func uploadLeft(at Attempt, now time.Time) *v1beta1.JarUpload {
	kept := at.Record.Upload
	if message, _ := at.left(); message.Facts.Upload != (storm.Upload{}) {
		kept = keptUpload(message.Facts.Upload)
	}
	matters := uploadMatters
	if kept != nil && kept.Refused {
		matters = refusalMatters
	}
	if age(at.Record.FailedAt, now) >= matters {
		return nil
	}
	return kept
}
