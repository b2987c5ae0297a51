package image

import (
	"strings"
	"testing"
)

// The names are those of the tests of github.com/distribution/reference, and of people.
func TestProblem(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	for _, name := range []string{
		"a", "apache/storm", "apache/storm:2.8.1", "library/a_b.c-d__e", "localhost/a", "localhost:5000/a:b", "registry.example.com/team/wordcount:v1",
		"registry.example.com:5000/a/b/c@sha256:" + sum, "a:b@sha256:" + sum, "[2001:db8::1]:5000/repo", "xn--7o8h.com/myimage:xn--7o8h.com",
		"MyCompany/app", "a:B_c.D-1", "a@sha512:" + sum + sum, "192.168.1.1/a", "a--b", "a_b.c/d",
	} {
		if got := Problem(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, want := range map[string]string{
		"":                                  "is empty.",
		"{{ .Values.image }}":               "Helm template",
		"mycompany/x:${TAG}":                "${TAG} was not replaced.",
		"$IMAGE":                            "$IMAGE was not replaced.",
		"$(IMAGE)":                          "$(IMAGE) was not replaced.",
		"https://reg/x":                     "An image name has no https://. Write reg/x.",
		"docker://a":                        "An image name has no docker://. Write a.",
		"apache/storm :2.6":                 "has a space. Write apache/storm:2.6.",
		"a\n":                               "has a space",
		"a:":                                "has no tag",
		"a:b+c":                             "a tag has at most 128",
		"a:" + strings.Repeat("b", 129):     "a tag has at most 128",
		"a:-b":                              "a tag has at most 128",
		"a@sha256:abc":                      "a digest must follow",
		"a@":                                "a digest must follow",
		"a@md5:" + sum:                      "a digest must follow",
		"a@sha256:" + strings.ToUpper(sum):  "a digest must follow",
		sum:                                 "the id of an image",
		"a//b":                              "nothing before or after a slash",
		"/a":                                "nothing before or after a slash",
		"a/":                                "nothing before or after a slash",
		"a/B":                               "Write a/b.",
		"Apache":                            "Write apache.",
		"Reg/Ab:V1@sha256:" + sum:           "Write reg/ab:V1@sha256:" + sum + ".",
		"a/<b>":                             "<b> is a placeholder.",
		"a/b!":                              "has a character that no image name has",
		"a/b-":                              "has a character that no image name has",
		"a/_b":                              "has a character that no image name has",
		"a...b/c":                           "is not a host name",
		"a:port/c":                          "is not a host name",
		"a/" + strings.Repeat("b", 254):     "the limit is 255",
		strings.Repeat("a/", 128) + "a:tag": "the limit is 255",
	} {
		if got := Problem(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", name, got, want)
		}
	}
}
