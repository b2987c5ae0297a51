package storm

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// Options encodes settings as the value of -Dstorm.options for the JVM: each key=value
// is percent-encoded as by quote_plus of Python (bin/storm.py, v2.8.1), and joined by
// commas. Every value is JSON, strings in quotes: Storm's client parses values
// permissively (readCommandLineOpts in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java), and only JSON gives it
// exactly the value of the setting. The text has no spaces, quotes or brackets.
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
