package topology

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Build makes the children that a decision wants.
func Build(seen Observed, d Decision) []any {
	plan := seen.plan(d)
	var built []any
	if d.Claim == Made && seen.Claim == nil {
		built = append(built, children.MakeJarClaim(plan))
	} else if d.Claim != Absent && seen.Claim != nil {
		built = append(built, named("v1", "PersistentVolumeClaim", seen.Claim))
	}
	if d.Extract == Made && seen.Extract.Job == nil {
		built = append(built, children.MakeExtractJob(plan))
	} else if d.Extract != Absent && seen.Extract.Job != nil {
		built = append(built, named("batch/v1", "Job", seen.Extract.Job))
	}
	if d.Submit == Made && seen.Submit.Job == nil {
		built = append(built, children.MakeSubmitJob(plan))
	} else if d.Submit != Absent && seen.Submit.Job != nil {
		built = append(built, named("batch/v1", "Job", seen.Submit.Job))
	}
	return built
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
	plan := children.Plan{Topology: seen.Parent, HelperImage: seen.Config.HelperImage, KeepJars: seen.keepJars()}
	if d.Attempts != nil {
		plan.Serves = seen.serves(*d.Attempts)
	}
	if seen.Cluster != nil {
		plan.StormImage = seen.Cluster.Spec.Image
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
	return storm.Submission{
		Name:               seen.Parent.StormName(),
		MainClass:          spec.Topology.MainClass,
		Args:               seen.args(),
		Jar:                children.JarPath(seen.Target.Fingerprint.Jar),
		Seeds:              seen.Cluster.SeedHosts(),
		Port:               seen.Cluster.Port(),
		Identity:           identity,
		Settings:           maps.Clone(seen.Target.Settings),
		Fingerprint:        seen.Target.Fingerprint,
		KillWaitSeconds:    spec.KillWaitSeconds,
		MainTimeoutSeconds: int32(mainTimeout.Seconds()),
	}
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
