package topology

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// readers of all that a call carries. Their plans are made when the program
// starts, for what is read.
var readers = newReaders(metacontroller.Plans{})

type kindReaders struct {
	parents    metacontroller.Reader[v1beta1.StormTopology]
	clusters   metacontroller.Reader[v1beta1.StormCluster]
	claims     metacontroller.Reader[corev1.PersistentVolumeClaim]
	jobs       metacontroller.Reader[batchv1.Job]
	pods       metacontroller.Reader[corev1.Pod]
	namespaces metacontroller.Reader[corev1.Namespace]
}

func newReaders(plans metacontroller.Plans) kindReaders {
	return kindReaders{
		parents:    metacontroller.NewReader[v1beta1.StormTopology](plans, metacontroller.NobodyReads),
		clusters:   metacontroller.NewReader[v1beta1.StormCluster](plans, metacontroller.NobodyReads),
		claims:     metacontroller.NewReader[corev1.PersistentVolumeClaim](plans, unreadOfClaims),
		jobs:       metacontroller.NewReader[batchv1.Job](plans, unreadOfJobs),
		pods:       metacontroller.NewReader[corev1.Pod](plans, unreadOfPods),
		namespaces: metacontroller.NewReader[corev1.Namespace](plans, unreadOfNamespaces),
	}
}

// What nothing here reads of what others make, and is long. Whoever comes to read
// one of these takes it from the list: TestUnread fails else, and so does the
// simulation, which decides on typed objects and compares over the wire.
var (
	unreadOfClaims = metacontroller.NobodyReads.And(metacontroller.Unread{
		"spec":   {"accessModes": nil, "dataSource": nil, "dataSourceRef": nil, "resources": nil, "selector": nil},
		"status": {"accessModes": nil, "allocatedResources": nil, "capacity": nil, "conditions": nil, "modifyVolumeStatus": nil},
	})
	unreadOfNamespaces = metacontroller.NobodyReads.And(metacontroller.Unread{"spec": nil, "status": {"conditions": nil}})

	unreadOfContainers = metacontroller.Unread{
		"args": nil, "command": nil, "env": nil, "envFrom": nil, "lifecycle": nil, "livenessProbe": nil, "ports": nil, "readinessProbe": nil,
		"resources": nil, "startupProbe": nil, "terminationMessagePath": nil, "volumeDevices": nil, "volumeMounts": nil,
	}
	unreadOfPodSpecs = metacontroller.Unread{
		"containers": unreadOfContainers, "initContainers": unreadOfContainers,
		"affinity": nil, "dnsConfig": nil, "ephemeralContainers": nil, "hostAliases": nil, "nodeSelector": nil, "resources": nil, "tolerations": nil,
		"topologySpreadConstraints": nil,
	}
	unreadOfJobs = metacontroller.NobodyReads.And(metacontroller.Unread{
		"spec":   {"selector": nil, "podFailurePolicy": nil, "template": {"metadata": nil, "spec": unreadOfPodSpecs}},
		"status": {"uncountedTerminatedPods": nil},
	})

	unreadOfStatuses = metacontroller.Unread{
		"allocatedResources": nil, "allocatedResourcesStatus": nil, "containerID": nil, "imageID": nil, "lastState": nil, "resources": nil, "user": nil, "volumeMounts": nil,
	}
	unreadOfPods = metacontroller.NobodyReads.And(metacontroller.Unread{
		"spec": unreadOfPodSpecs.And(metacontroller.Unread{
			"containers": {"securityContext": nil}, "initContainers": {"securityContext": nil}, "securityContext": nil,
		}),
		"status": {
			"containerStatuses": unreadOfStatuses, "initContainerStatuses": unreadOfStatuses, "ephemeralContainerStatuses": nil,
			"allocatedResources": nil, "hostIPs": nil, "podIPs": nil, "resourceClaimStatuses": nil, "resources": nil,
		},
	})
)
