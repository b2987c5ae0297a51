package manifests

import (
	"strings"
	"testing"

	"github.com/distribution/reference"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// kubectl storm validate accepts the names of images that container runtimes accept: the
// library that they use judges the same names.
func TestImageNamesAreThoseOfContainerRuntimes(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	hosts := []string{"", "localhost/", "localhost:5000/", "reg.example.com/", "reg.example.com:5000/", "Reg/", "a..b/", "a_b.c/", "a:b/", "[2001:db8::1]:5000/", "-a.b/", "a-.b/", "192.168.1.1/"}
	names := []string{"a", "a/b", "a/b/c", "A", "a/B", "a_b", "a__b", "a___b", "a.b", "a..b", "a-b", "a--b", "-a", "a-", "_a", "a_.b", "a//b", "/a", "a/", "a b", "a<b", "ä", sum, "library/" + sum, strings.Repeat("a", 240)}
	ends := []string{"", ":v1", ":V1.0-x_y", ":", ":-a", ":a+b", ":" + strings.Repeat("a", 128), ":" + strings.Repeat("a", 129), "@sha256:" + sum, ":v1@sha256:" + sum, "@sha256:abc", "@", "@sha512:" + sum + sum, "@md5:" + sum, "@sha256:" + strings.ToUpper(sum)}
	compared := 0
	for _, host := range hosts {
		for _, name := range names {
			for _, end := range ends {
				written := host + name + end
				_, err := reference.ParseNormalizedNamed(written)
				problems := preview.ClusterProblems(&v1beta1.StormCluster{Spec: v1beta1.StormClusterSpec{Image: written, Nimbus: v1beta1.Nimbus{Seeds: []string{"nimbus"}}}})
				if compared++; (err == nil) != (len(problems) == 0) {
					t.Errorf("%s: the library says %v, Stormhooks says %v", written, err, problems)
				}
			}
		}
	}
	if compared < 4000 {
		t.Errorf("only %d names", compared)
	}
}
