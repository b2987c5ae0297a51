package children

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

func TestWhoRunsThePod(t *testing.T) {
	type who struct {
		podUser, fsGroup, helper, extract *int64
	}
	usual, another := new(int64(helperUser)), new(int64(1000))
	for name, test := range map[string]struct {
		security *corev1.SecurityContext
		want     who
		reason   string
	}{
		"no securityContext": {nil, who{podUser: usual, fsGroup: usual}, "every container has the usual user"},
		"one that names a user": {&corev1.SecurityContext{RunAsUser: another}, who{fsGroup: usual, helper: usual, extract: another},
			"without an fsGroup that user could write to hardly any volume"},
		"one that names none": {&corev1.SecurityContext{Privileged: new(false)}, who{helper: usual},
			"the image's user runs, or the cluster chooses user and fsGroup"},
	} {
		for _, mode := range []v1beta1.ExtractionMode{v1beta1.ExtractionCopy, v1beta1.ExtractionInit} {
			t.Run(name+", "+string(mode), func(t *testing.T) {
				topology := &v1beta1.StormTopology{}
				topology.Name, topology.Spec.Topology.Jar.Container.SecurityContext = "wordcount", test.security
				topology.Spec.Topology.Jar.Container.ExtractionMode = mode
				plan := Plan{Topology: topology, Cluster: &v1beta1.StormCluster{}}
				spec := MakeExtractJob(plan).Spec.Template.Spec
				if mode == v1beta1.ExtractionInit {
					spec = MakeTopologyPod(plan).Spec
				}
				got := who{podUser: spec.SecurityContext.RunAsUser, fsGroup: spec.SecurityContext.FSGroup}
				for _, container := range append(spec.InitContainers, spec.Containers...) {
					switch container.Name {
					case HelperContainer:
						got.helper = container.SecurityContext.RunAsUser
					case ExtractContainer:
						got.extract = container.SecurityContext.RunAsUser
					}
				}
				if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(who{})); diff != "" {
					t.Errorf("%s (-want +got):\n%s", test.reason, diff)
				}
			})
		}
	}
}

// The helper replaces variables of jar.container.env in the command. Their values are not in
// the Job, and what a shell reads as $$ or $(date) stays.
func TestVariablesOfTheCommand(t *testing.T) {
	plan := guide(v1beta1.ExtractionCopy)
	container := &plan.Topology.Spec.Topology.Jar.Container
	container.Command = []string{"/bin/sh", "-c"}
	container.Args = []string{"fetch --token=$(TOKEN) --at=$(date) > /extracted/$$.jar; echo $$(USER_NAME)"}
	container.Env = []corev1.EnvVar{{Name: "TOKEN"}, {Name: "USER_NAME"}, {Name: "UNUSED"}}
	args := MakeExtractJob(plan).Spec.Template.Spec.Containers[0].Args
	want := []string{"--variable=TOKEN", "--variable=USER_NAME", "--work=/extracted", "--", "/bin/sh", "-c",
		"fetch --token=$$(TOKEN) --at=$$(date) > /extracted/$$$$.jar; echo $$$$(USER_NAME)"}
	if diff := cmp.Diff(want, args[len(args)-len(want):]); diff != "" {
		t.Error(diff)
	}
}

// bodies are all children of the plan's topology, by name, with what is a pod of them.
func bodies(plan func(v1beta1.ExtractionMode) Plan) (objects map[string]metav1.Object, pods map[string]corev1.PodTemplateSpec) {
	extract, submit := MakeExtractJob(plan(v1beta1.ExtractionCopy)), MakeSubmitJob(plan(v1beta1.ExtractionCopy))
	volume, pod := MakeSubmitJob(plan(v1beta1.ExtractionVolume)), MakeTopologyPod(plan(v1beta1.ExtractionInit))
	return map[string]metav1.Object{
			"claim": MakeJarClaim(plan(v1beta1.ExtractionCopy)), "extract": extract, "submit": submit, "image volume": volume, "pod": pod,
			"extract's pod": &extract.Spec.Template, "submit's pod": &submit.Spec.Template, "image volume's pod": &volume.Spec.Template,
		}, map[string]corev1.PodTemplateSpec{
			"extract": extract.Spec.Template, "submit": submit.Spec.Template, "image volume": volume.Spec.Template, "pod": {Spec: pod.Spec},
		}
}

// with is the guide's plan with a template, in the StormTopology or as the StormCluster's default.
func with(template v1beta1.PodTemplate, ofCluster bool) func(v1beta1.ExtractionMode) Plan {
	return func(mode v1beta1.ExtractionMode) Plan {
		plan := guide(mode)
		if ofCluster {
			plan.Cluster.Spec.Submission = &template
		} else {
			plan.Topology.Spec.Template = &template
		}
		return plan
	}
}

// A policy that requires labels or annotations judges each object by itself, so every child
// has those of the template. None of them takes the place of what Stormhooks reads.
func TestEveryChildHasTheTemplatesMetadata(t *testing.T) {
	template := v1beta1.PodTemplate{
		Labels:      map[string]string{"team": "data"},
		Annotations: map[string]string{"cost-center": "42", AnnotationAttempt: "7", AnnotationInitialStatus: "INACTIVE"},
	}
	for _, ofCluster := range []bool{false, true} {
		plain, _ := bodies(guide)
		objects, _ := bodies(with(template, ofCluster))
		for name, object := range objects {
			if object.GetLabels()["team"] != "data" || object.GetAnnotations()["cost-center"] != "42" {
				t.Errorf("%s has labels %v and annotations %v", name, object.GetLabels(), object.GetAnnotations())
			}
			labels, annotations := maps.Clone(object.GetLabels()), maps.Clone(object.GetAnnotations())
			delete(labels, "team")
			delete(annotations, "cost-center")
			if !maps.Equal(labels, plain[name].GetLabels()) || !maps.Equal(annotations, plain[name].GetAnnotations()) {
				t.Errorf("%s: besides, it has labels %v and annotations %v, want %v and %v", name, labels, annotations, plain[name].GetLabels(), plain[name].GetAnnotations())
			}
		}
	}
}

// A namespace's quotas and LimitRanges judge each container: the helper has what the main
// container has, which a person can set.
func TestTheHelperHasTheMainContainersResources(t *testing.T) {
	given := corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("200m")},
		Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("512Mi"),
			corev1.ResourceEphemeralStorage: resource.MustParse("1Gi")},
	}
	for name, plan := range map[string]func(v1beta1.ExtractionMode) Plan{
		"the defaults": guide,
		"given resources": func(mode v1beta1.ExtractionMode) Plan {
			plan := with(v1beta1.PodTemplate{Resources: &given}, false)(mode)
			plan.Topology.Spec.Topology.Jar.Container.Resources = &given
			return plan
		},
	} {
		_, pods := bodies(plan)
		for which, pod := range pods {
			if HelperOf(&pod.Spec).Mounted { // there is no container of it
				continue
			}
			helper := pod.Spec.InitContainers[0]
			if diff := cmp.Diff(pod.Spec.Containers[0].Resources, helper.Resources); diff != "" || helper.Name != HelperContainer {
				t.Errorf("%s, %s (-%s +%s):\n%s", name, which, pod.Spec.Containers[0].Name, helper.Name, diff)
			}
			for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
				if name != "the defaults" && c.Resources.Limits.StorageEphemeral().IsZero() {
					t.Errorf("%s: container %s has resources %v that no field gives", which, c.Name, c.Resources)
				}
			}
		}
	}
}

// The constraints of OpenShift's restricted-v2 for what a pod must not choose by itself, and
// of the restricted Pod Security Standard for what it must
// (openshift/cluster-kube-apiserver-operator, bindata/bootkube/scc-manifests;
// k8s.io/pod-security-admission/policy).
func TestASecurityContextOfTheTemplate(t *testing.T) {
	group := new(int64(2000))
	for name, test := range map[string]struct {
		given       *corev1.PodSecurityContext
		user, owner *int64
		ofCluster   bool
	}{
		"the cluster chooses":          {given: &corev1.PodSecurityContext{}},
		"the default of all":           {given: &corev1.PodSecurityContext{}, ofCluster: true},
		"a user and a group of volume": {given: &corev1.PodSecurityContext{RunAsUser: new(int64(1000)), FSGroup: group}, user: new(int64(1000)), owner: group},
	} {
		_, pods := bodies(with(v1beta1.PodTemplate{SecurityContext: test.given}, test.ofCluster))
		for which, pod := range pods {
			security := pod.Spec.SecurityContext
			if diff := cmp.Diff(test.user, security.RunAsUser); diff != "" {
				t.Errorf("%s, %s: user %s", name, which, diff)
			}
			if diff := cmp.Diff(test.owner, security.FSGroup); diff != "" || security.RunAsGroup != nil {
				t.Errorf("%s, %s: groups %+v", name, which, security)
			}
			if !*security.RunAsNonRoot || security.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s, %s breaks the restricted Pod Security Standard: %+v", name, which, security)
			}
			for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
				own := c.SecurityContext
				if own.RunAsUser != nil || own.RunAsGroup != nil || *own.AllowPrivilegeEscalation || !slices.Equal(own.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(own.Capabilities.Add) > 0 {
					t.Errorf("%s, %s: container %s has %+v", name, which, c.Name, own)
				}
			}
		}
	}
}

// In a cluster with Windows nodes the pods run on Linux, unless the template says otherwise.
func TestTheOperatingSystem(t *testing.T) {
	for name, test := range map[string]struct{ given, want map[string]string }{
		"no selector": {nil, map[string]string{"kubernetes.io/os": "linux"}},
		"another":     {map[string]string{"pool": "jobs"}, map[string]string{"pool": "jobs", "kubernetes.io/os": "linux"}},
		"its own":     {map[string]string{"kubernetes.io/os": "plan9"}, map[string]string{"kubernetes.io/os": "plan9"}},
	} {
		_, pods := bodies(with(v1beta1.PodTemplate{NodeSelector: test.given}, false))
		for which, pod := range pods {
			if diff := cmp.Diff(test.want, pod.Spec.NodeSelector); diff != "" {
				t.Errorf("%s, %s: %s", name, which, diff)
			}
		}
	}
}

// The command of the spec writes to a folder of its pod. No mount of Stormhooks has a
// subPath: the kubelet makes its folder as root, whom a volume may refuse.
func TestTheFolderOfACommand(t *testing.T) {
	topology := &v1beta1.StormTopology{}
	topology.Name, topology.Spec.Topology.Jar.Container.Command = "wordcount", []string{"/bin/sh"}
	plan := Plan{Topology: topology, Cluster: &v1beta1.StormCluster{}}
	for name, spec := range map[string]corev1.PodSpec{"copy": MakeExtractJob(plan).Spec.Template.Spec, "init-container": MakeTopologyPod(plan).Spec} {
		where := map[string]*corev1.EmptyDirVolumeSource{}
		for _, volume := range spec.Volumes {
			where[volume.Name] = volume.EmptyDir
		}
		found := false
		for _, container := range slices.Concat(spec.InitContainers, spec.Containers) {
			for _, mount := range container.VolumeMounts {
				if mount.SubPath != "" || mount.SubPathExpr != "" {
					t.Errorf("%s: %s of %s has a subPath", name, mount.Name, container.Name)
				}
				found = found || container.Name == ExtractContainer && mount.MountPath == extractedDir && !mount.ReadOnly && where[mount.Name] != nil
			}
		}
		if !found {
			t.Errorf("%s: the command has no folder of the pod", name)
		}
	}
}
