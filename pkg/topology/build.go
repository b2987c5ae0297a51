package topology

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Build makes the children that a decision wants.
func Build(seen Observed, d Decision) []any {
	if d.made != nil {
		seen = *d.made
	}
	plan := seen.plan(d)
	var built []any
	switch {
	case seen.givenClaim() != "": // a person's own: it is no child
	case d.Claim == Made && seen.Claim == nil:
		built = append(built, children.MakeJarClaim(plan))
	case d.Claim != Absent && seen.Claim != nil:
		built = append(built, named("v1", "PersistentVolumeClaim", seen.Claim))
	}
	if d.Extract == Made && !seen.Extract.there() {
		built = append(built, children.MakeExtractJob(plan))
	} else if d.Extract != Absent {
		built = append(built, seen.Extract.named()...)
	}
	if d.Submit == Made && !seen.Submit.there() {
		built = append(built, seen.makeSubmit(plan))
	} else if d.Submit != Absent {
		built = append(built, seen.Submit.named()...)
		if stray := seen.Submit.Stray; stray != nil && (stray.ended() || seen.Parent.Paused()) {
			built = append(built, stray.named()...)
		}
	}
	return built
}

func (seen Observed) makeSubmit(plan children.Plan) any {
	if seen.Parent.Mode() == v1beta1.ExtractionInit {
		return children.MakeTopologyPod(plan)
	}
	return children.MakeSubmitJob(plan)
}

func (s Step) named() []any {
	switch {
	case s.Job != nil:
		return []any{named("batch/v1", "Job", s.Job)}
	case s.Pod != nil:
		return []any{named("v1", "Pod", s.Pod)}
	}
	return nil
}

// named is a child that stays as it is: its name alone. Under OnDelete nothing
// of it is ever applied; and should it be gone after all, the API server refuses
// to make one without a spec, so that no race makes a Job again (Musts 1 and 7).
func named(apiVersion, kind string, object metav1.Object) any {
	return map[string]any{
		"apiVersion": apiVersion,
		"kind":       kind,
		"metadata":   map[string]any{"name": object.GetName(), "namespace": object.GetNamespace()},
	}
}

func (seen Observed) plan(d Decision) children.Plan {
	plan := children.Plan{Topology: seen.Parent, Cluster: seen.Cluster, HelperImage: seen.Config.HelperImage, KeepJars: seen.keepJars()}
	if d.Attempts != nil {
		plan.Serves = seen.serves(*d.Attempts)
	}
	if seen.Cluster != nil {
		plan.Submission = seen.submissionFor()
	}
	return plan
}

// submissionFor is what the submit Job hands over to Storm.
func (seen Observed) submissionFor() storm.Submission {
	spec := seen.Parent.Spec
	identity := seen.Cluster.Status.Identity
	if identity == "" {
		identity = seen.Storm.Identity
	}
	submission := storm.Submission{
		Name:               seen.Parent.StormName(),
		MainClass:          spec.Topology.MainClass,
		Args:               seen.args(),
		Jar:                children.JarPath(seen.Parent.Name, seen.Target.Fingerprint.Jar),
		Seeds:              seen.Cluster.SeedHosts(),
		Port:               seen.Cluster.Port(),
		Identity:           identity,
		Settings:           maps.Clone(seen.Target.Settings),
		Fingerprint:        seen.Target.Fingerprint,
		Adopt:              seen.adopted(),
		Inactive:           seen.initialStatus() == storm.Inactive,
		KillWaitSeconds:    spec.KillWaitSeconds,
		ClientSettings:     maps.Clone(seen.Target.ClientSettings),
		MainTimeoutSeconds: int32(v1beta1.DefaultMainTimeout.Seconds()),
	}
	if seconds := spec.Topology.MainTimeoutSeconds; seconds != nil {
		submission.MainTimeoutSeconds = *seconds
	}
	if container := spec.Topology.Jar.Container; seen.Parent.Mode() == v1beta1.ExtractionVolume {
		submission.Jar = ""
		submission.Mounted = &storm.MountedImage{Root: children.ImageDir, Path: container.Path, Image: container.Image}
		if container.Checksum != nil {
			submission.Mounted.SHA256 = container.Checksum.SHA256
		}
	}
	return submission
}

func (seen Observed) args() []string {
	args := slices.Clone(seen.Parent.MainArgs())
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "$(TOPOLOGY_NAME)", seen.Parent.StormName())
	}
	return args
}

// keepJars are the JARs on the volume besides the target's that are still
// needed: the one of the revision that runs.
func (seen Observed) keepJars() []string {
	if ours := seen.ours(); ours != nil && ours.Fingerprint.Jar != "" && ours.Fingerprint.Jar != seen.Target.Fingerprint.Jar {
		return []string{ours.Fingerprint.Jar}
	}
	return nil
}
