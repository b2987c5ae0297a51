package cluster

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// whileSilent is how often a Storm that does not answer is called.
	whileSilent = 10 * time.Second
	// silentAfter is the minimum time between two looks without an answer before the
	// status reports it.
	silentAfter = 5 * time.Second
	// namedInMessage is the maximum number of topologies that a message names.
	namedInMessage = 5
)

// Decision is what a call decides.
type Decision struct {
	Ready conditions.State
	// Class says who must act; empty if no one must.
	Class conditions.Class
	// unchanged: keep the status as it is.
	unchanged   bool
	SilentSince *metav1.Time
	// Identity is that of the Storm that the StormCluster belongs to from now on.
	Identity  string
	LookAgain time.Duration
	Finalized bool
}

// Decide judges a StormCluster.
func Decide(seen Observed, now time.Time) Decision {
	d := Decision{Identity: seen.Parent.Status.Identity, LookAgain: seen.Parent.Poll()}
	switch {
	case seen.Finalizing:
		return seen.deleting(d)
	case seen.tlsProblem() != "":
		d.Ready, d.Class = conditions.False(v1beta1.InvalidSpec, seen.tlsProblem()), conditions.Stalled
		return d
	case seen.Storm.TooOld:
		d.Ready, d.Class = conditions.False(v1beta1.StormTooOld, seen.Storm.Problem), conditions.Stalled
		return d
	case !seen.Storm.Answered():
		return seen.silent(d, now)
	case seen.changed():
		d.Ready = conditions.False(v1beta1.ClusterChanged, fmt.Sprintf(
			"The seeds now lead to a different Storm (%s, was %s). Nothing is submitted or killed there. "+
				"Point spec.nimbus.seeds back, or confirm the new Storm: %s",
			seen.Storm.Identity, d.Identity,
			text.Command("kubectl", "annotate", "stormcluster", seen.Parent.Name, "-n", seen.Parent.Namespace, "--overwrite", v1beta1.AnnotationAcceptStorm+"="+seen.Storm.Identity)))
		d.Class = conditions.Stalled
		return d
	}
	d.Identity = seen.Storm.Identity
	if problem := cmp.Or(seen.otherMajor(), seen.nameless()); problem != "" {
		d.Ready, d.Class = conditions.False(v1beta1.InvalidSpec, problem), conditions.Stalled
		return d
	}
	d.Ready = conditions.True(v1beta1.Active, "Storm "+seen.Storm.Version+" answers."+seen.versionWarning())
	if seen.Storm.Supervisors == 0 {
		d.Ready.Message += " No supervisor reports to Nimbus, so no worker can run. Start the supervisors."
	}
	for _, remark := range []string{
		storm.TopologySettingsRemark(storm.TopologySettings(seen.Parent.Spec.Config)),
		storm.UndeclaredRemark("spec.config", storm.Undeclared(seen.Parent.Spec.Config, seen.Storm.Version), seen.Storm.Version),
	} {
		if remark != "" {
			d.Ready.Message += " " + remark
		}
	}
	return d
}

// tlsProblem is what is wrong with the authorities of Nimbus's certificate.
func (seen Observed) tlsProblem() string {
	tls := seen.Parent.Spec.Nimbus.TLS
	if tls == nil {
		return ""
	}
	_, problem := storm.Authorities(tls.CABundle)
	return problem
}

// deleting keeps a StormCluster while StormTopologies use it: without it Storm could
// not be called to kill them (Must 4).
func (seen Observed) deleting(d Decision) Decision {
	if seen.Users.Count == 0 {
		d.Finalized, d.LookAgain = true, 0
		d.Ready = conditions.False(v1beta1.Deleting, "No StormTopology uses this StormCluster any more.")
		return d
	}
	d.Class, d.LookAgain = conditions.Waiting, 0 // a topology that is removed triggers the next call
	names := seen.Users.First
	more := ""
	if n := seen.Users.Count - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	d.Ready = conditions.False(v1beta1.Deleting, fmt.Sprintf(
		"StormTopologies still use this StormCluster, which is needed to kill them in Storm: %s%s. Delete them: %s",
		strings.Join(names, ", "), more, text.Command(append([]string{"kubectl", "delete", "stormtopology", "-n", seen.Parent.Namespace}, names...)...)))
	return d
}

func (seen Observed) silent(d Decision, now time.Time) Decision {
	d.LookAgain, d.Class = whileSilent, conditions.Waiting
	d.Ready = conditions.Unknown(v1beta1.ClusterUnreachable, seen.Storm.Problem)
	d.SilentSince = seen.Parent.Status.SilentSince
	if d.SilentSince == nil || d.SilentSince.After(now) { // the clock of another hook server may be ahead
		t := metav1.NewTime(now.UTC().Truncate(time.Second))
		d.SilentSince = &t
	}
	d.unchanged = len(seen.Parent.Status.Conditions) > 0 && now.Sub(d.SilentSince.Time) < silentAfter &&
		seen.Parent.Status.ObservedGeneration == seen.Parent.Generation
	return d
}

// changed: a different Storm answers, and no annotation confirms it.
func (seen Observed) changed() bool {
	known, now := seen.Parent.Status.Identity, seen.Storm.Identity
	return known != "" && now != "" && known != now && seen.Parent.Annotations[v1beta1.AnnotationAcceptStorm] != now
}

// plainVersion says whether what a Storm calls its version begins with a digit: advice
// repeats no other text of a peer.
func plainVersion(version string) bool {
	return version != "" && version[0] >= '0' && version[0] <= '9' && !strings.ContainsAny(version, " \t")
}

// nameless: what is submitted could not be read or killed.
func (seen Observed) nameless() string {
	if seen.Storm.AuthorizesNames && seen.Parent.Spec.Nimbus.TLS == nil {
		return storm.Nameless
	}
	return ""
}

// otherMajor: Nimbus rejects every topology that is built with the image. The tag of an image
// of Apache Storm's own is Storm's version; that of another image may be any.
func (seen Observed) otherMajor() string {
	name, tag := seen.imageTag()
	if tag == "" || seen.Storm.RunsOthers || name != "storm" && name != "apache/storm" && !strings.HasSuffix(name, "/apache/storm") || !storm.OtherMajor(tag, seen.Storm.Version) {
		return ""
	}
	return fmt.Sprintf("Image %q (spec.image) has another major version than Storm %s, which accepts no topology that is built with it. What runs keeps running. Set spec.image to an image of Storm %s.",
		seen.Parent.Spec.Image, seen.Storm.Version, seen.Storm.Version)
}

// imageTag is the name of the image, and its tag if that can be compared with the version of
// the Storm.
func (seen Observed) imageTag() (name, tag string) {
	image, _, _ := strings.Cut(seen.Parent.Spec.Image, "@")
	slash := strings.LastIndex(image, "/") + 1
	last, tag, found := strings.Cut(image[slash:], ":")
	if !found || tag == "" || tag[0] < '0' || tag[0] > '9' || !plainVersion(seen.Storm.Version) {
		return "", ""
	}
	return image[:slash] + last, tag
}

// versionWarning: a topology is built with the Storm of the image, and run by this one.
func (seen Observed) versionWarning() string {
	version := seen.Storm.Version
	_, tag := seen.imageTag()
	if tag == "" || tag == version || strings.HasPrefix(tag, version+"-") {
		return ""
	}
	if storm.OtherMajor(tag, version) {
		return fmt.Sprintf(" Image %q (spec.image) has another major version by its tag, so Nimbus accepts no topology that is built with it, unless it is configured to (supervisor.worker.version.classpath.map). Use an image of Storm %s.", seen.Parent.Spec.Image, version)
	}
	return fmt.Sprintf(" Image %q (spec.image) has another version, and topologies are built with that one. Use an image of Storm %s.", seen.Parent.Spec.Image, version)
}
