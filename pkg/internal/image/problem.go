package image

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// The grammar is that of the distribution reference (github.com/distribution/reference,
// reference.go and normalize.go), which container runtimes use.
var (
	component = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`)
	domain    = regexp.MustCompile(`^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$`)
	tag       = regexp.MustCompile(`^\w[\w.-]{0,127}$`)
	sha256    = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	sha512    = regexp.MustCompile(`^sha512:[0-9a-f]{128}$`)
	sha384    = regexp.MustCompile(`^sha384:[0-9a-f]{96}$`)
	identity  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	variable  = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_]\w*`)
	blank     = regexp.MustCompile(`<[^<>]+>`)
	scheme    = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*://`)
)

// longest is the most characters that a name without its host, tag and digest may have.
const longest = 255

// Problem is what is wrong with a name: the rest of a sentence that begins with its field.
// It is empty if a container runtime accepts the name.
func Problem(name string) string {
	shown := fmt.Sprintf("is %q", text.Said(name, 200))
	switch found := variable.FindString(name); {
	case name == "":
		return "is empty. Write the name of an image."
	case strings.Contains(name, "{{"):
		return shown + ", which is a Helm template. Render it first: helm template."
	case found != "":
		return fmt.Sprintf("%s: %s was not replaced. Write the value there, or replace it before the file is applied.", shown, text.Said(found, 100))
	case blank.MatchString(name):
		return fmt.Sprintf("%s: %s is a placeholder. Write its value.", shown, text.Said(blank.FindString(name), 100))
	case scheme.MatchString(name):
		prefix := scheme.FindString(name)
		return fmt.Sprintf("%s. An image name has no %s. Write %s.", shown, prefix, text.Said(strings.TrimPrefix(name, prefix), 200))
	case strings.TrimSpace(name) != name || strings.ContainsAny(name, " \t\r\n"):
		return fmt.Sprintf("%s, which has a space. Write %s.", shown, text.Said(strings.Join(strings.Fields(name), ""), 200))
	case identity.MatchString(name):
		return shown + ", which is the id of an image and not a name. Write NAME:TAG."
	}
	rest, hash, hashed := strings.Cut(name, "@")
	if hashed && !goodDigest(hash) {
		return fmt.Sprintf("%s: after the @ a digest must follow, sha256: and 64 characters of 0-9 and a-f.", shown)
	}
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		label := rest[colon+1:]
		switch {
		case label == "":
			return shown + ", which ends with : and has no tag. Write a tag, or remove the colon."
		case !tag.MatchString(label):
			return fmt.Sprintf("%s: a tag has at most 128 letters, digits, _, . and -, and begins with a letter, a digit or _. Correct %q.", shown, text.Said(label, 140))
		}
		rest = rest[:colon]
	}
	return path(shown, rest, name[len(rest):])
}

// path is the problem of a name without tag and digest, which come after it.
func path(shown, name, after string) string {
	host, remote, has := strings.Cut(name, "/")
	if !has || !isHost(host) {
		host, remote = "", name
	}
	switch {
	// A name such as a_b.c cannot be a host, and may be a part of the path.
	case host != "" && !domain.MatchString(host) && !component.MatchString(host):
		return fmt.Sprintf("%s: %q is not a host name with an optional port. Correct it.", shown, text.Said(host, 100))
	case len(remote) > longest:
		return fmt.Sprintf("has %d characters between its host and its tag; the limit is %d. Use a shorter name.", len(remote), longest)
	}
	for _, part := range strings.Split(remote, "/") {
		switch {
		case part == "":
			return shown + ", which has nothing before or after a slash. Correct the slashes."
		case component.MatchString(part):
		case component.MatchString(strings.ToLower(part)):
			return shown + ". Image names are lower case. Write " + text.Said(strings.ToLower(name)+after, 200) + "."
		default:
			return fmt.Sprintf("%s: %q has a character that no image name has. Use a-z, 0-9, and between them ., _ and -.", shown, text.Said(part, 100))
		}
	}
	return ""
}

// isHost says whether the part before the first slash is a registry, and not a folder of
// Docker Hub.
func isHost(part string) bool {
	return strings.ContainsAny(part, ".:") || part == "localhost" || strings.ToLower(part) != part
}

func goodDigest(hash string) bool {
	algorithm, _, _ := strings.Cut(hash, ":")
	switch algorithm {
	case "sha256":
		return sha256.MatchString(hash)
	case "sha384":
		return sha384.MatchString(hash)
	case "sha512":
		return sha512.MatchString(hash)
	}
	return false
}
