package inpod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// clientConf writes a storm.yaml for main's JVM to a folder: the one in conf, the folder
// of Storm's configuration in the image, with settings of a StormCluster over it. The
// path is empty if there are no settings, and the JVM then reads the image's own. The error
// is an *imageConfError if the image's file cannot be read here.
//
// So the settings are what storm.yaml is on the host where `storm jar` runs: Storm's
// client reads them, main's own settings come before them, and none of them gets into the
// topology's conf unless main copies it there. -Dstorm.options does neither (readStormConfig
// in storm-client/src/jvm/org/apache/storm/utils/Utils.java, and submitTopologyAs in
// .../StormSubmitter.java, v2.8.1).
func clientConf(settings map[string]any, conf, folder string) (path string, err error) {
	if len(settings) == 0 {
		return "", nil
	}
	all := map[string]any{}
	image := filepath.Join(conf, "storm.yaml")
	written, err := os.ReadFile(image)
	if err == nil {
		all, err = stormYAML(written)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", &imageConfError{image, err}
	}
	maps.Copy(all, settings)
	line, err := text.JSON(all)
	if err != nil {
		return "", fmt.Errorf("spec.config of the StormCluster cannot be written: %w", err)
	}
	path = filepath.Join(folder, "storm.yaml")
	if err := os.WriteFile(path, []byte(ascii(line)), 0o600); err != nil {
		return "", fmt.Errorf("spec.config of the StormCluster cannot be written: %w", err)
	}
	return path, nil
}

// imageConfError is a storm.yaml of the image that cannot be read here. The JVM may still
// read it: SnakeYAML accepts more, such as .inf and a list as a key.
type imageConfError struct {
	file string
	err  error
}

func (e *imageConfError) Error() string {
	return fmt.Sprintf("%s of the StormCluster's image cannot be read: %v", e.file, e.err)
}

func (e *imageConfError) Unwrap() error { return e.err }

// under are settings, with others under them.
func under(settings, others map[string]any) map[string]any {
	all := maps.Clone(others)
	maps.Copy(all, settings)
	return all
}

// stormYAML are the settings of a storm.yaml. A byte that is not UTF-8, in a comment for
// example, is a replacement character, as for a JVM.
func stormYAML(written []byte) (map[string]any, error) {
	line, err := yaml.YAMLToJSON(bytes.ToValidUTF8(written, []byte("\ufffd")))
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(line)))
	decoder.UseNumber() // a long stays a long
	settings := map[string]any{}
	if err := decoder.Decode(&settings); err != nil {
		return nil, err
	}
	if settings == nil { // an empty file is null
		settings = map[string]any{}
	}
	return settings, nil
}

// ascii escapes what is not printable ASCII in a text that is JSON: Storm reads storm.yaml
// in the JVM's default encoding (findAndReadConfigFile in Utils.java, v2.8.1).
func ascii(line string) string {
	var b strings.Builder
	for _, r := range line {
		if r >= ' ' && r <= '~' {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
