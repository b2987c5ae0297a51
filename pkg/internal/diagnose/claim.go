package diagnose

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Claim is the problem of the claim for the JARs, as far as the claim alone shows it.
// A pending claim with a StorageClass is not a problem yet: many classes create the
// volume only for a pod, and that pod then shows what is wrong.
func Claim(claim *corev1.PersistentVolumeClaim, about Subject) *Problem {
	if claim == nil {
		return nil
	}
	switch {
	case claim.DeletionTimestamp != nil:
		return report(v1beta1.VolumePending,
			"PersistentVolumeClaim %s is being deleted. It is created again once the pods that used it are gone. See: %s",
			quote(claim.Name), lookClaim(claim))
	case claim.Status.Phase == corev1.ClaimLost:
		return report(v1beta1.VolumePending,
			"PersistentVolumeClaim %s has lost its volume %s. Delete the claim; it is created again: %s",
			quote(claim.Name), quote(claim.Spec.VolumeName), text.Command("kubectl", "delete", "pvc", claim.Name, "-n", claim.Namespace))
	case claim.Status.Phase == corev1.ClaimPending && classOf(claim) == "" && claim.Spec.VolumeName == "":
		return report(v1beta1.VolumePending,
			"PersistentVolumeClaim %s has no StorageClass, so it gets no volume. Mark a StorageClass as the default, set %s, or create a matching PersistentVolume. See: kubectl get storageclass",
			quote(claim.Name), fieldStorageClass)
	}
	return nil
}

// unbound is the problem of a claim that a pod waits for. Which of several claims it is,
// only the claims say.
func unbound(claim *corev1.PersistentVolumeClaim, v view) *Problem {
	if problem := Claim(claim, v.about); problem != nil {
		return problem
	}
	if claim == nil || v.claims() > 1 {
		return report(v1beta1.VolumePending,
			"%s waits for a volume. See why its PersistentVolumeClaims are not bound: %s",
			v.owner(), text.Command("kubectl", "describe", "pvc", "-n", v.pod.Namespace))
	}
	if claim.Status.Phase == corev1.ClaimBound {
		return nil // bound since then: the scheduler checks again by itself
	}
	return report(v1beta1.VolumePending,
		"PersistentVolumeClaim %s gets no volume from StorageClass %s. Check that the class exists and that its provisioner runs, or set %s. See: kubectl get storageclass; %s",
		quote(claim.Name), quote(classOf(claim)), fieldStorageClass, lookClaim(claim))
}

// claims is how many claims the pod uses.
func (v view) claims() (count int) {
	for _, volume := range v.pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil || volume.Ephemeral != nil {
			count++
		}
	}
	return count
}

// enlarge says how to enlarge the volume that a pod writes to. A changed size takes
// effect when the claim is created again, or where its StorageClass can grow it.
func (v view) enlarge() string {
	for _, volume := range v.pod.Spec.Volumes {
		source := volume.PersistentVolumeClaim
		if volume.Name != children.JarsVolume {
			continue // of the template, or of another component
		}
		if source == nil { // the pod's own folder on its node
			return fmt.Sprintf(" Free disk space on the node, or set %s to copy.", fieldMode)
		}
		if source.ClaimName != children.ClaimName(v.about.Topology) { // named in the spec: Stormhooks does not create it
			return " Remove files from it, or enlarge it where its StorageClass allows that: " +
				text.Command("kubectl", "edit", "pvc", source.ClaimName, "-n", v.pod.Namespace)
		}
		return fmt.Sprintf(" Set %s, then delete the claim; it is created again: %s",
			fieldStorageSize, text.Command("kubectl", "delete", "pvc", source.ClaimName, "-n", v.pod.Namespace))
	}
	return ""
}

func classOf(claim *corev1.PersistentVolumeClaim) string {
	if claim.Spec.StorageClassName == nil {
		return ""
	}
	return *claim.Spec.StorageClassName
}

func lookClaim(claim *corev1.PersistentVolumeClaim) string {
	return text.Command("kubectl", "describe", "pvc", claim.Name, "-n", claim.Namespace)
}
