package storm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
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
		value, err := encodeJSON(settings[key])
		if err != nil {
			return "", fmt.Errorf("setting %q: %w", key, err)
		}
		options = append(options, url.QueryEscape(key+"="+value))
	}
	return strings.Join(options, ","), nil
}

func encodeJSON(value any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
