package cluster

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

const (
	// whileSilent is how often a Storm that does not answer is asked.
	whileSilent = 10 * time.Second
	// silentAfter is the least time between two looks that found it silent
	// before the status says so.
	silentAfter = 5 * time.Second
	// namedInMessage is how many topologies a message names.
	namedInMessage = 5
)

// Decision is what a call comes to.
type Decision struct {
	Ready conditions.State
	// Class says who has to act; empty where nobody has.
	Class diagnose.Class
	// asBefore: nothing is known better than the status says already.
	asBefore    bool
	SilentSince *metav1.Time
	// Identity is the Storm that the StormCluster stands for from now on.
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
	case !seen.Storm.Answered():
		return seen.silent(d, now)
	case seen.changed():
		d.Ready = conditions.False(v1beta1.ClusterChanged, fmt.Sprintf(
			"The seeds lead to another Storm (%s) than before (%s); nothing is submitted or killed there. "+
				"Point them at the former one, or, if it is meant: kubectl annotate stormcluster %s -n %s --overwrite %s=%s",
			seen.Storm.Identity, d.Identity, seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationAcceptStorm, seen.Storm.Identity))
		d.Class = diagnose.Stalled
		return d
	}
	d.Identity = seen.Storm.Identity
	d.Ready = conditions.True(v1beta1.Active, "Storm "+seen.Storm.Version+" answers."+seen.versionWarning())
	if seen.Storm.Supervisors == 0 {
		d.Ready.Message += " It has no supervisor, so no worker can run."
	}
	return d
}

// deleting holds a StormCluster while StormTopologies name it: without it
// nobody could tell Storm to kill them (Must 4).
func (seen Observed) deleting(d Decision) Decision {
	if len(seen.Topologies) == 0 {
		d.Finalized, d.LookAgain = true, 0
		d.Ready = conditions.False(v1beta1.Deleting, "No StormTopology names it any more.")
		return d
	}
	d.Class, d.LookAgain = diagnose.Waiting, 0 // a topology that goes wakes it
	names := make([]string, 0, namedInMessage)
	for _, topology := range seen.Topologies[:min(len(seen.Topologies), namedInMessage)] {
		names = append(names, topology.Name)
	}
	more := ""
	if n := len(seen.Topologies) - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	d.Ready = conditions.False(v1beta1.Deleting, fmt.Sprintf(
		"It is kept while StormTopologies name it, since they are killed in Storm through it: %s%s. Delete them: kubectl delete stormtopology -n %s %s",
		strings.Join(names, ", "), more, seen.Parent.Namespace, strings.Join(names, " ")))
	return d
}

func (seen Observed) silent(d Decision, now time.Time) Decision {
	d.LookAgain, d.Class = whileSilent, diagnose.Waiting
	d.Ready = conditions.Unknown(v1beta1.ClusterUnreachable, seen.Storm.Problem)
	d.SilentSince = seen.Parent.Status.SilentSince
	if d.SilentSince == nil {
		t := metav1.NewTime(now.UTC().Truncate(time.Second))
		d.SilentSince = &t
	}
	d.asBefore = len(seen.Parent.Status.Conditions) > 0 && now.Sub(d.SilentSince.Time) < silentAfter &&
		seen.Parent.Status.ObservedGeneration == seen.Parent.Generation
	return d
}

// changed: another Storm than before answers, and nobody has said that it is meant.
func (seen Observed) changed() bool {
	known, now := seen.Parent.Status.Identity, seen.Storm.Identity
	return known != "" && now != "" && known != now && seen.Parent.Annotations[v1beta1.AnnotationAcceptStorm] != now
}

// versionWarning: a topology is built by the image's Storm and run by this one.
func (seen Observed) versionWarning() string {
	image, _, _ := strings.Cut(seen.Parent.Spec.Image, "@")
	name := image[strings.LastIndex(image, "/")+1:]
	_, tag, found := strings.Cut(name, ":")
	version := seen.Storm.Version
	if !found || version == "" || tag == version || strings.HasPrefix(tag, version+"-") || tag[0] < '0' || tag[0] > '9' {
		return ""
	}
	return fmt.Sprintf(" Image %q (spec.image) has another version; topologies are built with that one. Use the same.", seen.Parent.Spec.Image)
}
