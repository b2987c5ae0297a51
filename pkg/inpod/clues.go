package inpod

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// thrownLimit is the longest exception in a message, in bytes.
const thrownLimit = 300

// clues are what a verdict reads in main's output. They are collected while main prints, so
// that nothing hides them which is printed later: neither the frames of a stack trace nor
// what main logs while it shuts down.
type clues struct {
	traces
	unlinked
	jvmStart
	// said has for each known sentence the last line with it, or the part that matters.
	said [len(sentences)]string
}

// sentence is a sentence of Java that a verdict knows.
type sentence int

const (
	heapFull sentence = iota
	mainNotLoaded
	argumentFileNotRead // Java 8 does not know files of arguments
	noMainMethod
	brokenJava // files of the JVM are missing
	compiledForNewer
	stormForNewer
	noLocalCluster // LocalCluster, LocalDRPC: in storm-server, which is not on the class path
	noStormClass
	wrongSignature
)

// sentences say how to find the known sentences. A line without in has none; find returns
// what is kept of a line, or nothing.
var sentences = [...]struct {
	in   string
	find func(line string) string
}{
	heapFull:            {"emory", lineWith(`java\.lang\.OutOfMemoryError|insufficient memory for the Java Runtime Environment`)},
	mainNotLoaded:       {"main class", lineWith(`Could not find or load main class`)},
	argumentFileNotRead: {"main class @", lineWith(`Could not find or load main class @`)},
	noMainMethod:        {"Main method ", lineWith(`Main method (not found in|is not static in|must return a value of type void in) class`)},
	brokenJava:          {"rror", lineWith(`\bjava: error while loading shared libraries: |^Error: (could not find libjava\.so|Could not find Java SE Runtime|missing .* JVM at |failed .*libjvm\.so|could not open .*jvm\.cfg)`)},
	compiledForNewer:    {"UnsupportedClassVersionError", partOf(`UnsupportedClassVersionError: (.+)`)},
	stormForNewer:       {"UnsupportedClassVersionError", classIn(`UnsupportedClassVersionError: (org/apache/storm/[\w/$]+)`)},
	noLocalCluster:      {"torm", classIn(`(?:NoClassDefFoundError|ClassNotFoundException): (org[/.]apache[/.]storm[/.]Local\w*)`)},
	noStormClass:        {"torm", stormClass},
	wrongSignature:      {"SecurityException", lineWith(`java\.lang\.SecurityException: ([\w-]+ ){0,2}(signature|digest|manifest section) `)},
}

// lineWith keeps the line.
func lineWith(expression string) func(string) string {
	compiled := pattern(expression)
	return func(line string) string {
		if compiled().MatchString(line) {
			return line
		}
		return ""
	}
}

// partOf keeps what is the group of the expression.
func partOf(expression string) func(string) string {
	compiled := pattern(expression)
	return func(line string) string {
		if found := compiled().FindStringSubmatch(line); found != nil {
			return text.Cut(found[1], 200)
		}
		return ""
	}
}

// classIn keeps a class, with dots.
func classIn(expression string) func(string) string {
	part := partOf(expression)
	return func(line string) string { return strings.ReplaceAll(part(line), "/", ".") }
}

var anyStormClass = classIn(`(?:NoClassDefFoundError|ClassNotFoundException): ((?:org[/.]apache|backtype)[/.]storm[/.][\w/.$]+)`)

func stormClass(line string) string {
	found := anyStormClass(line)
	if strings.HasPrefix(found, "org.apache.storm.Local") {
		return ""
	}
	return found
}

// add reads the next line.
func (c *clues) add(line string) {
	c.traces.add(line)
	c.unlinked.add(line)
	c.jvmStart.add(line)
	for i, s := range sentences {
		if !strings.Contains(line, s.in) {
			continue
		}
		if found := s.find(line); found != "" {
			c.said[i] = found
		}
	}
}

// has says whether a sentence was printed.
func (c clues) has(s sentence) bool { return c.said[s] != "" }

// hidden are the clues as they may leave the pod.
func (c clues) hidden(hide func(string) string) clues {
	if hide == nil {
		return c
	}
	c.uncaught, c.printed = hide(c.uncaught), hide(c.printed)
	for i := range c.words {
		c.words[i] = hide(c.words[i])
	}
	for i := range c.said {
		c.said[i] = hide(c.said[i])
	}
	return c
}

// traces finds the exceptions that are printed with a stack trace.
type traces struct {
	// uncaught is the innermost cause of the exception that ended the thread main, printed
	// that of the last other exception.
	uncaught, printed string
	// inMain: a cause that follows is one of uncaught.
	inMain bool
	// begun is an exception that counts if frames follow. Its message may have several
	// lines; room is how many.
	begun string
	room  int
}

// messageLines is the longest message of an exception, in lines.
const messageLines = 50

var (
	// thrownLine is the first line of a stack trace, after the prefix of a logger.
	thrownLine = pattern(`(?:^|[\s:])((?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)\b(?:: .*)?)$`)
	// thrownAtStart is such a line without a prefix: the class may have any name.
	thrownAtStart = pattern(`^(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:: .*)?$`)
	// causeOfTrace is the line of a cause; what follows the words may be text of main's own.
	causeOfTrace = pattern(`^Caused by: ((?:[\w$]+\.)+[\w$]+(?:: .*)?|[\w$]+(?:Exception|Error)(?:: .*)?)$`)
)

func (t *traces) add(line string) {
	trimmed := strings.TrimSpace(line)
	switch thread, thrown, ended := endOfThread(line); {
	case ended:
		t.inMain = thread == "main"
		t.found(thrown)
	case strings.HasPrefix(line, "Caused by: "):
		if cause := causeOfTrace().FindStringSubmatch(line); cause != nil {
			t.found(cause[1])
		}
	case strings.HasPrefix(trimmed, "Suppressed: "), strings.HasPrefix(trimmed, "Caused by: "), strings.HasPrefix(trimmed, "Wrapped by: "):
		t.begun = "" // an exception beside the cause, or around it
	case isFrame(trimmed):
		if t.begun != "" {
			t.inMain = false
			t.found(t.begun)
		}
	default:
		t.mayBegin(line, trimmed)
	}
}

func (t *traces) found(thrown string) {
	t.begun = ""
	if t.inMain {
		t.uncaught = thrown
	} else {
		t.printed = thrown
	}
}

// mayBegin reads a line that is the first one of a stack trace, or a line of its message, or
// neither.
func (t *traces) mayBegin(line, trimmed string) {
	if strings.Contains(line, "Exception") || strings.Contains(line, "Error") {
		if found := thrownLine().FindStringSubmatch(trimmed); found != nil {
			t.begun, t.room = found[1], messageLines
			return
		}
	}
	if thrownAtStart().MatchString(line) {
		t.begun, t.room = line, 0
		return
	}
	if t.room--; t.room < 0 {
		t.begun = ""
	}
}

// thrown is the exception of a verdict: the innermost cause, which says most.
func (t traces) thrown() string {
	if t.uncaught != "" {
		return text.Cut(t.uncaught, thrownLimit)
	}
	return text.Cut(t.printed, thrownLimit)
}

// isFrame says whether a line, without its indent, is a frame of a stack trace.
func isFrame(trimmed string) bool { return strings.HasPrefix(trimmed, "at ") }

// endOfThread reads the line that Java prints if an exception ends a thread.
func endOfThread(line string) (thread, thrown string, ended bool) {
	rest, begins := strings.CutPrefix(line, `Exception in thread "`)
	if !begins {
		return "", "", false
	}
	return strings.Cut(rest, `" `)
}

// jvmStart finds why a JVM did not start, in its own words.
type jvmStart struct {
	failed, agent bool
	// words are its last two lines, without those that say nothing; complete: no more
	// follow.
	words    []string
	complete bool
	// kept is how many lines there were before.
	kept int
}

func (s *jvmStart) add(line string) {
	switch {
	case strings.HasPrefix(line, "FATAL ERROR in native method: processing of -javaagent failed"):
		s.failed, s.agent = true, true
	case s.complete:
	case strings.HasPrefix(line, "Error occurred during initialization of "): // its reason follows
		s.failed = true
	case line == "Error: Could not create the Java Virtual Machine.": // its reason was printed before
		s.failed, s.complete = true, true
	case strings.HasPrefix(line, "Error: could not open `"): // a file of arguments
		s.keep(line)
		s.failed, s.complete = true, true
	case strings.HasPrefix(line, "Picked up "), strings.HasPrefix(line, "NOTE: Picked up "):
	default:
		s.keep(line)
		s.complete = s.failed
	}
}

func (s *jvmStart) keep(line string) {
	s.kept++
	if s.words = append(s.words, line); len(s.words) > 2 {
		s.words = s.words[1:]
	}
}

// startLines is how many lines Java prints at most when it does not start.
const startLines = 5

// atOnce says whether the JVM did not start before anything else had printed: it is not one
// that main started.
func (c clues) atOnce() bool { return c.unstarted() != "" && !c.agent && c.kept <= startLines }

// unstarted is why the JVM did not start, or empty. A JVM that main itself started is not
// meant: then main ended with an exception.
func (c clues) unstarted() string {
	switch {
	case !c.failed:
		return ""
	case c.agent:
		return joined("the Java agent failed:", c.thrown())
	case c.uncaught != "":
		return ""
	}
	return strings.TrimRight(text.Cut(strings.Join(c.words, ", "), thrownLimit), ". ")
}
