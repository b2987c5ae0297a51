package jar

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"
)

// FuzzCheck checks any bytes as a JAR: they are valid, or a message says what is wrong,
// and no more is counted than can be unpacked.
func FuzzCheck(f *testing.F) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		for _, names := range [][]string{{}, {"com/example/Main.class"}, {"../../etc/passwd", "/etc/passwd", "a\x00b", "storm.yaml"}, {"META-INF/MANIFEST.MF", "META-INF/A.SF", "META-INF/A.RSA", "BOOT-INF/classes/com/example/Main.class", "x/Main.class"}} {
			var out bytes.Buffer
			w := zip.NewWriter(&out)
			for _, name := range names {
				part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
				if err != nil {
					f.Fatal(err)
				}
				_, _ = part.Write(bytes.Repeat([]byte(name), 20))
			}
			_ = w.SetComment("PK\x05\x06")
			_ = w.Close()
			f.Add(out.Bytes())
		}
	}
	f.Add(pack(f, main(), file{"b", "text", zip.Store}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, problem := Check(context.Background(), bytes.NewReader(data), int64(len(data)), want)
		_, glanced := Glance(context.Background(), bytes.NewReader(data), int64(len(data)), want)
		switch {
		case problem != nil && (problem.Reason == "" || problem.Message == ""):
			t.Fatalf("refused without a message: %+v", problem)
		case problem == nil && found.Lacks == "" && (found.Entries == 0 || !bytes.Contains(data, []byte("com/example/Main.class"))):
			t.Fatalf("passed with %+v", found)
		case problem == nil && glanced != nil:
			t.Fatalf("whole, but not at a glance: %+v", glanced)
		case problem == nil && found.Unpacked > 1100*int64(len(data))*int64(max(found.Entries, 1)):
			// deflate compresses 1032 to 1 at best. Entries may share their bytes.
			t.Fatalf("%d bytes and %d entries are said to unpack to %d", len(data), found.Entries, found.Unpacked)
		}
	})
}
