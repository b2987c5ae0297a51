package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// jarNotReady claims a topology whose JAR must be extracted before it can be
// submitted.
func jarNotReady(seen Observed) (Decision, bool) {
	aim := seen.Aim
	switch {
	case !aim.copies():
		return pass()
	case aim.Claim != nil && aim.Claim.DeletionTimestamp != nil:
		return claimDeleting(seen), true
	case submitsFromClaim(aim):
		return pass()
	case aim.JarReady && aim.Extract.doneBeside():
		return podStays(seen), true
	case aim.JarReady:
		return pass()
	case aim.Claim == nil && aim.givenClaim() != "":
		return givenClaimMissing(seen), true
	case aim.Claim == nil:
		return claimMissing(seen), true
	}
	return extracting(seen), true
}

// submitsFromClaim: a submission of the aim is under way and reads its JAR from the
// claim; it does not matter that its extraction Job was deleted meanwhile.
func submitsFromClaim(aim Goal) bool {
	return aim.Claim != nil && aim.Submit.serves.Claim == string(aim.Claim.UID) && aim.Submit.State == Running
}

// preparing is what every wait for the JAR has in common.
func preparing(seen Observed) Decision {
	d := seen.keep(v1beta1.PhaseExtracting)
	if seen.Storm.Running() != nil || seen.Aim.Because != nil {
		d.Says.Phase = v1beta1.PhaseUpdating
	}
	d.Children.Submit = seen.Aim.Submit.keepEnded() // one of a previous revision must not continue
	return d
}

// claimDeleting: a claim that is being deleted waits for the pods that mount it,
// also for completed ones. So the Jobs go first.
func claimDeleting(seen Observed) Decision {
	d := preparing(seen)
	d.Children = Children{Claim: Left, Extract: Left, Submit: Left}
	return d.waiting(v1beta1.VolumePending,
		"%sPersistentVolumeClaim %s is being deleted; then the JAR is extracted to a new one. The volume waits for the pods under Used By: %s",
		seen.context(notSubmitted), seen.Aim.Claim.Name, text.Command("kubectl", "describe", "pvc", seen.Aim.Claim.Name, "-n", seen.Parent.Namespace)).again(whileLeftOut)
}

// podStays: the JAR is on the claim, and a container of another component keeps the pod
// from ending. Its Job is removed once the status remembers what it did: the pod may hold
// the volume, which may be for one node only.
func podStays(seen Observed) Decision {
	d, aim := preparing(seen), seen.Aim
	if aim.copiedBeside(seen.Parent.Status.Jar) {
		d.Children.Extract = Left
	}
	d.Remember.Attempts = &aim.Extract.Record
	return d.waiting(v1beta1.Extracting, "%sThe JAR has been extracted. Container %q, which another component put into the pod, still runs, so Stormhooks removes the pod. To keep such containers out, set the label or annotation of that component in spec.template.",
		seen.context(notSubmitted), text.Cut(text.Clean(aim.Extract.outlivedBy()), 63)).again(whileLeftOut)
}

// givenClaimMissing: a person creates the claim that the spec names.
func givenClaimMissing(seen Observed) Decision {
	d := preparing(seen)
	d.Children.Extract = Left
	return d.waiting(v1beta1.VolumePending,
		"%sPersistentVolumeClaim %q (spec.topology.jar.storage.claimName) does not exist in namespace %q. Create it, or correct the name. See: %s",
		seen.context(notSubmitted), seen.Aim.givenClaim(), seen.Parent.Namespace, text.Command("kubectl", "get", "pvc", "-n", seen.Parent.Namespace))
}

// claimMissing requests the claim.
func claimMissing(seen Observed) Decision {
	d, at := preparing(seen), seen.Aim.Volume
	d.Children.Claim, d.Children.Extract = Requested, Left
	d.Remember.Attempts = &at.Record
	d = d.waiting(v1beta1.VolumePending, "%sThe volume for the JAR is being created.", seen.context(notSubmitted))
	if at.problem != nil {
		d = d.withProblem(at, seen.context(notSubmitted))
	}
	return d.again(at.Recheck)
}

// extracting is where the extraction stands.
func extracting(seen Observed) Decision {
	d, at := preparing(seen), seen.Aim.Extract
	d.Remember.Attempts = &at.Record
	what := fmt.Sprintf("The JAR is being extracted from image %q.", seen.Aim.Parent.Spec.Topology.Jar.Container.Image)
	switch at.State {
	case Due:
		d.Children.Extract = Requested
	case Blocked:
		d.Children.Extract = Left
		what = "Waiting for the previous extraction's pod to exit."
	case Outdated:
		d.Children.Extract = Left
	}
	d.Says.Phase, what = seen.later(at, d.Says.Phase, what)
	d = d.waiting(v1beta1.Extracting, "%s%s", seen.context(notSubmitted), what)
	if at.problem != nil {
		d = d.withProblem(at, seen.context(notSubmitted))
	}
	return d.again(at.Recheck)
}
