package children

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The bodies of the children of the guide's example, as the API server receives them. The stories of pkg/topology
// print a child as its difference from one of these.
func TestBodies(t *testing.T) {
	modes := map[v1beta1.ExtractionMode]Plan{}
	for _, mode := range []v1beta1.ExtractionMode{v1beta1.ExtractionCopy, v1beta1.ExtractionVolume, v1beta1.ExtractionInit} {
		modes[mode] = guide(mode)
	}
	extract := modes[v1beta1.ExtractionCopy]
	extract.Serves.InitialStatus = ""
	for name, body := range map[string]any{
		"claim":               MakeJarClaim(extract),
		"extract-copy":        MakeExtractJob(extract),
		"submit-copy":         MakeSubmitJob(modes[v1beta1.ExtractionCopy]),
		"submit-image-volume": MakeSubmitJob(modes[v1beta1.ExtractionVolume]),
		"init-container":      MakeTopologyPod(modes[v1beta1.ExtractionInit]),
	} {
		object, err := metacontroller.Untyped(body)
		if err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/"+name+".yaml", text)
	}
}

// guide is the plan of the guide's first example, with another way to its JAR.
func guide(mode v1beta1.ExtractionMode) Plan {
	const revision, jar = "d99eda8c74ab", "1324bae48605"
	topology, cluster := &v1beta1.StormTopology{}, &v1beta1.StormCluster{}
	topology.Name, topology.Namespace = "wordcount", "storm-system"
	topology.Spec.Topology.MainClass = "org.apache.storm.starter.WordCountTopology"
	container := &topology.Spec.Topology.Jar.Container
	container.Image = "apache/storm:2.8.1"
	container.Path = "/apache-storm/examples/storm-starter/storm-starter-topologies-2.8.1.jar"
	container.ExtractionMode = mode
	cluster.Spec.Image = "apache/storm:2.8.1"
	plan := Plan{
		Topology: topology, Cluster: cluster, Helper: Helper{Image: "stormhooks/stormhooks:test", Mounted: mode == v1beta1.ExtractionVolume},
		Serves: Serves{Revision: revision, JarRevision: jar, Claim: "claim-uid", Attempt: 1, Spec: "234d74861f3e", InitialStatus: storm.Active},
		Submission: storm.Submission{
			Name: "wordcount-container", MainClass: topology.Spec.Topology.MainClass, Args: []string{"wordcount-container"},
			Jar: JarPath("wordcount", jar), Seeds: []string{"nimbus.storm-system.svc"}, Port: 6627, Identity: "storm-1",
			Settings: map[string]any{"topology.workers": 2},
			Fingerprint: storm.Fingerprint{Cluster: "kube-uid", Owner: "storm-system/wordcount", UID: "uid-1", Generation: 1,
				Revision: revision, Jar: jar, Restart: "5ac41fa0166a", Cheap: "topology.workers"},
			MainTimeoutSeconds: 300,
		},
	}
	if mode == v1beta1.ExtractionVolume {
		plan.Submission.Jar = ""
		plan.Submission.Mounted = &storm.MountedImage{Root: ImageDir, Path: container.Path, Image: container.Image}
	}
	return plan
}

// With a client certificate for Nimbus the submitting container has it, and no other one.
func TestIdentityForNimbus(t *testing.T) {
	for _, mode := range []v1beta1.ExtractionMode{v1beta1.ExtractionCopy, v1beta1.ExtractionVolume, v1beta1.ExtractionInit} {
		plan := guide(mode)
		pod := func() corev1.PodSpec {
			if mode == v1beta1.ExtractionInit {
				return MakeTopologyPod(plan).Spec
			}
			return MakeSubmitJob(plan).Spec.Template.Spec
		}
		without := pod()
		plan.Cluster.Spec.Nimbus.TLS = &v1beta1.NimbusTLS{CABundle: "pem"}
		if diff := cmp.Diff(without, pod()); diff != "" || PodTLS(plan.Cluster).Identity != "" {
			t.Errorf("%s: TLS without a Secret changes the pod (-without +with):\n%s", mode, diff)
		}
		plan.Cluster.Spec.Nimbus.TLS.SecretRef = &v1beta1.SecretReference{Name: "nimbus-client"}
		with := pod()
		if !slices.ContainsFunc(with.Volumes, func(v corev1.Volume) bool {
			return v.Secret != nil && v.Secret.SecretName == "nimbus-client" && v.Secret.Optional != nil && *v.Secret.Optional
		}) {
			t.Errorf("%s: no volume with the Secret, which may be missing: %+v", mode, with.Volumes)
		}
		for _, c := range slices.Concat(with.InitContainers, with.Containers) {
			mounted := slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
				return m.Name == nimbusVolume && m.ReadOnly && m.MountPath == PodTLS(plan.Cluster).Identity
			})
			if mounted != (c.Name == SubmitContainer) {
				t.Errorf("%s: container %s has the certificate: %t", mode, c.Name, mounted)
			}
		}
	}
	if PodTLS(&v1beta1.StormCluster{}) != nil {
		t.Error("a StormCluster without TLS")
	}
}
