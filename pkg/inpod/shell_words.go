package inpod

import (
	"errors"
	"strings"
)

// shellWords splits options as a shell does, without its variables: like shlex.split of
// Python, by which Storm's command reads STORM_JAR_JVM_OPTS (bin/storm.py, v2.8.1).
func shellWords(line string) (words []string, err error) {
	var word strings.Builder
	var quote rune   // the quote that is open, or 0
	within := false  // a word has begun; it may be empty, as ''
	escaped := false // after a backslash
	for _, r := range line {
		switch {
		case escaped:
			if quote != 0 && r != '\\' && r != quote {
				word.WriteRune('\\') // within quotes a backslash escapes only these
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, within = true, true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, within = r, true
		case quote == 0 && strings.ContainsRune(" \t\r\n", r):
			if within {
				words = append(words, word.String())
			}
			word.Reset()
			within = false
		default:
			word.WriteRune(r)
			within = true
		}
	}
	switch {
	case quote != 0:
		return nil, errors.New("a quote is not closed")
	case escaped:
		return nil, errors.New("it ends with a backslash")
	case within:
		words = append(words, word.String())
	}
	return words, nil
}
