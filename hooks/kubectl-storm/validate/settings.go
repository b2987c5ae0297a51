package validate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// corrected names the value to write in a sentence about a setting of Storm, if the value
// of the file says which one is meant.
func corrected(path, sentence string, value *yaml.Node) string {
	says, vague := strings.CutSuffix(sentence, "Correct the value.")
	key, err := strconv.Unquote(strings.TrimSuffix(strings.TrimPrefix(path, "spec.topology.config["), "]"))
	if !vague || err != nil || value == nil || storm.MayBeSecret(key) {
		return sentence
	}
	const longest = 100
	for _, meant := range likely(key, value) {
		if _, problems := storm.Settings(map[string]any{key: meant}); len(problems) == 0 {
			if text, err := json.Marshal(meant); err == nil && len(text) <= longest {
				return fmt.Sprintf("%sWrite %s.", says, text)
			}
		}
	}
	return sentence
}

var withUnit = regexp.MustCompile(`^(\d{1,9}) ?([KMGkmg])(i?)[Bb]?$`)

// likely are the values that a text or a list may stand for.
func likely(key string, value *yaml.Node) (values []any) {
	if value.Kind == yaml.SequenceNode {
		var texts []any
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode || storm.MayBeSecret(item.Value) {
				return nil
			}
			texts = append(texts, item.Value)
		}
		return []any{texts}
	}
	if yes, is := truth(value.Value); is {
		values = append(values, yes)
	}
	if took, err := time.ParseDuration(strings.ReplaceAll(value.Value, " ", "")); err == nil && strings.HasSuffix(key, ".secs") && took%time.Second == 0 {
		values = append(values, int64(took/time.Second))
	} else if err == nil && (strings.HasSuffix(key, ".ms") || strings.HasSuffix(key, ".millis")) {
		values = append(values, took.Milliseconds())
	}
	if part := withUnit.FindStringSubmatch(value.Value); part != nil {
		number, _ := strconv.ParseInt(part[1], 10, 64) // it has digits only
		power := strings.Index("kmg", strings.ToLower(part[2])) + 1
		thousand := int64(1000)
		if strings.HasSuffix(key, ".mb") {
			power, thousand = power-2, 1024
		} else if part[3] != "" {
			thousand = 1024
		}
		for range power {
			number *= thousand
		}
		if power >= 0 {
			values = append(values, number)
		}
	}
	return values
}

// truth is what a word for true or false means.
func truth(word string) (yes, is bool) {
	word = strings.ToLower(word)
	yes = slices.Contains([]string{"yes", "on", "y", "enabled"}, word)
	return yes, yes || slices.Contains([]string{"no", "off", "n", "disabled"}, word)
}
