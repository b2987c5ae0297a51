package children

// Names of children. The name of a StormTopology has at most 42 characters, so that the
// longest name here has at most 63: the name of a Job is a label value of its pods.

// ClaimName is the PersistentVolumeClaim that JARs are copied to.
func ClaimName(topology string) string { return "topology-jar-" + topology }

// ExtractJobName is the Job that copies the JAR.
func ExtractJobName(topology string) string { return "topology-jar-extract-" + topology }

// SubmitJobName is the Job that submits the topology.
func SubmitJobName(topology string) string { return "topology-submit-" + topology }

// TopologyPodName is the Pod of init-container mode.
func TopologyPodName(topology string) string { return "topology-" + topology }

// Names of containers, volumes and folders in the pods.
const (
	HelperContainer  = "helper"
	ExtractContainer = "extract"
	SubmitContainer  = "submit"

	// HelperVolume has the helper.
	HelperVolume = "helper"
	// JarsVolume has the JAR.
	JarsVolume = "jars"
	// ImageVolume is the image with the JAR, in image-volume mode.
	ImageVolume  = "image"
	tmpVolume    = "tmp"
	nimbusVolume = "nimbus-tls"

	// helperDir and jarsDir are absolute paths that no image is expected to have.
	helperDir = "/stormhooks/bin"
	jarsDir   = "/stormhooks/jars"
	// installDir is helperDir in the init container of the helper image, where /stormhooks
	// is a file.
	installDir = "/helper"
	// extractedDir is where the user's command writes the JAR.
	extractedDir = "/extracted"
	// nimbusDir has the client certificate for Nimbus.
	nimbusDir = "/stormhooks/nimbus-tls"
	// ImageDir is where image-volume mode mounts the image.
	ImageDir = "/stormhooks/image"
	// HelperPath is the helper in every container of Stormhooks.
	HelperPath = helperDir + "/stormhooks"
)

// JarPath is the path of a JAR revision in the pods. Each topology has its own folder,
// since topologies can share a claim.
func JarPath(topology, jarRevision string) string {
	return jarsDir + "/" + topology + "/" + JarFile(jarRevision)
}

// JarFile is the file name of a JAR revision.
func JarFile(jarRevision string) string { return jarRevision + ".jar" }
