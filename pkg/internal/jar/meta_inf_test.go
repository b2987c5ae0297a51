package jar

import (
	"archive/zip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestClassPathOfAManifest(t *testing.T) {
	const begin, end = "The JAR's manifest names ", " in its Class-Path, and Stormhooks takes the JAR alone. List them in spec.topology.jar.container.dependencies, or build one JAR of all."
	for manifest, want := range map[string]string{
		"Manifest-Version: 1.0\r\nMain-Class: com.example.Main\r\n\r\n":                                "",
		"Manifest-Version: 1.0\r\nClass-Path: lib/kafka.jar\r\n\r\n":                                   "lib/kafka.jar",
		"Manifest-Version: 1.0\nclass-path: lib/kafka.jar lib/js\n on.jar  lib/z.jar\nBuilt-By: x\n\n": "lib/kafka.jar and 2 more",
		"Manifest-Version: 1.0\nClass-Path: .\n":                                                       "",
		"Manifest-Version: 1.0\n\nName: a/\nClass-Path: lib/of-a-section.jar\n":                        "",
		"Class-Path: " + strings.Repeat("x", 200) + ".jar\n":                                           strings.Repeat("x", 100) + "\u2026",
		"": "",
	} {
		found, problem := checked(pack(t, main(), file{"META-INF/MANIFEST.MF", manifest, zip.Deflate}))
		got := strings.Join(found.Remarks, "|")
		if problem != nil || want == "" && got != "" || want != "" && got != begin+want+end {
			t.Errorf("%q: %q, %v; want %q", manifest, got, problem, want)
		}
	}
}

// TestSignatures has JARs that the JDK signed: a whole one, one into which another JAR was
// shaded, and one without the key of its signature, which Java ignores.
func TestSignatures(t *testing.T) {
	signed := signedJAR(t)
	const stale = "The JAR contains META-INF/ACME.SF, a signature of a dependency that does not match any more. Build the JAR without META-INF/*.SF, *.DSA, *.RSA and *.EC: exclude them when it is shaded."
	shaded := "Manifest-Version: 1.0\r\nCreated-By: a shading tool\r\n\r\n"
	for _, tc := range []struct {
		why, manifest, without, want string
	}{
		{"as it was signed", "", "", ""},
		{"shaded", shaded, "", stale},
		{"shaded, without the key", shaded, ".EC", ""},
		{"shaded, without the signature", shaded, ".SF", ""},
	} {
		found, problem := checked(pack(t, repacked(t, signed, tc.manifest, tc.without)...))
		if got := strings.Join(found.Remarks, "|"); problem != nil || got != tc.want || found.Stale != tc.want {
			t.Errorf("%s: %q, %v; want %q", tc.why, got, problem, tc.want)
		}
	}
}

// signedJAR is a JAR with the main class, signed by tools of the JDK.
func signedJAR(t *testing.T) string {
	t.Helper()
	keytool, err := exec.LookPath("keytool")
	if err != nil || testing.Short() {
		t.Skip("needs keytool and jarsigner")
	}
	folder := t.TempDir()
	path, keys := filepath.Join(folder, "a.jar"), filepath.Join(folder, "keys")
	if err := os.WriteFile(path, pack(t, main()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{keytool, "-genkeypair", "-keystore", keys, "-storepass", "changeit", "-alias", "acme", "-keyalg", "EC", "-dname", "CN=acme"},
		{"jarsigner", "-keystore", keys, "-storepass", "changeit", path, "acme"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
		cancel()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return path
}

// repacked are the entries of a JAR, with another manifest if one is given, and without
// those of an ending.
func repacked(t *testing.T, path, manifest, without string) (files []file) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, entry := range archive.File {
		body, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case without != "" && strings.HasSuffix(entry.Name, without):
			continue
		case manifest != "" && entry.Name == "META-INF/MANIFEST.MF":
			content = []byte(manifest)
		}
		files = append(files, file{entry.Name, string(content), zip.Deflate})
	}
	return files
}
