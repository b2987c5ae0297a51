package diagnose

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// row is a world with a problem, and the problem. Its message is in
// testdata/messages.golden.
type row struct {
	story, reason string
	job           *batchv1.Job
	pods          []corev1.Pod
	claim         *corev1.PersistentVolumeClaim
	about         Subject // the zero value is the usual one
	after         time.Duration
	want          kind
}

// kind is a Problem without its message.
type kind struct {
	Reason string
	Counts bool
}

var none = kind{}

func kindOf(p *Problem) kind {
	if p == nil {
		return none
	}
	return kind{p.Reason, p.Counts}
}

// valueOf is a Problem that can be compared.
func valueOf(p *Problem) Problem {
	if p == nil {
		return Problem{}
	}
	return *p
}

func waitingFor(reason string) kind { return kind{reason, false} }
func counts(reason string) kind     { return kind{reason, true} }

// one is a row with the Job's one pod.
func one(story, reason string, job *batchv1.Job, want kind, after time.Duration, changes ...func(*corev1.Pod)) row {
	return row{story: story, reason: reason, job: job, pods: []corev1.Pod{podOf(job, changes...)}, want: want, after: after}
}

// missing is a submission whose pod mounts ConfigMap wc-properties, in a world without a ConfigMap.
func missing(story, reason string, want kind, name string, changes ...func(*corev1.Pod)) row {
	r := one(story, reason, submitJob(), want, soon, append(changes, func(pod *corev1.Pod) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "properties", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "wc-properties"}}}})
	})...)
	r.about = Subject{Namespace: "storm-system", Topology: "wc", Cluster: "test-cluster", MissingConfigMaps: []string{name}}
	return r
}

// said is the end of a container whose helper reported why.
func said(failed problem.Problem) corev1.ContainerState {
	return ends("Error", 1, termination.Message{Problem: failed}.Encode())
}

// pulling is how containerd 2.3 begins.
const pulling = `failed to pull and unpack image "docker.io/mycompany/x:1": failed to resolve image: `

func rpc(code, text string) string { return "rpc error: code = " + code + " desc = " + pulling + text }

func backOff(text string) string {
	return `Back-off pulling image "mycompany/x:1": ErrImagePull: ` + text
}

var refusedRows = []row{
	{story: "quota pods=0", reason: "only the absence of the pod shows the rejection", job: extractJob(refused), after: later, want: waitingFor(v1beta1.PodRefused)},
	{story: "quota, not sure yet", reason: "Jobs and pods are two unordered watches", job: extractJob(refused), after: soon, want: none},
	{story: "quota, the API server's clock is ahead", reason: "the clock of the hook server counts", job: extractJob(refused),
		about: Subject{Namespace: "storm-system", Topology: "wc", RequestedAt: began.Add(-24*time.Hour - later)}, after: -24 * time.Hour, want: waitingFor(v1beta1.PodRefused)},
	{story: "quota, the API server's clock is behind", reason: "it was requested just now", job: extractJob(refused),
		about: Subject{Namespace: "storm-system", Topology: "wc", RequestedAt: began.Add(late - soon)}, after: late, want: none},
	{story: "submission refused", reason: "the same for each Job", job: submitJob(refused), after: later, want: waitingFor(v1beta1.PodRefused)},
	{story: "service account, priority class or runtime class missing", reason: "what the pod needs by name is named", after: later,
		job: extractJob(refused, func(job *batchv1.Job) {
			spec := &job.Spec.Template.Spec
			spec.ServiceAccountName, spec.PriorityClassName, spec.RuntimeClassName = "robot", "urgent", new("gvisor")
		}), want: waitingFor(v1beta1.PodRefused)},
	{story: "restricted namespace, the usual pod", reason: "the pod keeps the standard, so the cause is another one", job: extractJob(refused),
		about: Subject{Namespace: "storm-system", EnforcedLevel: "restricted"}, after: later, want: waitingFor(v1beta1.PodRefused)},
	{story: "restricted namespace, container may run as root", reason: "the broken rules are named", after: later,
		job: extractJob(refused, func(job *batchv1.Job) {
			job.Spec.Template.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{RunAsNonRoot: new(false), RunAsUser: new(int64(0))}
		}),
		about: Subject{Namespace: "storm-system", EnforcedLevel: "restricted"}, want: waitingFor(v1beta1.PodSecurityViolation)},
	{story: "baseline namespace, host path", reason: "baseline forbids it too", after: later,
		job: extractJob(refused, func(job *batchv1.Job) {
			job.Spec.Template.Spec.Volumes = append(job.Spec.Template.Spec.Volumes, corev1.Volume{Name: "node",
				VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}})
		}),
		about: Subject{Namespace: "storm-system", EnforcedLevel: "baseline"}, want: waitingFor(v1beta1.PodSecurityViolation)},
	{story: "pod made, not related yet", reason: "active says that a pod was accepted", job: extractJob(), after: later, want: none},
	{story: "a queue suspends the job", reason: "Kueue suspends Jobs like this", after: later,
		job: extractJob(refused, func(job *batchv1.Job) { job.Spec.Suspend = new(true) }), want: waitingFor(v1beta1.PodRefused)},
	{story: "no job controller", reason: "without a startTime the controller has not seen it", after: late,
		job: extractJob(func(job *batchv1.Job) { job.Status = batchv1.JobStatus{} }), want: waitingFor(v1beta1.PodRefused)},
	{story: "pods of another Job do not count", reason: "the pod of an earlier Job outlives it", job: extractJob(refused), after: later,
		pods: []corev1.Pod{podOf(extractJob(), has("extract", ends("OOMKilled", 137, "")), func(pod *corev1.Pod) { pod.OwnerReferences[0].UID = "former" })},
		want: waitingFor(v1beta1.PodRefused)},
}

var scheduleRows = []row{
	one("claim missing", "a person deleted it", extractJob(), waitingFor(v1beta1.VolumePending), soon,
		notBound("Unschedulable", `0/1 nodes are available: persistentvolumeclaim "topology-jar-wc" not found. not found`)),
	{story: "claim of an unknown class", reason: "the claim itself shows nothing", job: extractJob(), after: soon,
		claim: claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = new("nope") }),
		pods: []corev1.Pod{podOf(extractJob(), notBound("Unschedulable",
			`0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`))}, want: waitingFor(v1beta1.VolumePending)},
	{story: "claim without a class", reason: "the cluster has no default StorageClass", job: extractJob(), after: soon,
		claim: claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = nil }),
		pods: []corev1.Pod{podOf(extractJob(), notBound("Unschedulable",
			`0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`))}, want: waitingFor(v1beta1.VolumePending)},
	one("claim unbound, not in sight", "it may be another claim of the pod", extractJob(), waitingFor(v1beta1.VolumePending), soon,
		notBound("Unschedulable", `0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`)),
	{story: "two claims, one unbound", reason: "the text names none, and the own claim is bound", job: extractJob(), claim: claimIn(corev1.ClaimBound), after: soon,
		pods: []corev1.Pod{podOf(extractJob(), withClaim("data"), notBound("Unschedulable",
			`0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`))}, want: waitingFor(v1beta1.VolumePending)},
	{story: "claim lost", reason: "its volume was deleted", job: extractJob(), after: soon,
		claim: claimIn(corev1.ClaimLost, func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = "pv" }),
		pods: []corev1.Pod{podOf(extractJob(), notBound("Unschedulable",
			`0/1 nodes are available: persistentvolumeclaim "topology-jar-wc" bound to non-existent persistentvolume "pv". not found`))}, want: waitingFor(v1beta1.VolumePending)},
	{story: "claim bound since", reason: "the scheduler checks again by itself", job: extractJob(), claim: claimIn(corev1.ClaimBound), after: soon,
		pods: []corev1.Pod{podOf(extractJob(), notBound("Unschedulable",
			`0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found`))}, want: none},
	{story: "claim is being deleted", reason: "it is removed once its pods are gone", job: extractJob(), after: soon,
		claim: claimIn(corev1.ClaimBound, func(c *corev1.PersistentVolumeClaim) { c.DeletionTimestamp = &metav1.Time{Time: began} }),
		pods: []corev1.Pod{podOf(extractJob(), notBound("Unschedulable",
			`0/1 nodes are available: persistentvolumeclaim "topology-jar-wc" is being deleted. not found`))}, want: waitingFor(v1beta1.VolumePending)},
	{story: "volume being created", reason: "WaitForFirstConsumer is normal for a while", job: extractJob(), after: later, claim: waitsForConsumer(),
		pods: []corev1.Pod{podOf(extractJob(), notBound("", ""))}, want: none},
	{story: "no volume is created", reason: "the scheduler reports only after ten minutes", job: extractJob(), after: slowAfter, claim: waitsForConsumer(),
		pods: []corev1.Pod{podOf(extractJob(), notBound("", ""))}, want: waitingFor(v1beta1.VolumePending)},
	{story: "no volume is created, and the scheduler says so", reason: "SchedulerError", job: extractJob(), after: late, claim: waitsForConsumer(),
		pods: []corev1.Pod{podOf(extractJob(), notBound("SchedulerError",
			`running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded`))}, want: waitingFor(v1beta1.VolumePending)},
	one("node selector", "the numbers of nodes change with the cluster", extractJob(), waitingFor(v1beta1.Unschedulable), soon,
		notBound("Unschedulable", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")),
	one("cpu, memory and a taint", "reasons are sorted by their words, not their counts", extractJob(), waitingFor(v1beta1.Unschedulable), soon,
		notBound("Unschedulable", "0/17 nodes are available: 1 Insufficient memory, 3 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 13 Insufficient cpu. preemption: 0/17 nodes are available: 4 Preemption is not helpful for scheduling, 13 No preemption victims found for incoming pod.")),
	one("no words of the scheduler", "it must not be empty", extractJob(), waitingFor(v1beta1.Unschedulable), soon, notBound("Unschedulable", "0/1 nodes are available: ")),
	one("more reasons than a message has room for", "the rest is counted", extractJob(), waitingFor(v1beta1.Unschedulable), soon,
		notBound("Unschedulable", "0/9 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector, 3 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }. preemption: 0/9 nodes are available: 9 Preemption is not helpful for scheduling.")),
	one("scheduling gates", "Kueue and others block pods like this", extractJob(), waitingFor(v1beta1.Unschedulable), soon,
		notBound("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates")),
	one("no scheduler", "nothing has been reported for long", extractJob(), waitingFor(v1beta1.Unschedulable), slowAfter, notBound("", "")),
	one("just created", "the scheduler has time", extractJob(), none, soon, notBound("", "")),
}

func waitsForConsumer() *corev1.PersistentVolumeClaim {
	return claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) { c.Annotations = map[string]string{selectedNode: "node-1"} })
}

var imageRows = []row{
	one("no such tag", "containerd's not found", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("extract", waits("ErrImagePull", rpc("NotFound", "docker.io/mycompany/x:1: not found")))),
	one("no such tag, backing off", "the same problem in two states: the same bytes", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("extract", waits("ImagePullBackOff", backOff(rpc("NotFound", "docker.io/mycompany/x:1: not found"))))),
	one("no such tag, of containerd 2.0", "the beginning of the text differs", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("extract", waits("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/mycompany/x:1": failed to resolve reference "docker.io/mycompany/x:1": docker.io/mycompany/x:1: not found`))),
	one("no login", "the registry needs one", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", "unexpected status from HEAD request to https://registry/v2/mycompany/x/manifests/1: 401 Unauthorized")))),
	{story: "wrong or missing pull secret", reason: "the spec's secrets are named", job: extractJob(), after: soon,
		about: Subject{Namespace: "storm-system", Cluster: "test-cluster", PullSecrets: []string{"registry-credentials"}},
		pods: []corev1.Pod{podOf(extractJob(), has("extract", waits("ErrImagePull",
			rpc("Unknown", "unexpected status from HEAD request to https://registry/v2/mycompany/x/manifests/1: 401 Unauthorized"))))},
		want: waitingFor(v1beta1.ImagePullFailed)},
	one("the service account's own pull secret", "admission added it to the pod", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth/token?scope=repository%3Amycompany%2Fx%3Apull&service=r: 403 Forbidden"))),
		func(pod *corev1.Pod) {
			pod.Spec.ServiceAccountName, pod.Spec.ImagePullSecrets = "robot", []corev1.LocalObjectReference{{Name: "a"}, {Name: "b"}}
		}),
	one("private, or it does not exist", "Docker Hub does not tell which", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed")))),
	one("registry's name unknown", "the address of the resolver changes", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", `failed to do request: Head "https://registry/v2/x": dial tcp: lookup registry on 10.96.0.10:53: no such host`)))),
	one("registry away", "its port is the image's, and that of the client changes", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ImagePullBackOff", backOff(rpc("Unavailable", `failed to do request: Head "https://registry/v2/x": dial tcp 10.0.0.9:5000: connect: connection refused`))))),
	one("registry too slow", "a timeout of the client", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("DeadlineExceeded", `failed to do request: Head "https://registry/v2/x": read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout`)))),
	one("registry's certificate", "x509 texts contain the time", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2031-07-19T13:47:53Z is after 2031-01-01T00:00:00Z`)))),
	one("too many requests", "Docker Hub's limit", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", "unexpected status from HEAD request: 429 Too Many Requests")))),
	one("a torn layer", "not found ends that text too", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/mycompany/x:1": failed to extract layer sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef: failed to get reader from content store: content digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef: not found`))),
	one("no disk space", "the node's, not the registry's", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", `failed to pull and unpack image "docker.io/mycompany/x:1": failed to extract layer sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef: write /var/lib/containerd/x: no space left on device`))),
	one("a signature", "a policy of the node", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("SignatureValidationFailed", `image pull failed for mycompany/x:1 because the signature validation failed: Source image rejected: A signature was required, but no signature exists`))),
	one("a registry without HTTPS", "the client speaks HTTPS", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", `failed to do request: Head "https://registry/v2/x": http: server gave HTTP response to HTTPS client`)))),
	one("no route to the registry", "a firewall", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", `failed to do request: Head "https://registry/v2/x": dial tcp 10.0.0.9:443: connect: no route to host`)))),
	one("the registry's connection breaks", "a proxy between", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", `failed to do request: Head "https://registry/v2/x": read tcp 10.0.0.7:43210->10.0.0.9:443: read: connection reset by peer`)))),
	one("the registry fails", "its own error", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("RegistryUnavailable", `image pull failed for mycompany/x:1 because the registry is unavailable: unexpected status from HEAD request: 503 Service Unavailable`))),
	one("an image that the node cannot read", "its copy is torn", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ImageInspectError", `Failed to inspect image "mycompany/x:1": rpc error: code = Unknown desc = failed to get image: blob is torn`))),
	one("a bad name, and why", "the reference has a rule", extractJob(), counts(v1beta1.InvalidSpec), soon,
		has("extract", waits("InvalidImageName", `Failed to apply default image tag "My/X:1": couldn't parse image name`)), func(pod *corev1.Pod) { pod.Spec.Containers[0].Image = "My/X:1" }),
	one("policy Never of the submission", "no field of a StormTopology sets it", submitJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("ErrImageNeverPull", `Container image "apache/storm:2.8.1" is not present with pull policy of Never`))),
	one("another processor", "not found ends that text too", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("NotFound", "no match for platform in manifest: not found")))),
	one("no cause", "the back-off without the error, as before Kubernetes 1.32", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ImagePullBackOff", `Back-off pulling image "mycompany/x:1"`))),
	one("an unknown cause", "shortened, without what changes", extractJob(), waitingFor(v1beta1.ImagePullFailed), soon,
		has("extract", waits("ErrImagePull", rpc("Unknown", "the registry's \x00 disk\n is on fire since 2031-07-19T13:47:53Z (10.0.0.7:43210->10.0.0.9:5000, layer sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef)")))),
	one("bad reference", "the spec must change", extractJob(), counts(v1beta1.InvalidSpec), soon,
		has("extract", waits("InvalidImageName", `Failed to apply default image tag "mycompany/x:1": couldn't parse image name`))),
	one("bad reference in the StormCluster", "the spec of the StormTopology need not change", submitJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("InvalidImageName", "couldn't parse image name"))),
	one("policy Never", "a person loads images onto the nodes", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("extract", waits("ErrImageNeverPull", `Container image "mycompany/x:1" is not present with pull policy of Never`))),
	one("Storm's image", "it is the StormCluster's", submitJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("ErrImagePull", rpc("NotFound", "docker.io/apache/storm:2.8.1: not found")))),
	one("the helper's image", "the operator of the hook server sets it", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("helper", waits("ImagePullBackOff", backOff(rpc("NotFound", "docker.io/stormhooks/stormhooks:v1: not found"))))),
	one("a mesh's sidecar", "another component injected it", extractJob(), waitingFor(v1beta1.ImageNotFound), soon,
		func(pod *corev1.Pod) {
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, corev1.Container{Name: "istio-init", Image: "istio/proxy:1"})
			set(&pod.Status.InitContainerStatuses, "istio-init", waits("ErrImagePull", "docker.io/istio/proxy:1: not found"))
		}),
	one("an image volume", "only the text names its image", submitJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/mycompany/x:1": docker.io/mycompany/x:1: not found`)),
		func(pod *corev1.Pod) {
			pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "image",
				VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: "mycompany/x:1"}}})
		}),
	one("pulling", "it takes a minute here", extractJob(), none, later),
	one("pulling or mounting for long", "only events know more", extractJob(), waitingFor(v1beta1.ContainerFailed), slowAfter),
	one("a Secret that may be missing", "the hook server may not read Secrets", submitJob(), waitingFor(v1beta1.ContainerFailed), slowAfter, func(pod *corev1.Pod) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "keys", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "wc-keys"}}},
			corev1.Volume{Name: "all", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "wc-others"}}},
				{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "wc-optional"}, Optional: new(true)}}}}}})
	}),
	missing("a ConfigMap of a volume is missing", "the pod waits until it exists", waitingFor(v1beta1.ContainerFailed), "wc-properties"),
	missing("another ConfigMap is missing", "the pod does not mount it", none, "others"),
	missing("a ConfigMap was deleted behind the mount", "what runs has it", none, "wc-properties", has("submit", runs())),
	one("a limit that nothing fits into", "the sandbox of the pod does not start either", extractJob(), waitingFor(v1beta1.ContainerFailed), slowAfter, memory("2Mi"), func(pod *corev1.Pod) { pod.Spec.InitContainers[0].Resources = pod.Spec.Containers[0].Resources }),
	one("extracting for long", "what runs has its own timeout", extractJob(), none, late, has("extract", runs())),
}

var containerRows = []row{
	one("secret for env missing", "it continues once it has been created", extractJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("extract", waits("CreateContainerConfigError", `secret "nope" not found`))),
	one("key of a secret missing", "the secret is there", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerConfigError", `couldn't find key password in Secret storm-system/db`))),
	one("the kubelet's cache of a secret", "no object is missing", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerConfigError", `failed to sync secret cache: timed out waiting for the condition`))),
	one("a configuration without a text", "the message must not end in the middle", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerConfigError", ""))),
	one("a folder on NFS", "the kubelet is root, whom root_squash turns into another user", extractJob(), counts(v1beta1.VolumeNotWritable), soon,
		has("extract", waits("CreateContainerConfigError", `failed to create subPath directory for volumeMount "jars" of container "extract"`))),
	one("a folder on NFS that is there", "the kubelet may not look into it", submitJob(), counts(v1beta1.VolumeNotWritable), soon,
		has("submit", waits("CreateContainerConfigError", `failed to prepare subPath for volumeMount "data" of container "submit"`))),
	one("root by the pod", "the spec names user 0", extractJob(), counts(v1beta1.ContainerFailed), soon,
		has("extract", waits("CreateContainerConfigError", `container's runAsUser breaks non-root policy (pod: "topology-jar-extract-wc-x7k2p_storm-system(0b1c2d3e-1111-2222-3333-444455556666)", container: extract)`))),
	one("a user without a number", "the kubelet cannot look into /etc/passwd of the image", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerConfigError", `container has runAsNonRoot and image has non-numeric user (storm), cannot verify user is non-root (pod: "topology-submit-wc-x7k2p_storm-system(0b1c2d3e-1111-2222-3333-444455556666)", container: submit)`))),
	one("an injected container as root", "it is not the StormTopology's", extractJob(), waitingFor(v1beta1.ContainerFailed), soon,
		injected(waits("CreateContainerConfigError", `container has runAsNonRoot and image will run as root (pod: "topology-jar-extract-wc-x7k2p_storm-system(0b1c2d3e-1111-2222-3333-444455556666)", container: istio-init)`))),
	one("an image volume that the runtime cannot mount", "the text of containerd 2.3", imageVolumeJob(), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", waits("CreateContainerError", `ImageVolumeMountFailed: failed to mount image volume component "/run/containerd/io.containerd.grpc.v1.cri/image-volumes/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x": operation not supported`))),
	one("an image volume that the runtime does not know", "the text of containerd 2.0: the mount has no path", imageVolumeJob(), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", waits("CreateContainerError", `failed to generate container "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" spec: failed to apply OCI options: failed to mkdir "": mkdir : no such file or directory`))),
	one("the same text without an image volume", "another mount", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerError", `failed to generate container "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" spec: failed to apply OCI options: failed to mkdir "": mkdir : no such file or directory`))),
	one("a helper for another processor", "its own image is at fault", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon,
		has("helper", ends("StartError", 128, `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec /stormhooks: exec format error`))),
	one("a mounted helper for another processor", "its own image is at fault, not Storm's", imageVolumeJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", ends("StartError", 128, `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec /stormhooks/bin/stormhooks: exec format error`))),
	one("a helper image that the runtime cannot mount", "no other image is mounted", mountingJob(), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", waits("CreateContainerError", `ImageVolumeMountFailed: failed to mount image volume component "/run/containerd/io.containerd.grpc.v1.cri/image-volumes/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x": operation not supported`))),
	one("a helper image that the runtime does not find", "an image that was loaded into the node and not pulled; the text names it", imageVolumeJob(), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", waits("CreateContainerError", `ImageVolumeMountFailed: failed to get image volume ref "docker.io/stormhooks/stormhooks:v1": not found`))),
	one("a helper mounted noexec, runc", "the runtime decides how it mounts", imageVolumeJob(jobFailed), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", ends("StartError", 128, `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/stormhooks/bin/stormhooks": permission denied`))),
	one("a helper mounted noexec, crun", "it names no file", mountingJob(), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", waits("CreateContainerError", `container create failed: open executable: Permission denied`))),
	one("a helper mounted as an empty folder", "or its image is not one of Stormhooks", imageVolumeJob(jobFailed), counts(v1beta1.ImageVolumeUnsupported), soon,
		has("submit", ends("StartError", 128, `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/stormhooks/bin/stormhooks": stat /stormhooks/bin/stormhooks: no such file or directory`))),
	one("a mounted helper that is not pulled", "only the text names it", imageVolumeJob(), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/stormhooks/stormhooks:v1": docker.io/stormhooks/stormhooks:v1: not found`))),
	one("an image whose name begins with the helper's", "the longer name is meant", imageVolumeJob(withImage("stormhooks/stormhooks:v1-jar")), waitingFor(v1beta1.ImageNotFound), soon,
		has("submit", waits("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/stormhooks/stormhooks:v1-jar": docker.io/stormhooks/stormhooks:v1-jar: not found`))),
	one("a mounted helper beside a start that fails", "another mount of the pod is not permitted", mountingJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("CreateContainerError", `failed to generate container spec: failed to mkdir "/data": permission denied`))),
	one("a start without a text", "the runtime may give none", submitJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("submit", waits("RunContainerError", ""))),
	one("an injected container that cannot start", "it is not the StormTopology's", extractJob(), waitingFor(v1beta1.ContainerFailed), soon,
		injected(waits("CrashLoopBackOff", "back-off 20s restarting failed container=istio-init pod=topology-jar-extract-wc-x7k2p_storm-system(0b1c2d3e-1111-2222-3333-444455556666)"))),
	one("an injected container that fails", "it is not the StormTopology's", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon,
		injected(ends("Error", 3, "")), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }),
	one("an injected container that is out of memory", "it has a limit of its own", extractJob(jobFailed), waitingFor(v1beta1.OutOfMemory), soon,
		injected(ends("OOMKilled", 137, "")), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }),
	one("an injected container that does not end", "the next containers wait for it", extractJob(), waitingFor(v1beta1.ContainerFailed), slowAfter,
		injected(runs())),
	one("root image", "the spec must change", extractJob(), counts(v1beta1.ContainerFailed), soon,
		has("extract", waits("CreateContainerConfigError", `container has runAsNonRoot and image will run as root (pod: "topology-jar-extract-wc-x7k2p_storm-system(0b1c2d3e-1111-2222-3333-444455556666)", container: extract)`))),
	one("command missing", "for example an image for another processor", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon,
		has("extract", ends("StartError", 128, `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/stormhooks/bin/stormhooks": stat /stormhooks/bin/stormhooks: no such file or directory`))),
	one("the runtime cannot create it", "a cause outside of the pod", extractJob(), waitingFor(v1beta1.ContainerFailed), soon,
		has("extract", waits("CreateContainerError", `failed to reserve container name "extract_topology-jar-extract-wc-x7k2p_storm-system_0b1c2d3e-1111-2222-3333-444455556666_0": name is reserved for "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`))),
	one("out of memory", "a retry cannot fix it", extractJob(jobFailed), counts(v1beta1.OutOfMemory), soon, has("extract", ends("OOMKilled", 137, ""))),
	one("out of memory, the submission", "it has another limit", submitJob(jobFailed), counts(v1beta1.OutOfMemory), soon, has("submit", ends("OOMKilled", 137, ""))),
	one("out of memory, the user's command only", "the helper, which survives, cannot always tell", extractJob(jobFailed), counts(v1beta1.OutOfMemory), soon, has("extract",
		ends("OOMKilled", 1, `{"reason":"ExtractionFailed","message":"The extraction command ended with signal: killed."}`))),
	one("out of memory at the start", "too small for runc itself", extractJob(jobFailed), counts(v1beta1.OutOfMemory), soon,
		has("extract", ends("StartError", 128, "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?)"))),
	one("out of memory at the start, 1Mi", "the limit cannot even be set; the amounts change", extractJob(jobFailed), counts(v1beta1.OutOfMemory), soon, memory("1Mi"),
		has("extract", ends("StartError", 128, "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting cgroup config for procHooks process: unable to set memory limit to 1048576 (current usage: 2605056, peak usage: 2859008)"))),
	one("out of memory at the start, 4Mi", "killed between create and start", extractJob(jobFailed), counts(v1beta1.OutOfMemory), soon, memory("4Mi"),
		has("extract", ends("StartError", 128, `failed to start containerd task "619be0b2faff43b62f384dd34282b4103ac7bb2250367d2db07e834c02306158": cannot start a stopped process`))),
	one("stopped before it started", "with such a limit it was not the memory", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon,
		has("extract", ends("StartError", 128, `failed to start containerd task "619be0b2faff43b62f384dd34282b4103ac7bb2250367d2db07e834c02306158": cannot start a stopped process`))),
	one("out of memory on the node", "no limit, so not the container's fault", extractJob(jobFailed), waitingFor(v1beta1.OutOfMemory), soon,
		has("extract", ends("OOMKilled", 137, "")), func(pod *corev1.Pod) { pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{} }),
	one("JAR not found", "what the helper reported", extractJob(jobFailed), counts(v1beta1.JarNotFound), soon,
		has("extract", said(problem.Problem{Reason: v1beta1.JarNotFound,
			Message: `image "mycompany/x:1" has no /app/topology.jar. It has /app/my-topology-1.2.jar: set spec.topology.jar.container.path to it.`}))),
	one("JAR not found, Job not failed yet", "two watches: the pod is ahead", extractJob(), counts(v1beta1.JarNotFound), soon,
		has("extract", said(problem.Problem{Reason: v1beta1.JarNotFound, Message: "image has none. Build it again."}))),
	one("volume full", "it continues once the volume is larger", extractJob(jobFailed), waitingFor(v1beta1.VolumeFull), soon,
		has("extract", said(problem.Problem{Reason: v1beta1.VolumeFull, Message: "the volume has 3 MiB free, the JAR 107 MiB. Make it larger."}))),
	one("node's disk full", "the pod's own folder has no claim", initJob(), waitingFor(v1beta1.VolumeFull), soon,
		has("extract", said(problem.Problem{Reason: v1beta1.VolumeFull, Message: "The volume for the JAR has only 3.0 MiB free, and file /app/a.jar needs 107 MiB."}))),
	{story: "a claim that the spec names is full", reason: "Stormhooks does not create it", job: extractJob(jobFailed), after: soon, want: waitingFor(v1beta1.VolumeFull),
		pods: []corev1.Pod{podOf(extractJob(), has("extract", said(problem.Problem{Reason: v1beta1.VolumeFull, Message: "The volume for the JAR has only 3.0 MiB free, and file /app/a.jar needs 107 MiB."})),
			func(pod *corev1.Pod) {
				for i := range pod.Spec.Volumes {
					if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
						claim.ClaimName = "jars-of-all"
					}
				}
			})}},
	one("Nimbus away", "it continues once Nimbus answers", submitJob(jobFailed), waitingFor(v1beta1.ClusterUnreachable), soon,
		has("submit", said(problem.Problem{Reason: v1beta1.ClusterUnreachable, Message: "Nimbus does not answer at nimbus:6627."}))),
	one("main throws", "its last lines, without the frames of the stack", submitJob(jobFailed), counts(v1beta1.MainFailed), soon,
		has("submit", said(problem.Problem{Reason: v1beta1.MainFailed, Message: "main of com.mycompany.MyTopology ended with exit code 1 and submitted nothing. Fix it and build the image again.",
			Tail: "2031-07-19 13:47:53,123 INFO starting\nException in thread \"main\" java.lang.IllegalStateException: no \"rate\" given\n\tat com.mycompany.MyTopology.main(MyTopology.java:42)\n\t... 12 more\n"}))),
	one("an unknown reason", "a user's command can write the file", extractJob(jobFailed), counts(v1beta1.ExtractionFailed), soon,
		has("extract", said(problem.Problem{Reason: "Active", Message: "the image is well. Change nothing."}))),
	one("a reason and nothing else", "nothing else fitted into the message", submitJob(jobFailed), counts(v1beta1.SubmissionFailed), soon,
		has("submit", said(problem.Problem{Reason: v1beta1.SubmissionFailed}))),
	one("another text", "what is not a message is shown as it is", extractJob(jobFailed), counts(v1beta1.ExtractionFailed), soon,
		has("extract", ends("Error", 3, "\x1b[31mcp\x1b[0m: can't stat '/app/*.jar': No such file\xff or directory\n"))),
	one("no text of the extraction", "a user's command wrote nothing", extractJob(jobFailed), counts(v1beta1.ExtractionFailed), soon,
		has("extract", said(problem.Problem{Reason: "Active"}))),
	one("no text", "the exit code is all that is known", submitJob(jobFailed), counts(v1beta1.SubmissionFailed), soon, has("submit", ends("Error", 2, ""))),
	one("killed", "it would have reported why it ended by itself", submitJob(jobFailed), waitingFor(v1beta1.PodLost), soon, has("submit", ends("Error", 137, ""))),
	one("killed with its node", "containerd does not know how it ended", submitJob(jobFailed), waitingFor(v1beta1.PodLost), soon, has("submit", ends("Unknown", 255, ""))),
	one("the helper fails", "the operator sets its image", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), soon, has("helper", ends("Error", 1, "no space left on device"))),
	one("done", "nothing is wrong", extractJob(), none, late, has("extract", ends("Completed", 0, "")), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded }),
	{story: "job done, pod not seen to be", reason: "two watches: the Job is ahead", after: late, want: none,
		job: extractJob(func(job *batchv1.Job) {
			job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue}}
		}), pods: []corev1.Pod{podOf(extractJob())}},
}

func memory(limit string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)}
	}
}

var lostRows = []row{
	one("empty dir over its limit", "the text does not change: size and limit are in the spec", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("extract", ends("Error", 137, "")), podReason("Evicted", `Usage of EmptyDir volume "e" exceeds the limit "10Mi". `)),
	one("node short of memory", "amounts change", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("extract", ends("Error", 137, "")), disruptedBy("TerminationByKubelet"),
		podReason("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90228Ki. Container extract was using 137432Ki, request is 64Mi, has larger consumption of memory. ")),
	one("drained", "the eviction API", extractJob(), waitingFor(v1beta1.PodLost), soon, has("extract", runs()), disruptedBy("EvictionByEvictionAPI"), deleted),
	one("preempted", "a pod of higher priority", extractJob(), waitingFor(v1beta1.PodLost), soon, has("extract", runs()), disruptedBy("PreemptionByScheduler"), deleted),
	one("node gone, collected", "pod garbage collector", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon, disruptedBy("DeletionByPodGC"), podReason("", "")),
	one("node shut down", "graceful shutdown of the kubelet", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("extract", ends("Error", 143, "")), podReason("Terminated", "Pod was terminated in response to imminent node shutdown.")),
	one("disrupted", "for a reason of another component", extractJob(), waitingFor(v1beta1.PodLost), soon, has("extract", runs()), disruptedBy("DeletionByDescheduler"), deleted),
	one("stopped by its node", "it lacks a resource", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon, disruptedBy("TerminationByKubelet"), podReason("", "")),
	one("refused by its node", "the amounts change", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		podReason("OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu, requested: 250, used: 3900, capacity: 4000")),
	one("evicted without a cause", "only amounts, which change", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon, podReason("Evicted", "Container extract was using 137432Ki, request is 64Mi, has larger consumption of memory. ")),
	one("node without an answer", "the taint manager", extractJob(), waitingFor(v1beta1.PodLost), soon, has("extract", runs()), disruptedBy("DeletionByTaintManager"), deleted),
	one("node without an answer for long", "the end will never be reported", extractJob(), waitingFor(v1beta1.PodLost), late, has("extract", runs()), disruptedBy("DeletionByTaintManager"), deleted),
	one("kubelet knows of no container", "after the node's restart", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("extract", ends(termination.StatusUnknown, 137, "The container could not be located when the pod was terminated"))),
	one("told to stop", "the helper does not know why", submitJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("submit", said(problem.Problem{Reason: v1beta1.PodLost, Message: "told to stop."}))),
	one("deleted, still running", "FailureTarget comes at once", extractJob(func(job *batchv1.Job) {
		job.Status.Active, job.Status.Failed, job.Status.Terminating = 0, 1, new(int32(1))
		job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonBackoffLimitExceeded}}
	}), waitingFor(v1beta1.PodLost), soon, has("extract", runs()), deleted),
	{story: "deleted and gone", reason: "it was deleted with all that it could report", job: extractJob(jobFailed), after: soon, want: waitingFor(v1beta1.PodLost)},
	one("failed, pod's end not seen yet", "two watches: the Job is ahead", extractJob(jobFailed), none, soon, has("extract", runs())),
	{story: "a job's own deadline", reason: "Stormhooks sets none", after: late, want: waitingFor(v1beta1.PodLost), job: extractJob(func(job *batchv1.Job) {
		job.Status.Active, job.Status.Failed = 0, 1
		job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonDeadlineExceeded}}
	})},
	one("the pod's deadline, extraction", "the helper hung and did not end itself", extractJob(jobFailed), counts(v1beta1.ExtractionTimedOut), late,
		has("extract", ends("Error", 137, "")), podReason("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
	one("the pod's deadline, submission", "main's own timeout is the helper's", submitJob(jobFailed), counts(v1beta1.SubmissionFailed), late,
		has("submit", ends("Error", 137, "")), podReason("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
	one("the pod's deadline, with a report", "what the helper reported counts", submitJob(jobFailed), counts(v1beta1.MainTimedOut), late,
		has("submit", said(problem.Problem{Reason: v1beta1.MainTimedOut, Message: "main has not submitted. See its log."})), podReason("DeadlineExceeded", "")),
	one("the pod's deadline, told to stop", "the pod knows why", extractJob(jobFailed), counts(v1beta1.ExtractionTimedOut), late,
		has("extract", said(problem.Problem{Reason: v1beta1.PodLost, Message: "told to stop."})), podReason("DeadlineExceeded", "")),
	one("the pod's deadline, nothing began", "a pull can use all of it, and its cause is lost", extractJob(jobFailed), waitingFor(v1beta1.ContainerFailed), late,
		has("extract", ends(termination.StatusUnknown, 137, "The container could not be located when the pod was terminated")),
		podReason("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
	one("failed without a report", "no container, no reason, no condition", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon, podReason("", "")),
	one("ended well while it was deleted", "the Job counts it as failed, and deletes it soon", extractJob(jobFailed), waitingFor(v1beta1.PodLost), soon,
		has("extract", ends("Completed", 0, "")), deleted, func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded }),
}

func rows() []row {
	var all []row
	for _, part := range [][]row{refusedRows, scheduleRows, imageRows, containerRows, lostRows} {
		all = append(all, part...)
	}
	return all
}

// imageVolumeJob is the submission of mode image-volume, mountingJob one of mode copy that
// mounts the helper, and initJob stands for the Pod of mode init-container, where the JAR is in
// a folder of the pod.
func imageVolumeJob(changes ...func(*batchv1.Job)) *batchv1.Job {
	plan := plan()
	plan.Helper.Mounted = true
	plan.Topology.Spec.Topology.Jar.Container.ExtractionMode = v1beta1.ExtractionVolume
	return made(children.MakeSubmitJob(plan), changes)
}

func mountingJob(changes ...func(*batchv1.Job)) *batchv1.Job {
	plan := plan()
	plan.Helper.Mounted = true
	return made(children.MakeSubmitJob(plan), changes)
}

// withImage is another image with the JAR.
func withImage(reference string) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		for i, volume := range job.Spec.Template.Spec.Volumes {
			if volume.Image != nil && volume.Name != children.HelperVolume {
				job.Spec.Template.Spec.Volumes[i].Image.Reference = reference
			}
		}
	}
}

func initJob() *batchv1.Job {
	return extractJob(jobFailed, func(job *batchv1.Job) {
		for i, volume := range job.Spec.Template.Spec.Volumes {
			if volume.Name == children.JarsVolume {
				job.Spec.Template.Spec.Volumes[i].VolumeSource = corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
			}
		}
		withClaimSpec(&job.Spec.Template.Spec, "of-the-template")
	})
}

// withClaim is a pod that mounts another claim.
func withClaim(name string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { withClaimSpec(&pod.Spec, name) }
}

func withClaimSpec(spec *corev1.PodSpec, name string) {
	spec.Volumes = append(spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}}})
}

// injected is a container that a webhook put before all others.
func injected(state corev1.ContainerState) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		container := corev1.Container{Name: "istio-init", Image: "istio/proxy:1", Resources: corev1.ResourceRequirements{
			Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("32Mi")}}}
		pod.Spec.InitContainers = append([]corev1.Container{container}, pod.Spec.InitContainers...)
		set(&pod.Status.InitContainerStatuses, "istio-init", state)
	}
}
