package storms

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// javasOf are the versions of Java on which a Storm runs, the preferred one first: that of
// the image apache/storm. The daemons of 2.0 to 2.2 do not start on Java 14 or newer,
// since their ZooKeeper client cannot connect there; 2.8 needs 17, and 3.0 needs 25.
func javasOf(v version) []int {
	switch {
	case v.before(2, 3):
		return []int{11, 8}
	case v.before(2, 8):
		return []int{11, 17}
	case v.before(3, 0):
		return []int{17, 21}
	}
	return []int{25}
}

// javas are the homes of Java on this machine, by version.
func javas() map[int]string {
	found := map[int]string{}
	homes := filepath.SplitList(os.Getenv("STORMHOOKS_JAVAS"))
	homes = append(homes, os.Getenv("JAVA_HOME"))
	if program, err := exec.LookPath("java"); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(program)))
		}
	}
	installed, _ := filepath.Glob("/usr/lib/jvm/*")
	for _, home := range append(homes, installed...) {
		if major := javaVersion(home); major > 0 && found[major] == "" {
			found[major] = home
		}
	}
	return found
}

var releaseVersion = regexp.MustCompile(`JAVA_VERSION="(?:1\.)?(\d+)`)

// javaVersion is the version of a home of Java; 0 if it is none.
func javaVersion(home string) int {
	if home == "" || !exists(filepath.Join(home, "bin", "java")) {
		return 0
	}
	release, err := os.ReadFile(filepath.Join(home, "release"))
	if err != nil {
		return 0
	}
	said := releaseVersion.FindSubmatch(release)
	if said == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(said[1]))
	return major
}

// java is the Java for a Storm; empty if this machine has none.
func java(v version) (major int, home string) {
	there := javas()
	for _, major := range javasOf(v) {
		if there[major] != "" {
			return major, there[major]
		}
	}
	return 0, ""
}

// compiler is a javac that can read the classes of a Storm: that of its Java, or, where
// that is only a JRE, the one on the PATH.
func (h home) compiler() string {
	if own := filepath.Join(h.java, "bin", "javac"); exists(own) {
		return own
	}
	return "javac"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// version is a version of Storm.
type version string

func (v version) numbers() (numbers [3]int) {
	plain, _, _ := strings.Cut(string(v), "-")
	for i, part := range strings.SplitN(plain, ".", 3) {
		numbers[i], _ = strconv.Atoi(part)
	}
	return numbers
}

func (v version) before(major, minor int) bool {
	n := v.numbers()
	return n[0] < major || n[0] == major && n[1] < minor
}

func compare(a, b version) int {
	x, y := a.numbers(), b.numbers()
	for i := range x {
		if x[i] != y[i] {
			return x[i] - y[i]
		}
	}
	return 0
}
