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
	aim, want := seen.Aim, d.Children
	plan := func() children.Plan { return planFor(seen, d.Remember.Attempts) }
	var built []any
	switch {
	case aim.givenClaim() != "": // a person's own: it is not a child
	case want.Claim == Requested && aim.Claim == nil:
		built = append(built, children.MakeJarClaim(plan()))
	case want.Claim != Left && aim.Claim != nil:
		built = append(built, reference("v1", "PersistentVolumeClaim", aim.Claim))
	}
	switch {
	case want.Extract == Requested && !aim.Extract.exists():
		built = append(built, children.MakeExtractJob(plan()))
	case want.Extract != Left:
		built = append(built, references(aim.Extract.Child)...)
	}
	switch {
	case want.Submit == Requested && !aim.Submit.exists() && !seen.mustRemember():
		built = append(built, submitChild(aim, plan()))
	case want.Submit != Left || seen.mustRemember():
		built = append(built, references(aim.Submit.Child)...)
		if other := aim.Submit.LeftOver; other != nil && (other.ended() || seen.Parent.Paused()) {
			built = append(built, references(*other)...)
		}
	}
	return built
}

func submitChild(aim Goal, plan children.Plan) any {
	if aim.Parent.Mode() == v1beta1.ExtractionInit {
		return children.MakeTopologyPod(plan)
	}
	return children.MakeSubmitJob(plan)
}

func references(c Child) []any {
	switch {
	case c.Job != nil:
		return []any{reference("batch/v1", "Job", c.Job)}
	case c.Pod != nil:
		return []any{reference("v1", "Pod", c.Pod)}
	}
	return nil
}

// reference keeps an existing child: only its name is sent. Under OnDelete nothing
// of it is ever applied; and should it be gone after all, the API server refuses to
// create one without a spec, so that no race creates a Job again (Musts 1 and 7).
func reference(apiVersion, kind string, object metav1.Object) any {
	return map[string]any{
		"apiVersion": apiVersion,
		"kind":       kind,
		"metadata":   map[string]any{"name": object.GetName(), "namespace": object.GetNamespace()},
	}
}

// planFor is what children towards the aim are made from.
func planFor(seen Observed, attempts *v1beta1.Attempts) children.Plan {
	plan := children.Plan{Topology: seen.Aim.Parent, Cluster: seen.Cluster, Helper: seen.Config.helper(seen.Aim), KeepJars: keepJars(seen), Drain: seen.longestDrain()}
	if attempts != nil {
		plan.Serves = serves(seen, *attempts)
	}
	if seen.Cluster != nil {
		plan.Submission = submissionTo(seen)
	}
	if attempts != nil && attempts.Revision == seen.Aim.Fingerprint.Revision {
		plan.Submission.Upload = uploadFor(*attempts)
	}
	return plan
}

// serves is what the next child of a step is made for.
func serves(seen Observed, at v1beta1.Attempts) children.Serves {
	aim := seen.Aim
	serves := children.Serves{
		Revision:    aim.Fingerprint.Revision,
		JarRevision: aim.Fingerprint.Jar,
		Attempt:     at.Number,
		Failures:    at.Failures,
		Spec:        aim.hash.get(),
	}
	if aim.Claim != nil {
		serves.Claim = string(aim.Claim.UID)
	}
	if at.Step == children.StepSubmit {
		serves.InitialStatus = seen.initialStatus()
		if name, beside := seen.submitName(); beside {
			serves.Beside = name
		}
	}
	return serves
}

// submissionTo is what the submit Job hands over to Storm.
func submissionTo(seen Observed) storm.Submission {
	aim, cluster := seen.Aim, seen.Cluster
	spec := aim.Parent.Spec
	identity := cluster.Status.Identity
	if identity == "" {
		identity = seen.Storm.View.Identity
	}
	name, neverKills := seen.submitName()
	submission := storm.Submission{
		Name:               name,
		NeverKills:         neverKills,
		MainClass:          spec.Topology.MainClass,
		Args:               mainArgs(aim.Parent),
		Jar:                children.JarPath(aim.Parent.Name, aim.Fingerprint.Jar),
		Seeds:              cluster.SeedHosts(),
		Port:               cluster.Port(),
		TLS:                children.PodTLS(cluster),
		Identity:           identity,
		Settings:           maps.Clone(aim.Settings),
		Components:         maps.Clone(aim.Scales),
		Fingerprint:        aim.Fingerprint,
		Runs:               seen.Parent.Status.StormID,
		Adopt:              adoptedID(aim.Parent),
		Inactive:           seen.initialStatus() == storm.Inactive,
		KillWaitSeconds:    spec.KillWaitSeconds,
		ClientSettings:     maps.Clone(aim.ClientSettings),
		MainTimeoutSeconds: int32(v1beta1.DefaultMainTimeout.Seconds()),
	}
	if free := seen.under(name); free.Gone() {
		submission.Free = free.Leader
	}
	if name != aim.Parent.StormName() {
		submission.MainName = aim.Parent.StormName()
	}
	if name != seen.lastName() {
		submission.Runs = ""
	}
	if seconds := spec.Topology.MainTimeoutSeconds; seconds != nil {
		submission.MainTimeoutSeconds = *seconds
	}
	container := spec.Topology.Jar.Container
	submission.Beside = len(container.Dependencies)+len(container.Files) > 0
	if aim.Parent.Mode() == v1beta1.ExtractionVolume {
		submission.Jar = ""
		submission.Beside = false
		submission.Mounted = &storm.MountedImage{Root: children.ImageDir, Path: container.Path, Image: container.Image, Dependencies: container.Dependencies, Files: container.Files}
		if container.Checksum != nil {
			submission.Mounted.SHA256 = container.Checksum.SHA256
		}
	}
	return submission
}

// mainArgs have the name of the topology. Any other $(NAME) is replaced in the pod, so that
// no object has its value. An escaped one stays escaped for it.
func mainArgs(parent *v1beta1.StormTopology) []string {
	const name = "$(" + storm.TopologyName + ")"
	named := strings.NewReplacer("$"+name, "$"+name, name, parent.StormName())
	args := slices.Clone(parent.MainArgs())
	for i := range args {
		args[i] = named.Replace(args[i])
	}
	return args
}

// keepJars are the JARs on the volume besides the aim's that are still needed: the
// one of the revision that runs.
func keepJars(seen Observed) []string {
	var kept []string
	for _, t := range []*storm.Topology{seen.Storm.Topology, seen.Other.Topology} {
		if t != nil && t.Fingerprint.Jar != "" && t.Fingerprint.Jar != seen.Aim.Fingerprint.Jar && !slices.Contains(kept, t.Fingerprint.Jar) {
			kept = append(kept, t.Fingerprint.Jar)
		}
	}
	return kept
}
