package parts

import (
	"fmt"
	"os"
	"os/exec"
)

// NeedTools finds out, before anything takes minutes, what a person has to
// install first.
func NeedTools(names ...string) error {
	hints := map[string]string{
		"go":      "Install Go 1.26",
		"mvn":     "Install Maven: apt-get install maven",
		"java":    "Install Java 17: apt-get install openjdk-17-jre-headless",
		"javac":   "Install Java 17's compiler: apt-get install openjdk-17-jdk-headless",
		"kubectl": "Install kubectl",
		"docker":  "Install Docker, or use make demo CLUSTER=current with a cluster that you have",
		"kind":    "Install kind: https://kind.sigs.k8s.io/",
		"helm":    "Install Helm: https://helm.sh/",
		"apt-get": "The cluster is set up on Debian 12; elsewhere use make demo CLUSTER=current",
	}
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s is not on the PATH. %s", name, hints[name])
		}
	}
	return nil
}

// NeedRoot says who may set up the cluster.
func NeedRoot() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("the cluster needs root, for its network namespace, mounts and cgroups. Run this as root, or use make demo CLUSTER=current with a cluster that you have")
	}
	return nil
}
