package inpod

import "strings"

// unlinked finds the class that a class of Storm's client needs and Java does not find. A
// frame of Storm's further down proves nothing: Storm's client loads what main names.
type unlinked struct {
	// forStorm is that class, with dots; missing is one whose first frame follows.
	forStorm, missing string
}

var anyClass = classIn(`\bjava\.lang\.NoClassDefFoundError: ([\w/$]+)$`)

// frameClass is the class of a frame, after the names of a class loader and of a module.
var frameClass = pattern(`^at (?:[^(]*/)?([\w.$]+)\.[\w$<>]+\(`)

func (u *unlinked) add(line string) {
	missing := u.missing
	u.missing = ""
	switch trimmed := strings.TrimSpace(line); {
	case strings.Contains(line, "NoClassDefFoundError"):
		u.missing = anyClass(line)
	case missing != "" && isFrame(trimmed):
		if frame := frameClass().FindStringSubmatch(trimmed); frame != nil && inClient().MatchString(frame[1]) {
			u.forStorm = missing
		}
	}
}

// inClient are classes of Storm's client, and its own copies of libraries (2.0.0 to 3.0.0).
// Modules that a JAR brings along have other packages, and so has most of Storm's server.
var inClient = pattern(`^org\.apache\.storm\.(` +
	`(Config|Constants|I\w+|LogWriter|StormSubmitter|StormTimer|Thrift)(\$\w+)?` +
	`|utils\.[A-RT-Z].*` + // the server has ServerUtils and ServerConfigUtils
	`|(annotation|assignments|bolt|callback|cluster|coordination|dependency|drpc|executor|generated|grouping|hooks|lambda` +
	`|messaging|metrics2|multilang|networktopography|policy|serialization|shade|spout|state|streams|task|thrift` +
	`|topology|transactional|trident|tuple|validation|windowing)\..+)$`)

// besideClient are classes of the libraries that each Storm has beside its client. Other
// parts of these libraries belong into the JAR of a topology that needs them.
var besideClient = pattern(`^(org\.slf4j\.((event|helpers|spi)\.)?[A-Z]` +
	`|org\.apache\.logging\.log4j\.((core|internal|message|simple|spi|status|util)\.|[A-Z])` +
	`|com\.esotericsoftware\.|com\.codahale\.metrics\.((graphite|jmx|jvm)\.)?[A-Z])`)

// missingClass is the class that is missing in an exception of Java; empty if it is another one.
var missingClass = classIn(`^java\.lang\.(?:NoClassDefFoundError|ClassNotFoundException): ([\w/.$]+)$`)

// lackedByStorm is a class that a complete Storm has, or that its client needs, if main ended
// since it is missing; empty if main ended otherwise.
func (c clues) lackedByStorm() string {
	class := missingClass(c.thrown())
	if class != "" && (class == c.forStorm || besideClient().MatchString(class)) {
		return class
	}
	if class = c.said[noStormClass]; inClient().MatchString(class) {
		return class
	}
	return ""
}
