package jar

import (
	"fmt"
	"slices"
	"strings"
)

// A layout is a form of a JAR whose classes are not at its root. Only a launcher inside the
// JAR finds them there; Storm's workers load classes from the root.
type layout struct {
	folder string // where the classes are
	name   string
}

var layouts = []layout{
	{"BOOT-INF/classes/", "a Spring Boot JAR"},
	{"WEB-INF/classes/", "a web application (WAR)"},
}

// launchers are main classes of tools that load the topology's classes from JARs inside the
// JAR, or beside it. Each ends with a dot or is a whole name.
var launchers = []struct{ class, tool string }{
	{"org.springframework.boot.loader.", "Spring Boot"},
	{"com.simontuffs.onejar.", "One-JAR"},
	{"org.eclipse.jdt.internal.jarinjarloader.", "Eclipse"},
	{"io.quarkus.bootstrap.runner.", "Quarkus"},
	{"org.wildfly.swarm.bootstrap.", "Thorntail"},
	{"org.wildfly.core.jar.boot.", "WildFly"},
	{"org.jboss.modules.", "JBoss Modules"},
	{"coursier.bootstrap.launcher.", "Coursier"},
	{"xsbt.boot.", "sbt"},
	{"Capsule", "Capsule"},
	{"JarMain", "Warbler"},
}

// flat is how a JAR is built whose classes are at its root.
const flat = "Build a flat JAR (maven-shade-plugin, Gradle shadow)"

// layoutOf is the layout that an entry belongs to, or nil.
func layoutOf(name string) *layout {
	for i := range layouts {
		if strings.HasPrefix(name, layouts[i].folder) && strings.HasSuffix(name, ".class") {
			return &layouts[i]
		}
	}
	return nil
}

// sentence says where the classes of the JAR are.
func (l *layout) sentence(of string) string {
	return fmt.Sprintf("%s is %s: its classes are in %s, where workers cannot load them.", of, l.name, strings.TrimSuffix(l.folder, "/"))
}

// launcherOf is the tool whose launcher a class is, or empty.
func launcherOf(class string) string {
	at := slices.IndexFunc(launchers, func(l struct{ class, tool string }) bool {
		return class == l.class || strings.HasSuffix(l.class, ".") && strings.HasPrefix(class, l.class)
	})
	if at < 0 {
		return ""
	}
	return launchers[at].tool
}
