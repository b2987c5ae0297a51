package children

// Names of children. A StormTopology's name has at most 42 characters, so that
// the longest of them fits into the 63 of a label value, which a Job's name
// becomes on its pods.

// ClaimName is the PersistentVolumeClaim that JARs are copied to.
func ClaimName(topology string) string { return "topology-jar-" + topology }

// ExtractJobName is the Job that copies the JAR.
func ExtractJobName(topology string) string { return "topology-jar-extract-" + topology }

// SubmitJobName is the Job that submits the topology.
func SubmitJobName(topology string) string { return "topology-submit-" + topology }

// TopologyPodName is the Pod of init-container mode.
func TopologyPodName(topology string) string { return "topology-" + topology }

// Names of containers and volumes in our pods.
const (
	HelperContainer  = "helper"
	ExtractContainer = "extract"
	SubmitContainer  = "submit"

	helperVolume = "helper"
	jarsVolume   = "jars"
	tmpVolume    = "tmp"
	imageVolume  = "image"

	podUID = "STORMHOOKS_POD_UID"

	// helperDir and jarsDir are absolute paths that no image is expected to have.
	helperDir = "/stormhooks/bin"
	jarsDir   = "/stormhooks/jars"
	// installDir is helperDir in our own image, where /stormhooks is a file.
	installDir = "/helper"
	// extractedDir is where a command of the user's puts its JAR.
	extractedDir = "/extracted"
	// ImageDir is where image-volume mode mounts the image.
	ImageDir = "/stormhooks/image"
	// HelperPath is our binary in every container of ours.
	HelperPath = helperDir + "/stormhooks"
)

// JarPath is where a JAR revision lies on the volume, as our pods see it. Each
// topology has a folder, since a claim may be shared.
func JarPath(topology, jarRevision string) string {
	return jarsDir + "/" + topology + "/" + JarFile(jarRevision)
}

// JarFile is the file name of a JAR revision.
func JarFile(jarRevision string) string { return jarRevision + ".jar" }
