package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

// stepVolume is the step before the extraction: the claim.
const stepVolume = "Volume"

// jarReady says whether the target's JAR lies on the claim that is there; in
// modes without a claim whoever submits has it in its own pod.
func (seen Observed) jarReady(now time.Time) bool {
	return !seen.copies() || seen.Claim != nil && seen.Claim.DeletionTimestamp == nil && seen.extraction(now).at == done
}

// jarNotReady claims a topology whose JAR must be extracted before it can be
// submitted.
func jarNotReady(seen Observed, now time.Time) (Decision, bool) {
	switch {
	case !seen.copies():
		return Decision{}, false
	case seen.Claim != nil && seen.Claim.DeletionTimestamp != nil:
		return seen.claimGoing(), true
	case seen.jarReady(now) || seen.submitsFromClaim(now):
		return Decision{}, false
	case seen.Claim == nil && seen.givenClaim() != "":
		return seen.claimMissing(), true
	case seen.Claim == nil:
		return seen.claimDue(now), true
	}
	return seen.extracting(seen.extraction(now)), true
}

// submitsFromClaim: a submission of the target is under way and reads its JAR
// from the claim; that its extraction Job was deleted meanwhile is no matter.
func (seen Observed) submitsFromClaim(now time.Time) bool {
	at := seen.submission(now).at
	return seen.Claim != nil && seen.Submit.Serves.Claim == string(seen.Claim.UID) && at == working
}

// preparing is what every wait for the JAR has in common.
func (seen Observed) preparing() Decision {
	d := seen.keeping(v1beta1.PhaseExtracting)
	if seen.running() != nil {
		d.Phase = v1beta1.PhaseUpdating
	}
	d.Submit = seen.submitUnlessLive() // one of a former revision must not go on
	return d
}

// claimGoing: a claim that is being deleted waits for the pods that mount it,
// completed ones, too. So the Jobs go first.
func (seen Observed) claimGoing() Decision {
	d := seen.preparing()
	d.Claim, d.Extract, d.Submit = Absent, Absent, Absent
	return d.waiting(v1beta1.VolumePending,
		"%sPersistentVolumeClaim %s is being deleted; the JAR is extracted to a new one when it is gone. See kubectl describe pvc %s -n %s.",
		seen.runsOn(), seen.Claim.Name, seen.Claim.Name, seen.Parent.Namespace).again(soon)
}

// claimMissing: the claim that the spec names is for a person to make.
func (seen Observed) claimMissing() Decision {
	d := seen.preparing()
	d.Extract = Absent
	return d.waiting(v1beta1.VolumePending,
		"%sPersistentVolumeClaim %q (spec.topology.jar.storage.claimName) is not in namespace %q. Make it, or correct the name (kubectl get pvc -n %s).",
		seen.runsOn(), seen.givenClaim(), seen.Parent.Namespace, seen.Parent.Namespace)
}

// claimDue: the claim is asked for. The extraction waits until it is seen, since
// it bears its uid.
func (seen Observed) claimDue(now time.Time) Decision {
	d := seen.preparing()
	d.Claim, d.Extract, d.restsOnAbsence = Made, Absent, true
	attempts := v1beta1.Attempts{Revision: seen.Target.Fingerprint.Jar, Step: stepVolume, Number: 1, NamedAt: stamp(now)}
	if before := seen.Parent.Status.Attempts; before != nil && before.Step == stepVolume && before.NamedAt != nil {
		attempts.NamedAt = before.NamedAt
	}
	d.Attempts = &attempts
	if problem, ails := diagnose.Absent("PersistentVolumeClaim", children.ClaimName(seen.Parent.Name), seen.subject(), attempts.NamedAt.Time, now); ails {
		return seen.stating(d, standing{at: due, problem: problem}).again(whileRefused)
	}
	return d.waiting(v1beta1.VolumePending, "%sThe volume for the JAR is asked for.", seen.runsOn()).again(diagnose.RefusedAfter)
}

// extracting is what the extraction's standing comes to.
func (seen Observed) extracting(at standing) Decision {
	d := seen.preparing()
	d.Attempts = &at.attempts
	image := seen.Parent.Spec.Topology.Jar.Container.Image
	what := fmt.Sprintf("The JAR is being extracted from image %q.", image)
	switch at.at {
	case due:
		d.Extract = Made
	case blocked:
		d.Extract = Absent
		what = "A pod of the former extraction has not ended yet; the next one waits for it."
	case outdated:
		d.Extract = Absent
	}
	d = d.waiting(v1beta1.Extracting, "%s%s", seen.runsOn(), what)
	if at.ails {
		d = seen.stating(d, at)
	}
	return d.again(at.wait)
}

// stating says the problem of a step, after what runs on and before what follows.
func (seen Observed) stating(d Decision, at standing) Decision {
	d = d.ailing(at.problem)
	d.Ready.Message = seen.runsOn() + sentence(at.problem.Message)
	if at.at != retrying && at.at != outdated {
		return d
	}
	d.Class = diagnose.Waiting // the attempts are not used up yet
	if at.problem.Counts {     // what is tried for ever says so by itself
		d.Ready.Message += fmt.Sprintf(" It is tried again (%d of %d failed).", at.attempts.Failures, seen.retry().limit)
	}
	return d
}
