package inpod

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// java runs main without Storm's own command, which starts a shell, python and three
// JVMs, and reads options out of main's arguments (bin/storm.py, v2.8.1).
type java struct {
	// program is the JVM, home the folder of Storm, conf that of storm.yaml. confFile is
	// the storm.yaml that is read instead, if any.
	program, home, conf, confFile string
	env                           func(string) string
	// options are those of STORM_JAR_JVM_OPTS.
	options []string
	// clusterConf is the folder of Storm's configuration, which may differ from conf;
	// fromFile are the variables of its storm_env.ini, unreadEnv is why it has none.
	clusterConf string
	fromFile    map[string]string
	unreadEnv   error
	// work is main's working folder, if it has files of the image.
	work string
}

// findJava finds the JVM and Storm in the image.
func findJava(env func(string) string) (java, error) {
	j := java{env: env, program: "java", home: env("STORM_HOME")}
	if home := env("JAVA_HOME"); home != "" {
		j.program = filepath.Join(home, "bin", "java")
	}
	program, err := exec.LookPath(j.program)
	if err != nil {
		return java{}, fmt.Errorf("the image has no Java at %s. Set spec.image of the StormCluster to an image with Storm and a JRE, such as apache/storm:2.8.1", j.program)
	}
	j.program = program
	if j.home == "" {
		j.home, err = homeOnPath()
	}
	if err != nil || clientJar(j.home) == "" {
		return java{}, fmt.Errorf("the image has no Storm: neither STORM_HOME (%q) nor the PATH leads to a folder with Storm's client, which is lib-common/storm-client*.jar or lib-worker/storm-client*.jar. Set spec.image of the StormCluster to an image with Storm, such as apache/storm:2.8.1", env("STORM_HOME"))
	}
	if j.options, err = shellWords(env("STORM_JAR_JVM_OPTS")); err != nil {
		return java{}, &optionsError{err}
	}
	j.clusterConf = cmp.Or(env("STORM_CONF_DIR"), filepath.Join(j.home, "conf"))
	j.conf = j.confFolder()
	j.fromFile, j.unreadEnv = stormEnv(j.clusterConf)
	return j, nil
}

// optionsError is a STORM_JAR_JVM_OPTS that cannot be split.
type optionsError struct{ err error }

func (e *optionsError) Error() string {
	return fmt.Sprintf("Java was not started: STORM_JAR_JVM_OPTS cannot be split into options, since %v. Correct it in the image of the StormCluster, or in spec.template.env", e.err)
}

// clientFolders have Storm's client: Storm 2 has it in lib-worker, Storm 3 in lib-common.
var clientFolders = []string{"lib-common", "lib-worker"}

// clientJar is the name of Storm's client in a folder, such as storm-client-2.8.1.jar;
// empty if the folder is not a Storm's. The inner folders alone prove nothing: lib-worker
// of Storm 3 has a README.
func clientJar(home string) string {
	for _, folder := range clientFolders {
		if clients, _ := filepath.Glob(filepath.Join(home, folder, "storm-client*.jar")); len(clients) > 0 {
			return filepath.Base(clients[0])
		}
	}
	return ""
}

var versionInName = pattern(`^storm-client-(\d[\w.-]{0,40})\.jar$`)

// version is that of the image's Storm, as the name of its client has it; empty if it has none.
func (j java) version() string {
	if found := versionInName().FindStringSubmatch(clientJar(j.home)); found != nil {
		return found[1]
	}
	return ""
}

// homeOnPath is the parent of the folder with Storm's command, after all links.
func homeOnPath() (string, error) {
	command, err := exec.LookPath("storm")
	if err != nil {
		return "", err
	}
	if command, err = filepath.EvalSymlinks(command); err != nil {
		return "", err
	}
	return filepath.Dir(filepath.Dir(command)), nil
}

// confFolder is the folder of storm.yaml, searched in the order of storm.py.
func (j java) confFolder() string {
	own := filepath.Join(j.env("HOME"), ".storm")
	if _, err := os.Stat(filepath.Join(own, "storm.yaml")); err == nil && j.env("HOME") != "" {
		return own
	}
	return j.clusterConf
}

// environment is that of main: this container's, and over it the variables of storm_env.ini.
func (j java) environment() []string {
	all := os.Environ()
	for _, name := range slices.Sorted(maps.Keys(j.fromFile)) {
		all = append(all, name+"="+j.fromFile[name]) // the last one counts
	}
	if after, taken := withoutOwn(j.variable(afterAll)); taken != nil {
		all = append(all, afterAll+"="+after)
	}
	return all
}

// arguments are those of java after its tuning, as exec_storm_class and run_client_jar of storm.py
// write them. upload is the JAR that Storm's client sends. Java accepts a class path with
// folders that do not exist, so it is the same for each layout of Storm.
func (j java) arguments(sub storm.Submission, upload, options string) []string {
	classPath := []string{j.home + "/*", j.home + "/lib-common/*", j.home + "/lib-worker/*", j.home + "/extlib/*"}
	if more := j.env("STORM_EXT_CLASSPATH"); more != "" {
		classPath = append(classPath, more)
	}
	classPath = append(classPath, sub.Jar, j.conf, filepath.Join(j.home, "bin"))
	classPath = append(classPath, sub.Dependencies...)
	if j.work != "" {
		classPath = append(classPath, j.work)
	}
	args := []string{
		"-Dstorm.home=" + j.home,
		"-Dstorm.log.dir=" + filepath.Join(j.home, "logs"),
		"-Dstorm.conf.file=" + j.confFile,
		"-cp", strings.Join(classPath, ":"),
	}
	args = append(args, j.options...)
	// After the options of the environment: they do not lead main to another Nimbus.
	args = append(args, "-Dstorm.options="+options, "-Dstorm.jar="+upload, "-Dstorm.dependency.jars=", "-Dstorm.dependency.artifacts={}", sub.MainClass)
	return append(args, sub.Args...)
}

// optionsFor are the topology's settings, and those that connect main to the recorder
// instead of Nimbus. Nothing in main's own conf overrides them.
func optionsFor(sub storm.Submission, host string, port int) (string, error) {
	settings := map[string]any{}
	maps.Copy(settings, sub.Settings)
	for _, key := range nimbus.ConnectionKeys() {
		delete(settings, key)
	}
	settings["nimbus.seeds"] = []string{host}
	settings["nimbus.thrift.port"] = port
	settings["storm.thrift.transport"] = "org.apache.storm.security.auth.SimpleTransportPlugin"
	settings["nimbus.thrift.client.use.tls"] = false
	return storm.Options(settings)
}

// inFile writes an argument that is too long for Linux to a file of arguments
// (java's @FILE, since Java 9) in a folder. Options contain no space, quote or backslash.
func inFile(args []string, folder string) ([]string, error) {
	short := slices.Clone(args)
	for i, arg := range short {
		if len(arg) <= text.ArgumentLimit || !strings.HasPrefix(arg, "-Dstorm.options=") {
			continue
		}
		file := filepath.Join(folder, "options")
		if err := os.WriteFile(file, []byte(arg), 0o600); err != nil {
			return nil, fmt.Errorf("writing the settings for java: %w", err)
		}
		short[i] = "@" + file
	}
	return short, nil
}

// emptyJar writes a JAR without classes, named like the topology's, to a folder.
// Storm's client sends it (the property storm.jar) to the recorder, which discards
// it. A real JAR of 100 MB would take half a second to send for nothing.
func emptyJar(jar, folder string) (string, error) {
	path := filepath.Join(folder, filepath.Base(jar))
	file, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("writing a JAR for Storm's client to send: %w", err)
	}
	archive := zip.NewWriter(file)
	manifest, err := archive.Create("META-INF/MANIFEST.MF")
	if err == nil {
		_, err = manifest.Write([]byte("Manifest-Version: 1.0\r\n\r\n"))
	}
	if err := errors.Join(err, archive.Close(), file.Close()); err != nil {
		return "", fmt.Errorf("writing a JAR for Storm's client to send: %w", err)
	}
	return path, nil
}
