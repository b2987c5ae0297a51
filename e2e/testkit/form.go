package testkit

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MessageLimit is the longest message in bytes, without its tail.
const MessageLimit = 400

// Form says how a message for a person differs from the form "What is so. What to
// do.". With wantsStep a person must act, and the message must end with a step.
func Form(message string, wantsStep bool) (faults []string) {
	text := withoutTail(message)
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if !begins(text) {
		fault("it does not begin with a capital letter, a digit, a name in quotes or a field")
	}
	if !strings.HasSuffix(text, ".") && !endsWithCommand.MatchString(text) {
		fault("it does not end with a full stop")
	}
	for _, sentence := range sentences(text) {
		if joined := spliced(sentence); joined != "" {
			fault("a comma joins two sentences: %q", joined)
		}
	}
	if !names.MatchString(text) {
		fault("it names no object and no field")
	}
	if wantsStep && !hasStep(text) {
		fault("a person must act, and its last two sentences have no step for a person")
	}
	if len(text) > MessageLimit {
		fault("it has %d bytes, and may have %d without its tail", len(text), MessageLimit)
	}
	return faults
}

// tail is where the words of main, of a component or of Storm begin: they are not
// Stormhooks' own, and end a message.
var tail = regexp.MustCompile(`(?s) Last output: .*| Storm answered: .*| reported: .*`)

func withoutTail(message string) string {
	at := tail.FindStringIndex(message)
	if at == nil {
		return message
	}
	return strings.TrimRight(message[:at[0]], ".") + "."
}

var beginsWithField = regexp.MustCompile(`^(spec|status|metadata)\.\w`)

func begins(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(first) || unicode.IsDigit(first) || first == '"' || beginsWithField.MatchString(text)
}

// endsWithCommand: a full stop behind a command would be copied with it.
var endsWithCommand = regexp.MustCompile(`: kubectl [^"]*$`)

var sentenceEnd = regexp.MustCompile(`[.;:] `)

// quotes are what a message quotes, and asides; no clause of its own is in them.
var quotes = regexp.MustCompile(`"[^"]*"|\([^()]*\)`)

func sentences(text string) []string {
	return sentenceEnd.Split(quotes.ReplaceAllString(text, "NAME"), -1)
}

// subordinate clauses may be followed by a comma and a main clause.
var subordinate = regexp.MustCompile(`^(?i:If|When|Where|While|Since|After|Before|As|Until|Unless|Although|Because|To|With|Without|In|On|At|For|Once|Then|By) `)

// splice is a comma, a subject, and its verb.
var splice = regexp.MustCompile(`[^,]*, (it|they|this|that|these|nothing|Storm|Nimbus|Kubernetes|NAME|[Tt]he [\w-]+( [\w-]+)?|an? [\w-]+) ` +
	`(is|are|was|were|has|have|had|does|do|did|will|can|cannot|must|may|runs|keeps|goes|stays|waits|needs|wants|says|gives|holds|takes)\b`)

func spliced(sentence string) string {
	if subordinate.MatchString(sentence) {
		return ""
	}
	return splice.FindString(sentence)
}

// names are what a reader can look up: a field, a name in quotes, or a kind of object.
var names = regexp.MustCompile(`\b(spec|status|metadata)\.\w|"[^"]+"|\bstorm\.apache\.org/|` +
	`(?i)\b(stormtopology|stormcluster|topology|revision|jobs?|pods?|containers?|claim|volume|jar|image|main|workers?|component|namespace|annotation|storm|nimbus|kubernetes|scheduler)\b`)

// step is what a person is told to do.
var step = regexp.MustCompile(`(^|[ (])(kubectl \w|([Aa]dd|[Aa]pply|[Aa]sk|[Bb]uild|[Cc]hange|[Cc]heck|[Cc]hoose|[Cc]orrect|[Cc]reate|[Dd]elete|[Ff]ix|[Ff]ree|[Gg]ive|[Ii]nstall|` +
	`[Kk]ill|[Ll]ower|[Pp]oint|[Pp]ush|[Rr]aise|[Rr]ead|[Rr]emove|[Rr]enew|[Rr]ename|[Rr]eplace|[Ss]ee|[Ss]et|[Ss]tart|[Tt]ake|[Uu]pgrade|[Uu]se|[Ww]rite) [\w"])`)

// hasStep looks at the last two sentences: a step may be followed by its result.
func hasStep(text string) bool {
	all := strings.Split(strings.TrimSuffix(text, "."), ". ")
	return step.MatchString(strings.Join(all[max(0, len(all)-2):], ". "))
}
