package jar

import (
	"bytes"
	"crypto"
	_ "crypto/md5" // old signatures
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

const (
	metaFolder = "META-INF/"
	// metaLimit is the longest manifest or signature that is understood, in bytes.
	metaLimit = 4 << 20
	// signaturesKept is how many signatures are looked into.
	signaturesKept = 32
)

// metaInf is what matters in the folder META-INF.
type metaInf struct {
	manifest   *located
	signatures []located
	blocks     []string // the names of the signatures' keys, without their endings
	// main are the main attributes of the manifest, by names in upper case; unmatched are
	// signatures that do not match it.
	main      map[string]string
	unmatched []string
}

// blockEndings are those of the files with the keys of signatures. Java ignores a signature
// without such a file.
var blockEndings = []string{".RSA", ".DSA", ".EC"}

func (m *metaInf) add(at located) {
	name := at.name[len(metaFolder):]
	if strings.Contains(name, "/") {
		return
	}
	switch ending := strings.ToUpper(path.Ext(name)); {
	case strings.EqualFold(name, "MANIFEST.MF"):
		m.manifest = &at
	case ending == ".SF" && len(m.signatures) < signaturesKept:
		m.signatures = append(m.signatures, at)
	case slices.Contains(blockEndings, ending) && len(m.blocks) < signaturesKept:
		m.blocks = append(m.blocks, signer(name))
	}
}

// signer is the name of a file in upper case, without its ending.
func signer(name string) string {
	return strings.ToUpper(strings.TrimSuffix(name, path.Ext(name)))
}

func (m *metaInf) look(from io.ReaderAt, unpacker *unpacker) {
	if m.manifest == nil || m.manifest.unpacked > metaLimit {
		return
	}
	manifest := m.manifest.read(from, unpacker, metaLimit)
	m.main = attributes(mainSection(manifest))
	for _, signature := range m.signatures {
		if signature.unpacked > metaLimit || !slices.Contains(m.blocks, signer(signature.name[len(metaFolder):])) {
			continue
		}
		if isStale(signature.read(from, unpacker, metaLimit), manifest) {
			m.unmatched = append(m.unmatched, signature.name)
		}
	}
	slices.Sort(m.unmatched)
}

// classPath is what the manifest names beside the JAR, or empty.
func (m *metaInf) classPath() string {
	names := slices.DeleteFunc(strings.Fields(m.main["CLASS-PATH"]), func(name string) bool { return name == "." || name == "./" })
	switch len(names) {
	case 0:
		return ""
	case 1:
		return cut(names[0])
	}
	return fmt.Sprintf("%s and %d more", cut(names[0]), len(names)-1)
}

// stale is the remark on signatures that do not match, or empty.
func (m *metaInf) stale() string {
	if m.unmatched == nil {
		return ""
	}
	return fmt.Sprintf("The JAR contains %s, a signature of a dependency that does not match any more. Build the JAR without META-INF/*.SF, *.DSA, *.RSA and *.EC: exclude them when it is shaded.", cut(m.unmatched[0]))
}

// mainSection is the beginning of a manifest up to its first empty line, with that line.
func mainSection(manifest []byte) []byte {
	for at := 0; at < len(manifest); {
		length, next := firstLine(manifest[at:])
		at += next
		if length == 0 {
			return manifest[:at]
		}
	}
	return manifest
}

// firstLine is the length of a text's first line, and where the next one begins.
func firstLine(text []byte) (length, next int) {
	switch end := bytes.IndexAny(text, "\r\n"); {
	case end < 0:
		return len(text), len(text)
	case bytes.HasPrefix(text[end:], []byte("\r\n")):
		return end, end + 2
	default:
		return end, end + 1
	}
}

// attributes are those of a section, by their names in upper case. A line that begins with a
// space continues the one before it.
func attributes(section []byte) map[string]string {
	found, last := map[string]string{}, ""
	for len(section) > 0 {
		length, next := firstLine(section)
		line := string(section[:length])
		section = section[next:]
		if more, continued := strings.CutPrefix(line, " "); continued {
			found[last] += more
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		last = strings.ToUpper(name)
		found[last] = value
	}
	return found
}

// isStale says whether a signature matches neither the manifest nor its main attributes.
// Then Java loads no class of the JAR: "Invalid signature file digest for Manifest main
// attributes" (processImpl in sun/security/util/SignatureFileVerifier.java, OpenJDK 17).
func isStale(signature, manifest []byte) bool {
	signed := attributes(mainSection(signature))
	if _, matches := digestOf(signed, "-DIGEST-MANIFEST", manifest); matches {
		return false
	}
	known, matches := digestOf(signed, "-DIGEST-MANIFEST-MAIN-ATTRIBUTES", mainSection(manifest))
	return known && !matches
}

var digests = map[string]crypto.Hash{
	"MD5": crypto.MD5, "SHA": crypto.SHA1, "SHA1": crypto.SHA1, "SHA-1": crypto.SHA1,
	"SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
}

// digestOf says whether a signature has a digest of this kind, and whether one matches.
func digestOf(signed map[string]string, ending string, content []byte) (known, matches bool) {
	for name, value := range signed {
		algorithm, is := strings.CutSuffix(name, ending)
		hash, supported := digests[algorithm]
		if !is || !supported {
			continue
		}
		sum := hash.New()
		_, _ = sum.Write(content)
		known = true
		matches = matches || base64.StdEncoding.EncodeToString(sum.Sum(nil)) == value
	}
	return known, matches
}
