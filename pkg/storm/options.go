package storm

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// Options encodes settings as the value of the JVM's -Dstorm.options: each
// key=value percent-encoded as python's quote_plus does it (bin/storm.py,
// v2.8.1), joined by commas. Every value is JSON, strings in quotes: Storm's
// client parses values permissively (readCommandLineOpts in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java), and only so gets
// exactly what was meant. The text has neither spaces, quotes nor brackets.
func Options(settings map[string]any) (string, error) {
	var options []string
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if strings.Contains(key, "=") { // Storm cuts at the first one
			return "", fmt.Errorf("setting %q has a name with = in it", key)
		}
		value, err := textutil.JSON(settings[key])
		if err != nil {
			return "", fmt.Errorf("setting %q: %w", key, err)
		}
		options = append(options, url.QueryEscape(key+"="+value))
	}
	return strings.Join(options, ","), nil
}
