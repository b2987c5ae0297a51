package images

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// javaHome is where the image of a given Storm has a given Java.
const javaHome = "java"

var clientVersion = regexp.MustCompile(`^storm-client-(\d.*)\.jar$`)

// GivenStorm is an image of a Storm that is on this machine, of any version: home is its
// folder. java is the home of a Java for it; empty is Debian's, as for Storm.
func GivenStorm(ctx context.Context, home, java string) (Image, error) {
	version, err := versionOf(home)
	if err != nil {
		return Image{}, err
	}
	image, err := Storm(ctx)
	if err != nil {
		return Image{}, err
	}
	given, err := folderLayer("given-storm", home, stormHome)
	if err != nil {
		return Image{}, err
	}
	image.Name, image.layers = "apache/storm:"+version, []v1.Layer{image.layers[0], given}
	if java != "" {
		layer, err := folderLayer("given-java", java, javaHome)
		if err != nil {
			return Image{}, err
		}
		image.layers = append(image.layers, layer)
		image.config.Env = append([]string{"JAVA_HOME=/" + javaHome}, image.config.Env...)
		image.config.Env[1] = strings.Replace(image.config.Env[1], "PATH=", "PATH=/"+javaHome+"/bin:", 1)
	}
	return image, nil
}

// versionOf is that of the client in a home, by its name.
func versionOf(home string) (string, error) {
	jars, err := filepath.Glob(filepath.Join(home, "lib*", "storm-client-*.jar"))
	for _, jar := range jars {
		if said := clientVersion.FindStringSubmatch(filepath.Base(jar)); said != nil {
			return said[1], nil
		}
	}
	return "", fmt.Errorf("%s has no lib*/storm-client-VERSION.jar, so it is not the home of a Storm: %w", home, err)
}

// folderLayer is a folder of this machine under another name, with the folders that the
// daemons write to. Files are known by their names, sizes and times.
func folderLayer(name, from, to string) (layer, error) {
	var recipe strings.Builder
	walk := func(each func(path string, info fs.FileInfo) error) error {
		return filepath.Walk(from, func(path string, info fs.FileInfo, err error) error {
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			return each(filepath.Join(to, relative), info)
		})
	}
	err := walk(func(path string, info fs.FileInfo) error {
		fmt.Fprintln(&recipe, path, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	if err != nil {
		return layer{}, err
	}
	return makeLayer(name, recipe.String(), func(w io.Writer) error {
		t := newTree(w)
		for _, writable := range []string{"conf", "data", "logs"} {
			t.folder(writable, 0o755, stormUser)
		}
		err := walk(func(path string, info fs.FileInfo) error {
			source := filepath.Join(from, strings.TrimPrefix(path, to))
			switch {
			case info.IsDir():
				t.folder(path, 0o755, 0)
			case info.Mode()&fs.ModeSymlink != 0:
				target, err := os.Readlink(source)
				if err != nil {
					return err
				}
				t.link(path, target)
			default:
				t.copy(path, int64(info.Mode().Perm()|0o444), source)
			}
			return t.err
		})
		t.fail(err)
		return t.close()
	})
}
