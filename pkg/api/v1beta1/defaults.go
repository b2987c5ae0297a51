package v1beta1

import (
	"strconv"
	"strings"
	"time"
)

// Defaults of fields, and of behaviour that has no field.
const (
	DefaultNimbusPort        = 6627
	DefaultPollSeconds       = 30
	DefaultMainTimeout       = 300 * time.Second
	DefaultExtractionTimeout = 300 * time.Second
	DefaultStorageSize       = "1Gi"
	DefaultRetryLimit        = 3
	DefaultRetryBackoff      = 10 * time.Second
	DefaultRetryBackoffLimit = 5 * time.Minute
	DefaultRetryLater        = 10 * time.Minute
	// DeadlineReserve is how much longer than minReadySeconds a progress deadline is at
	// least: two of Storm's scheduling rounds, with room for a slow one, and a minute until a
	// worker reports its age again. What it reports first is 0 s, or some seconds.
	DeadlineReserve = 30*time.Second + time.Minute
)

// StormName is the name of the topology in Storm.
func (t *StormTopology) StormName() string {
	if t.Spec.Topology.Name != "" {
		return t.Spec.Topology.Name
	}
	return t.Name
}

// GreenSuffix ends the second name of a topology in Storm.
const GreenSuffix = "-green"

// GreenName is the second name of the topology in Storm, for updates with strategy
// BlueGreen.
func (t *StormTopology) GreenName() string { return t.StormName() + GreenSuffix }

// BlueGreen says whether a restart submits the new revision beside the running one.
func (t *StormTopology) BlueGreen() bool {
	return t.Spec.Update != nil && t.Spec.Update.Strategy == UpdateBlueGreen
}

// MainArgs are the arguments of main, with $(TOPOLOGY_NAME) not yet replaced.
func (t *StormTopology) MainArgs() []string {
	if t.Spec.Topology.Args == nil {
		return []string{"$(TOPOLOGY_NAME)"}
	}
	return t.Spec.Topology.Args
}

// Mode is the extraction mode, with its default.
func (t *StormTopology) Mode() ExtractionMode {
	if t.Spec.Topology.Jar.Container.ExtractionMode == "" {
		return ExtractionCopy
	}
	return t.Spec.Topology.Jar.Container.ExtractionMode
}

// Deletion is the deletion policy, with its default. The annotation abandon makes it
// Orphan.
func (t *StormTopology) Deletion() DeletionPolicy {
	if isTrue(t.Annotations[AnnotationAbandon]) || t.Spec.DeletionPolicy == DeletionOrphan {
		return DeletionOrphan
	}
	return DeletionKill
}

// Paused says whether the annotation paused is set.
func (t *StormTopology) Paused() bool { return isTrue(t.Annotations[AnnotationPaused]) }

// isTrue accepts what people write for true: "true", "True", "1".
func isTrue(text string) bool {
	yes, err := strconv.ParseBool(text)
	return err == nil && yes
}

// Port is the port of Nimbus, with its default.
func (c *StormCluster) Port() int32 {
	if c.Spec.Nimbus.Port == 0 {
		return DefaultNimbusPort
	}
	return c.Spec.Nimbus.Port
}

// Poll is how often a steady topology is checked.
func (c *StormCluster) Poll() time.Duration {
	if c.Spec.PollSeconds == 0 {
		return DefaultPollSeconds * time.Second
	}
	return time.Duration(c.Spec.PollSeconds) * time.Second
}

// SeedHosts are the seeds with names that work in every namespace: a name without a
// dot is a Service in the namespace of the StormCluster.
func (c *StormCluster) SeedHosts() []string {
	hosts := make([]string, len(c.Spec.Nimbus.Seeds))
	for i, seed := range c.Spec.Nimbus.Seeds {
		hosts[i] = seed
		if !strings.ContainsAny(seed, ".:") {
			hosts[i] = seed + "." + c.Namespace + ".svc"
		}
	}
	return hosts
}
