package children

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

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
