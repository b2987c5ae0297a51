package images

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestTheProjectsDockerfileIsUnderstood(t *testing.T) {
	got, err := readDockerfile(filepath.Join("..", "..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if got.program == "" || got.config.User == "" || len(got.config.Entrypoint) == 0 {
		t.Errorf("the last stage lacks a program, a user or an entry point: %+v", got)
	}
}

func TestReadDockerfile(t *testing.T) {
	for name, test := range map[string]struct {
		reason, text string
		want         dockerfile
		complaint    string
	}{
		"the last stage counts": {
			reason: "the build stage is not part of the image",
			text:   "FROM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /bin/a\nUSER 1:1\nENTRYPOINT [\"/bin/a\"]\nCMD [\"serve\"]\n",
			want:   dockerfile{program: "bin/a", config: v1.Config{User: "1:1", Entrypoint: []string{"/bin/a"}, Cmd: []string{"serve"}}},
		},
		"an unknown instruction": {
			reason: "an image that silently lacks something would be tested in place of the published one",
			text:   "FROM scratch\nCOPY --from=b /a /a\nVOLUME /data\n", complaint: "VOLUME is not understood",
		},
		"another base": {
			reason: "its files would be missing here",
			text:   "FROM debian\nCOPY a /a\n", complaint: "not FROM scratch",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "Dockerfile")
			if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := readDockerfile(path)
			if test.complaint != "" {
				if err == nil || !strings.Contains(err.Error(), test.complaint) {
					t.Fatalf("%s: want a complaint %q, got %v", test.reason, test.complaint, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(dockerfile{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}
