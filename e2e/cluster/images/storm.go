package images

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
	"github.com/stormhooks/stormhooks/e2e/stormjars"
)

const (
	stormHome    = "apache-storm"
	stormVersion = "2.8.1"
	// starter is the newest storm-starter on Maven Central; its topologies run on
	// this Storm.
	starter = "org.apache.storm:storm-starter:1.2.2"
	// starterPath is the guide's path.
	starterPath = stormHome + "/examples/storm-starter/storm-starter-topologies-" + stormVersion + ".jar"
	stormUser   = 1000
)

//go:embed storm
var stormFiles embed.FS

// Storm is apache/storm:2.8.1 as the stock image lays it out (home, folders,
// user, environment), made of a Debian with a JRE and Storm's published JARs.
// Unlike the stock image it has storm-starter, at the guide's path.
func Storm(ctx context.Context) (Image, error) {
	debian, err := debianLayer(ctx)
	if err != nil {
		return Image{}, err
	}
	storm, err := stormLayer(ctx)
	if err != nil {
		return Image{}, err
	}
	jar, err := starterLayer(ctx)
	if err != nil {
		return Image{}, err
	}
	return Image{
		Name:   "apache/storm:" + stormVersion,
		layers: []v1.Layer{debian, storm, jar},
		config: v1.Config{
			Env: []string{
				"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/" + stormHome + "/bin",
				"STORM_CONF_DIR=/conf", "STORM_DATA_DIR=/data", "STORM_LOG_DIR=/logs",
			},
			WorkingDir: "/" + stormHome,
		},
	}, nil
}

// debianLayer is a small Debian with a JRE (17 on Debian 12), and python for
// Storm's multilang bolts.
func debianLayer(ctx context.Context) (layer, error) {
	suite, err := debianSuite()
	if err != nil {
		return layer{}, err
	}
	argv := []string{
		"mmdebstrap", "--quiet", "--variant=minbase",
		"--include=default-jre-headless,python3-minimal,python-is-python3,procps",
		// Not left out at once: the JRE's set-up wants the folder of its manual pages.
		`--customize-hook=rm -rf "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale`,
		fmt.Sprintf(`--customize-hook=echo 'storm:x:%d:%d::/%s:/bin/bash' >> "$1/etc/passwd"`, stormUser, stormUser, stormHome),
		fmt.Sprintf(`--customize-hook=echo 'storm:x:%d:' >> "$1/etc/group"`, stormUser),
		suite, "-",
	}
	argv = append(argv, aptSources()...)
	return makeLayer("debian", strings.Join(argv, "\n"), func(w io.Writer) error {
		return run.Command{Argv: argv}.Stream(ctx, w)
	})
}

// debianSuite is this machine's own, whose packages its apt can reach.
func debianSuite() (string, error) {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if suite, found := strings.CutPrefix(line, "VERSION_CODENAME="); found {
			return suite, nil
		}
	}
	return "", fmt.Errorf("this machine is not a Debian (no VERSION_CODENAME in /etc/os-release). Use Debian 12, or make demo CLUSTER=current")
}

func aptSources() []string {
	for _, file := range []string{"/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"} {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			return []string{file}
		}
	}
	return nil
}

// stormLayer is Storm's own files: lib/ for the daemons, lib-worker/ for workers
// and clients.
func stormLayer(ctx context.Context) (layer, error) {
	return makeLayer("storm", embedded(stormFiles, "storm")+stormjars.Recipe(stormVersion), func(w io.Writer) error {
		t := newTree(w)
		for _, name := range []string{"", "/bin", "/conf", "/extlib", "/extlib-daemon", "/log4j2", "/examples", "/examples/storm-starter"} {
			t.folder(stormHome+name, 0o755, 0)
		}
		for _, name := range []string{"conf", "data", "logs"} {
			t.folder(name, 0o755, stormUser)
		}
		launcher, err := stormFiles.ReadFile("storm/storm.sh")
		if err != nil {
			return err
		}
		t.text(stormHome+"/bin/storm", 0o755, string(launcher))
		for _, lib := range []string{"lib", "lib-worker"} {
			jars, err := jarsOf(ctx, lib)
			if err != nil {
				return err
			}
			t.folder(stormHome+"/"+lib, 0o755, 0)
			for _, jar := range jars {
				t.copy(stormHome+"/"+lib+"/"+filepath.Base(jar), 0o644, jar)
			}
		}
		return t.close()
	})
}

// jarsOf are a lib folder's JARs, as Maven brought them.
func jarsOf(ctx context.Context, lib string) ([]string, error) {
	return stormjars.Bring(ctx, stormVersion, lib, place.In("maven", lib))
}

func starterLayer(ctx context.Context) (layer, error) {
	return makeLayer("storm-starter", starter+starterPath, func(w io.Writer) error {
		dir := place.In("maven", "starter")
		maven := run.Command{Argv: []string{"mvn", "-q", "-B", stormjars.Dependency + ":copy", "-Dartifact=" + starter, "-DoutputDirectory=" + dir}}
		if err := maven.Run(ctx); err != nil {
			return err
		}
		parts := strings.Split(starter, ":")
		t := newTree(w)
		t.copy(starterPath, 0o644, filepath.Join(dir, parts[1]+"-"+parts[2]+".jar"))
		return t.close()
	})
}

// embedded is the text of all files of a folder, as a recipe.
func embedded(files embed.FS, dir string) string {
	var all strings.Builder
	entries, _ := files.ReadDir(dir)
	for _, entry := range entries {
		text, _ := files.ReadFile(dir + "/" + entry.Name())
		all.Write(text)
	}
	return all.String()
}
