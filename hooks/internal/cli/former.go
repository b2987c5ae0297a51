package cli

import (
	_ "embed"
	"strings"
)

//go:embed former.txt
var formerRows string

// former are settings that Storm had before Storm 2, and their counterparts.
var former = func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(formerRows) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			was, now, _ := strings.Cut(line, " | ")
			all[was] = now
		}
	}
	return all
}()

// onFormer is what to do about a setting that only an old Storm has; empty for any other.
func onFormer(key string) string {
	now, is := former[key]
	switch {
	case !is:
		return ""
	case now == "":
		return "is a setting of Storm before 2.0; newer ones ignore it. Remove it."
	}
	return "is a setting of Storm before 2.0; newer ones ignore it. Its counterpart is " + now + "."
}
