package storm

import "time"

// ReplicationWait is the setting that says for how many seconds a submission may wait for
// replicas of its JAR and conf (Nimbus.java waitForDesiredCodeReplication, v2.8.1).
// DefaultReplicationWait is its default (conf/defaults.yaml, v2.8.1).
const (
	ReplicationWait        = "topology.max.replication.wait.time.sec"
	DefaultReplicationWait = time.Minute
)

// ReplicationTime is how long a submission with this many seconds in ReplicationWait is
// waited for. Below 1 Storm waits without end. Stormhooks waits an hour at the longest.
func ReplicationTime(seconds int64) time.Duration {
	if seconds < 1 || seconds > 3600 {
		return time.Hour
	}
	return time.Duration(seconds) * time.Second
}

// OwnReplicationWait is how long a submission with these settings, typed by Settings, may
// wait for replicas by its own setting; 0 where they have none.
func OwnReplicationWait(settings map[string]any) time.Duration {
	if seconds, set := settings[ReplicationWait].(int64); set {
		return ReplicationTime(seconds)
	}
	return 0
}
