package testkit

import (
	"errors"
	"strings"
)

// Words are the words of a line as a POSIX shell reads it (Shell Command Language, 2.2
// and 2.3), if the line is one command that a shell runs as it is written. The error says
// which character the shell would act on: the end of a command, an expansion, a pattern,
// a redirection, a comment, or an open quote.
func Words(line string) (words []string, err error) {
	var word strings.Builder
	within := false
	for at := 0; at < len(line); at++ {
		switch c := line[at]; {
		case c == ' ' || c == '\t':
			if within {
				words = append(words, word.String())
			}
			word.Reset()
			within = false
		case c == '\'':
			end := strings.IndexByte(line[at+1:], '\'')
			if end < 0 {
				return nil, errors.New("a quote is open")
			}
			word.WriteString(line[at+1 : at+1+end])
			at, within = at+1+end, true
		case c == '\\' && at+1 < len(line) && line[at+1] == '\'':
			word.WriteByte('\'')
			at, within = at+1, true
		case strings.IndexByte("\n;&|<>()$`\\\"*?[]#~{}!^", c) >= 0 || c == '=' && !within:
			return nil, errors.New("the shell acts on " + string(c))
		default:
			word.WriteByte(c)
			within = true
		}
	}
	if within {
		words = append(words, word.String())
	}
	return words, nil
}
