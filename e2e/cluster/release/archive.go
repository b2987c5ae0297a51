package release

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// stamp is the time of every file in an archive, so that equal content gives equal bytes.
var stamp = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// entry is a file of an archive.
type entry struct {
	name, file string
	mode       int64
}

// writeTar writes files in the given order.
func writeTar(out io.Writer, entries []entry) error {
	archive := tar.NewWriter(out)
	for _, e := range entries {
		text, err := os.ReadFile(e.file)
		if err != nil {
			return err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: e.mode, Size: int64(len(text)), ModTime: stamp, Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(text); err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeFile creates a file by a function.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// tarOf archives a folder under a prefix: compressed if the name of the archive says so.
func tarOf(folder, archive, prefix string) error {
	entries, err := filesOf(folder, prefix)
	if err != nil {
		return err
	}
	return writeFile(archive, func(out io.Writer) error {
		if !strings.HasSuffix(archive, "gz") {
			return writeTar(out, entries)
		}
		return gzipped(out, entries)
	})
}

func gzipped(out io.Writer, entries []entry) error {
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := writeTar(packed, entries); err != nil {
		return err
	}
	return packed.Close()
}

// filesOf are the files of a folder in their order. A link counts as what it leads to.
func filesOf(folder, prefix string) ([]entry, error) {
	var found []entry
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		switch name := filepath.ToSlash(filepath.Join(prefix, rel)); {
		case info.IsDir() && d.Type()&fs.ModeSymlink != 0:
			target, err := filepath.EvalSymlinks(path)
			if err != nil {
				return err
			}
			below, err := filesOf(target, name)
			found = append(found, below...)
			return err
		case !info.IsDir():
			found = append(found, entry{name: name, file: path, mode: 0o644})
		}
		return nil
	})
	return found, err
}

// writeZip writes files in the given order, for Windows.
func writeZip(out io.Writer, entries []entry) error {
	archive := zip.NewWriter(out)
	for _, e := range entries {
		text, err := os.ReadFile(e.file)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: stamp}
		header.SetMode(fs.FileMode(e.mode))
		file, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(text); err != nil {
			return err
		}
	}
	return archive.Close()
}
