package validate

import (
	_ "embed"
	"strings"
)

// synonymRows are fields of Kubernetes, of Storm's command line, of Flink, Spark and other
// operators, of Helm charts, and of another controller with the same kinds.
//
//go:embed synonyms.txt
var synonymRows string

// synonyms has what to write instead of a field, by the end of its path in small letters.
var synonyms = func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(synonymRows) {
		if field, says, is := strings.Cut(strings.TrimSpace(line), " | "); is {
			all[strings.ToLower(field)] = says
		}
	}
	return all
}()

// otherName says what a field of another product is here; empty if it is not known.
func otherName(path string) string {
	for rest := strings.ToLower(path); rest != ""; _, rest, _ = strings.Cut(rest, ".") {
		if says := synonyms[rest]; says != "" {
			return " " + says
		}
	}
	return ""
}
