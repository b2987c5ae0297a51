package validate

import "strings"

// A synonym is a field of another product, and what it is here.
type synonym struct {
	// field is the last part of a path, or more of it: jar.url.
	field string
	// says what to write instead.
	says string
}

// Sentences that several fields share.
const (
	inImage   = "Stormhooks takes the JAR from a container image: spec.topology.jar.container.image and path."
	noPods    = "Storm runs the topology in its own workers, not in pods."
	useConfig = "Settings of Storm are keys of spec.topology.config."
	existing  = "Stormhooks uses a Storm that exists, and runs none: spec.nimbus.seeds says where it is."
)

// synonyms are fields of Kubernetes, of Storm's command line, of Flink, Spark and other
// operators, of Helm charts, and of another controller with the same kinds. The first one
// whose field ends the path counts. Names are compared without their case.
var synonyms = []synonym{
	// Another controller with the same kinds.
	{"jar.url", inImage}, {"jar.s3", inImage}, {"jar.gcs", inImage}, {"jar.hdfs", inImage}, {"jar.configMap", inImage}, {"jar.secret", inImage}, {"jar.pvc", inImage},
	{"jar.image", "Write spec.topology.jar.container.image."}, {"jar.path", "Write spec.topology.jar.container.path."},
	{"jar.initContainer", "Write spec.topology.jar.container, with extractionMode: init-container."},
	{"jar.sidecar", "Stormhooks has no sidecars. Write spec.topology.jar.container, with extractionMode: init-container."},
	{"jar.job", "Write spec.topology.jar.container; extractionMode copy runs a Job."},
	{"container.pullPolicy", "Write imagePullPolicy."}, {"pullPolicy", "Write spec.topology.jar.container.imagePullPolicy."},
	{"image.repository", "Write the image as one text: REPOSITORY:TAG."}, {"image.tag", "Write the image as one text: REPOSITORY:TAG."},
	{"zookeeper", existing}, {"supervisor", existing}, {"supervisors", existing}, {"supervisorReplicas", existing}, {"nimbusReplicas", existing}, {"nimbus.replicas", existing}, {"nimbus.resources", existing}, {"nimbus.image", existing},
	{"drpc", existing}, {"logviewer", existing}, {"slots", existing}, {"slotsPerSupervisor", existing},
	// A Deployment, a Job and a Pod.
	{"replicas", "The number of worker processes is spec.topology.workers."},
	{"minReplicas", "An autoscaler is an object of its own; it scales spec.topology.workers."}, {"maxReplicas", "An autoscaler is an object of its own; it scales spec.topology.workers."}, {"autoscaling", "An autoscaler is an object of its own; it scales spec.topology.workers."},
	{"selector", noPods + " Remove it."}, {"strategy", "How an update is made is spec.update."}, {"revisionHistoryLimit", "The history has a fixed length. Remove it."},
	{"minReadySeconds", "Remove it, or see spec.update."}, {"progressDeadlineSeconds", "Remove it, or see spec.update."},
	{"paused", `Write the annotation storm.apache.org/paused: "true".`},
	{"restartPolicy", "How often a failed attempt is repeated is spec.retry."}, {"backoffLimit", "Write spec.retry.limit."}, {"backoffLimitPerIndex", "Write spec.retry.limit."},
	{"activeDeadlineSeconds", "Write spec.topology.mainTimeoutSeconds, or timeoutSeconds of spec.topology.jar.container."},
	{"ttlSecondsAfterFinished", "Stormhooks deletes its Jobs itself. Remove it."}, {"terminationGracePeriodSeconds", "How long Storm drains the topology before it kills it is spec.killWaitSeconds."},
	{"template.spec", "The fields of a pod stand directly below template, without spec."}, {"template.metadata", "Write template.labels and template.annotations."},
	{"containers", noPods + " The image with the JAR is spec.topology.jar.container; variables and volumes for main are in spec.template."}, {"initContainers", noPods + " A command that makes the JAR is spec.topology.jar.container.command."},
	{"ports", noPods + " Remove it."}, {"livenessProbe", noPods + " Remove it."}, {"readinessProbe", noPods + " Remove it."}, {"startupProbe", noPods + " Remove it."}, {"lifecycle", noPods + " Remove it."},
	{"serviceAccount", "Write serviceAccountName."}, {"imagePullSecret", "Write imagePullSecrets: [{name: NAME}]."}, {"pullSecret", "Write imagePullSecrets: [{name: NAME}]."}, {"pullSecrets", "Write imagePullSecrets: [{name: NAME}]."}, {"imagePullSecretName", "Write imagePullSecrets: [{name: NAME}]."},
	{"environment", "Variables of main are spec.template.env: [{name: NAME, value: TEXT}]."}, {"envVars", "Variables of main are spec.template.env: [{name: NAME, value: TEXT}]."}, {"extraEnv", "Variables of main are spec.template.env: [{name: NAME, value: TEXT}]."},
	{"podTemplate", "Write spec.template."}, {"podSpec", "Write spec.template."}, {"pod", "Write spec.template."}, {"podAnnotations", "Write spec.template.annotations."}, {"podLabels", "Write spec.template.labels."},
	{"extraVolumes", "Write spec.template.volumes."}, {"extraVolumeMounts", "Write spec.template.volumeMounts."},
	{"reclaimPolicy", "What happens to the topology is spec.deletionPolicy: Kill or Orphan."}, {"deletePolicy", "Write spec.deletionPolicy: Kill or Orphan."}, {"cleanupPolicy", "Write spec.deletionPolicy: Kill or Orphan."}, {"onDelete", "Write spec.deletionPolicy: Kill or Orphan."},
	// Storm's command line and its Java API.
	{"numWorkers", "Write spec.topology.workers."}, {"workerCount", "Write spec.topology.workers."}, {"topologyWorkers", "Write spec.topology.workers."},
	{"topologyName", "Write spec.topology.name."}, {"class", "Write spec.topology.mainClass."}, {"className", "Write spec.topology.mainClass."}, {"mainClassName", "Write spec.topology.mainClass."}, {"topologyClass", "Write spec.topology.mainClass."}, {"main", "Write spec.topology.mainClass."},
	{"arguments", "Write spec.topology.args."}, {"parameters", "Write spec.topology.args, or " + useConfig},
	{"conf", useConfig}, {"configuration", useConfig}, {"settings", useConfig}, {"properties", useConfig}, {"stormConf", useConfig}, {"topologyConfig", useConfig}, {"topologyConf", useConfig}, {"stormConfig", useConfig}, {"options", useConfig},
	{"waitSecs", "Write spec.killWaitSeconds."}, {"waitSeconds", "Write spec.killWaitSeconds."}, {"killWait", "Write spec.killWaitSeconds."}, {"killWaitSecs", "Write spec.killWaitSeconds."}, {"drainSeconds", "Write spec.killWaitSeconds."},
	{"messageTimeoutSecs", "Write the setting topology.message.timeout.secs in spec.topology.config."}, {"maxSpoutPending", "Write the setting topology.max.spout.pending in spec.topology.config."},
	{"ackers", "Write the setting topology.acker.executors in spec.topology.config."}, {"childopts", "Write the setting topology.worker.childopts in spec.topology.config."}, {"jvmOptions", "Write the setting topology.worker.childopts in spec.topology.config."}, {"javaOpts", "Write the setting topology.worker.childopts in spec.topology.config."},
	// Flink's and Spark's operators.
	{"jarURI", inImage}, {"jarUri", inImage}, {"jarUrl", inImage}, {"jarPath", inImage}, {"jarFile", inImage}, {"mainApplicationFile", inImage}, {"mainJar", inImage}, {"artifact", inImage},
	{"entryClass", "Write spec.topology.mainClass."}, {"flinkConfiguration", useConfig}, {"sparkConf", useConfig}, {"hadoopConf", useConfig}, {"parallelism", "The number of worker processes is spec.topology.workers."},
	{"job", "Write spec.topology, with mainClass, args and jar."}, {"driver", noPods + " Remove it."}, {"executor", noPods + " Remove it."}, {"jobManager", noPods + " Remove it."}, {"taskManager", noPods + " Remove it."},
	{"upgradeMode", "How an update is made is spec.update."}, {"updateStrategy", "How an update is made is spec.update."}, {"allowNonRestoredState", "Storm has no savepoints. Remove it."}, {"initialSavepointPath", "Storm has no savepoints. Remove it."}, {"savepointTriggerNonce", "Storm has no savepoints. Remove it."},
	{"state", "To stop the topology and keep it, write spec.suspend: true."}, {"suspended", "Write spec.suspend."}, {"stopped", "Write spec.suspend: true."}, {"enabled", "To stop the topology and keep it, write spec.suspend: true."},
	{"restartStrategy", "How often a failed attempt is repeated is spec.retry."}, {"retries", "Write spec.retry.limit."}, {"maxRetries", "Write spec.retry.limit."}, {"flinkVersion", "The version is that of spec.image of the StormCluster. Remove it."}, {"sparkVersion", "The version is that of spec.image of the StormCluster. Remove it."}, {"stormVersion", "The version is that of spec.image of the StormCluster. Remove it."},
	{"deps", "Put all classes into one JAR, or see spec.topology.jar."}, {"packages", "Put all classes into one JAR, or see spec.topology.jar."},
	// Where Storm is.
	{"cluster", "Write spec.clusterRef: the name of a StormCluster."}, {"clusterName", "Write spec.clusterRef: the name of a StormCluster."}, {"stormCluster", "Write spec.clusterRef: the name of a StormCluster."}, {"stormClusterRef", "Write spec.clusterRef: the name of a StormCluster."}, {"clusterRef.name", "Write the name as text: clusterRef: NAME."}, {"clusterRef.namespace", "A StormCluster is of the same namespace. Write clusterRef: NAME."},
	{"nimbusHost", "Write spec.nimbus.seeds: [HOST] in the StormCluster."}, {"nimbusHosts", "Write spec.nimbus.seeds: [HOST] in the StormCluster."}, {"nimbusSeeds", "Write spec.nimbus.seeds: [HOST] in the StormCluster."}, {"nimbus.host", "Write seeds: [HOST]."}, {"nimbus.hosts", "Write seeds: [HOST]."}, {"nimbus.service", "Write seeds: [SERVICE]."}, {"nimbus.address", "Write seeds: [HOST], and port."}, {"nimbus.url", "Write seeds: [HOST], and port."},
	{"nimbusPort", "Write spec.nimbus.port in the StormCluster."}, {"thriftPort", "Write port."}, {"uiUrl", "Write spec.ui.url."}, {"stormImage", "Write spec.image of the StormCluster."},
	{"schedule", "A topology runs until it is stopped, and has no schedule. Remove it."}, {"version", "Remove it: a change of the image or of another field makes a new revision."},
}

// otherName says what a field of another product is here; empty if it is not known.
func otherName(path string) string {
	path = strings.ToLower(path)
	for _, s := range synonyms {
		name := strings.ToLower(s.field)
		if rest, is := strings.CutSuffix(path, name); is && (rest == "" || strings.HasSuffix(rest, ".")) {
			return " " + s.says
		}
	}
	return ""
}
