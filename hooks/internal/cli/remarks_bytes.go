package cli

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// inBytes end the paths of quantities that count bytes.
var inBytes = regexp.MustCompile(`\.resources\.(?:requests|limits)\.(?:memory|storage|ephemeral-storage)$|\.storage\.size$|\.emptyDir\.sizeLimit$`)

// onBytes remarks on sizes that are too small for anything, since their unit is missing or is
// another one: 512 are 512 bytes, and m is a thousandth.
func onBytes(value any, path string) (remarks []Remark) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if below := path + "." + key; below != "spec.topology.config" && below != "spec.config" {
				remarks = append(remarks, onBytes(v[key], below)...)
			}
		}
	case []any:
		for i, item := range v {
			remarks = append(remarks, onBytes(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case string, int64, float64:
		if text := fmt.Sprint(v); inBytes.MatchString(path) {
			if says := onSize(text, path); says != "" {
				remarks = append(remarks, Remark{strings.Split(path, "."), path, path + " is " + says})
			}
		}
	}
	return remarks
}

var bareSize = regexp.MustCompile(`^([0-9]{1,5})(m|k|Ki|)$`)

// onSize is the rest of a sentence that begins with a size; empty if it is large enough. A
// request of 0 is none, which may be meant.
func onSize(text, path string) string {
	const least = 1 << 20
	request, unit := strings.Contains(path, ".requests."), "Mi"
	if strings.HasSuffix(path, ".size") || strings.HasSuffix(path, ".storage") {
		unit = "Gi"
	}
	size, err := resource.ParseQuantity(text)
	if err != nil || size.Sign() < 0 || size.Value() >= least || size.IsZero() && request {
		return ""
	}
	bytes := fmt.Sprintf("%d bytes", size.Value())
	if size.Value() == 1 {
		bytes = "1 byte"
	}
	is := bytes + "."
	part := bareSize.FindStringSubmatch(text)
	switch {
	case part != nil && part[2] == "m":
		is = text + ", and m is a thousandth: less than a byte, or a few."
	case part != nil && part[2] != "":
		is = fmt.Sprintf("%s, which is %s.", text, bytes)
	}
	if part == nil || size.IsZero() {
		return is + " Write a size such as 512" + unit + "."
	}
	return fmt.Sprintf("%s Did you mean %s%s?", is, part[1], unit)
}
