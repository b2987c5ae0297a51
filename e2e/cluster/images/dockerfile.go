package images

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// dockerfile is the last stage of a Dockerfile, as far as an image of one
// program needs it.
type dockerfile struct {
	program string // where COPY puts it
	config  v1.Config
}

// FromDockerfile is the configuration that the Dockerfile's last stage gives to the image,
// and where it puts the program.
func FromDockerfile(path string) (config v1.Config, program string, err error) {
	read, err := readDockerfile(path)
	return read.config, read.program, err
}

// readDockerfile reads the project's own Dockerfile, so that the image that is
// tested holds what the image that is published holds. It understands what
// stands there and refuses anything else.
func readDockerfile(path string) (dockerfile, error) {
	file, err := os.Open(path)
	if err != nil {
		return dockerfile{}, err
	}
	defer file.Close()
	var d dockerfile
	base := ""
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if word == "FROM" {
			d, base = dockerfile{}, rest
			continue
		}
		if base != "scratch" {
			continue // what builds the program is built by Go itself here
		}
		if err := d.instruction(word, strings.TrimSpace(rest)); err != nil {
			return dockerfile{}, fmt.Errorf("reading %s: %w", path, err)
		}
	}
	if base != "scratch" || d.program == "" {
		return dockerfile{}, fmt.Errorf("reading %s: its last stage is not FROM scratch with one COPY of a program", path)
	}
	return d, lines.Err()
}

func (d *dockerfile) instruction(word, rest string) error {
	switch word {
	case "", "#":
	case "COPY":
		fields := strings.Fields(rest)
		if d.program != "" || len(fields) != 3 {
			return fmt.Errorf("COPY %s: the last stage copies more than one program", rest)
		}
		d.program = strings.TrimPrefix(fields[2], "/")
	case "USER":
		d.config.User = rest
	case "EXPOSE":
		d.config.ExposedPorts = map[string]struct{}{rest + "/tcp": {}}
	case "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &d.config.Entrypoint)
	case "CMD":
		return json.Unmarshal([]byte(rest), &d.config.Cmd)
	default:
		return fmt.Errorf("%s is not understood here", word)
	}
	return nil
}
