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
	for _, meant := range likely(key, value) {
		if _, problems := storm.Settings(map[string]any{key: meant}); len(problems) == 0 {
			text, _ := json.Marshal(meant) // numbers, true, false and texts
			return fmt.Sprintf("%sWrite %s.", says, text)
		}
	}
	return sentence
}

var withUnit = regexp.MustCompile(`^(\d{1,9}) ?([KMGkmg])i?[Bb]?$`)

// likely are the values that a text or a list may stand for.
func likely(key string, value *yaml.Node) (values []any) {
	if value.Kind == yaml.SequenceNode {
		var texts []any
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
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
		unit := strings.ToLower(part[2])
		switch {
		case !strings.HasSuffix(key, ".mb"):
			values = append(values, number*map[string]int64{"k": 1e3, "m": 1e6, "g": 1e9}[unit])
		case unit != "k":
			values = append(values, number*map[string]int64{"m": 1, "g": 1024}[unit])
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
