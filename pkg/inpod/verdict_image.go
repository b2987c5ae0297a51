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
	all := strings.Join(j.run.tail, "\n")
	if why := j.unstarted(); why != "" {
		return problem.New(v1beta1.JavaNotStarted, "Java did not start: %s. Check the options in JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS and STORM_JAR_JVM_OPTS (in the image of the StormCluster, and in spec.template.env), and spec.template.resources.limits.memory.", why)
	}
	if strings.Contains(all, "Could not find or load main class @") { // Java 8 does not know files of arguments
		return problem.New(v1beta1.JavaNotStarted, "The settings of the topology have more than %d KiB, which only Java 9 and newer can read. Make spec.topology.config smaller, or set spec.image of the StormCluster to an image with a newer Java.", text.ArgumentLimit>>10)
	}
	if found := tooNew().FindStringSubmatch(all); found != nil {
		return problem.New(v1beta1.SubmissionFailed, "The Storm of the StormCluster's image needs a newer Java than the image has: Java cannot load %s. Set spec.image of the StormCluster to an image whose Java fits its Storm. Storm 3 needs Java 25.", dotted(found[1]))
	}
	found := lacking().FindStringSubmatch(all)
	if found == nil || strings.HasPrefix(dotted(found[1]), "org.apache.storm.Local") {
		return nil
	}
	class := dotted(found[1])
	if inClient().MatchString(class) {
		return problem.New(v1beta1.SubmissionFailed, "The Storm of the StormCluster's image lacks %s, which belongs to Storm's client. Set spec.image of the StormCluster to a complete image of the Storm version that main was compiled for.", class)
	}
	return problem.New(v1beta1.MainFailed, "Neither the JAR nor the Storm of the StormCluster's image has %s. If it belongs to a module of Storm, such as storm-kafka-client, build the module into the JAR. Otherwise set spec.image of the StormCluster to the Storm version that main was compiled for.", class)
}

var (
	tooNew   = pattern(`UnsupportedClassVersionError: (org/apache/storm/[\w/$]+)`)
	lacking  = pattern(`(?:NoClassDefFoundError|ClassNotFoundException): (org[/.]apache[/.]storm[/.][\w/.$]+)`)
	inClient = pattern(`^org\.apache\.storm\.(Config|StormSubmitter|(topology|spout|task|tuple|generated|thrift)\..+)$`)
)

func dotted(class string) string { return strings.ReplaceAll(text.Cut(class, 200), "/", ".") }

// unstarted is why the JVM did not start, in its own words, or empty.
func (j judged) unstarted() string {
	failed, said := false, []string(nil)
	for _, line := range j.run.tail {
		switch {
		case strings.HasPrefix(line, "Error occurred during initialization of "), line == "Error: Could not create the Java Virtual Machine.":
			failed = true
		case strings.HasPrefix(line, "Error: could not open `"): // a file of arguments
			failed, said = true, append(said, line)
		case strings.HasPrefix(line, "Picked up "), strings.HasPrefix(line, "NOTE: Picked up "), line == "Error: A fatal exception has occurred. Program will exit.":
		default:
			said = append(said, line)
		}
	}
	if !failed || j.run.code == 0 {
		return ""
	}
	said = said[max(0, len(said)-2):]
	return strings.TrimRight(text.Cut(strings.Join(said, ", "), 300), ". ")
}
