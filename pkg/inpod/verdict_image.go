package inpod

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// imageFailed is the problem of a run that ended because of Java or Storm in the image,
// or nil. Main is not to blame for these.
func (j judged) imageFailed() *problem.Problem {
	seen := j.run.clues
	if seen.has(brokenJava) && seen.uncaught == "" && j.run.code != 0 {
		return problem.New(v1beta1.JavaNotStarted, "Java did not start: %s. Its files in the StormCluster's image are not complete. Set spec.image of the StormCluster to an image with Storm and a JRE, such as apache/storm:2.8.1.", text.Cut(strings.TrimRight(seen.said[brokenJava], ". "), thrownLimit))
	}
	if why := seen.unstarted(); why != "" && j.run.code != 0 {
		return problem.New(v1beta1.JavaNotStarted, "Java did not start: %s. Check the options in JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS and STORM_JAR_JVM_OPTS (in the image of the StormCluster, and in spec.template.env), and spec.template.resources.limits.memory.", why)
	}
	if seen.has(argumentFileNotRead) {
		return problem.New(v1beta1.JavaNotStarted, "The settings of the topology have more than %d KiB, which only Java 9 and newer can read. Make spec.topology.config smaller, or set spec.image of the StormCluster to an image with a newer Java.", text.ArgumentLimit>>10)
	}
	if seen.has(stormForNewer) {
		return problem.New(v1beta1.SubmissionFailed, "The Storm of the StormCluster's image needs a newer Java than the image has: Java cannot load %s. Set spec.image of the StormCluster to an image whose Java fits its Storm. Storm 3 needs Java 25.", seen.said[stormForNewer])
	}
	if j.mainNowhere() { // a name like org.apache.storm.starter.X makes it no class of Storm
		return nil
	}
	if class := seen.lackedByStorm(); class != "" {
		return problem.New(v1beta1.SubmissionFailed, "The Storm of the StormCluster's image is not complete: it lacks %s. Set spec.image of the StormCluster to a complete image of the Storm version that main was compiled for, such as apache/storm:2.8.1.", class)
	}
	class := seen.said[noStormClass]
	switch {
	case class == "":
		return nil
	case strings.HasPrefix(class, "backtype.storm."):
		return problem.New(v1beta1.MainFailed, "Storm has no class %s since Storm 1.0: the JAR was built for an older Storm. Build it for the Storm of the StormCluster, with packages of org.apache.storm.", class)
	}
	return problem.New(v1beta1.MainFailed, "Neither the JAR nor the Storm of the StormCluster's image has %s. If it belongs to a module of Storm, such as storm-kafka-client, build the module into the JAR. Otherwise set spec.image of the StormCluster to the Storm version that main was compiled for.", class)
}
