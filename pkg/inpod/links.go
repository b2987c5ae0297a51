package inpod

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxLinks is how many links a path may have, as for Linux (MAXSYMLINKS in
// include/linux/namei.h).
const maxLinks = 40

// real is where this container has a path of the image. In a mounted image a link to
// /opt/x leads to /opt/x of the image, as in a container of it, and not to /opt/x of this
// container. What does not exist has a real path, too.
func (f finder) real(path string) string {
	if !f.mounted {
		return path
	}
	rest, at := strings.Split(strings.TrimPrefix(path, f.root), "/"), f.root
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if at != f.root {
				at = filepath.Dir(at)
			}
			continue
		}
		target, err := os.Readlink(filepath.Join(at, name))
		if err != nil { // no link, or not there: whoever opens it says so
			at = filepath.Join(at, name)
			continue
		}
		if links++; links > maxLinks {
			return path // opening it says so
		}
		if filepath.IsAbs(target) {
			at = f.root
		}
		rest = slices.Concat(strings.Split(target, "/"), rest)
	}
	return at
}

// stat is os.Stat of a path of the image.
func (f finder) stat(path string) (fs.FileInfo, error) { return os.Stat(f.real(path)) }

// glob lists what matches a pattern, as filepath.Glob does, and the first folder that it may
// not read. A pattern that is not valid matches nothing.
func (f finder) glob(pattern string) (matches []string, denied string) {
	folder, name := filepath.Dir(pattern), filepath.Base(pattern)
	if folder == pattern {
		return []string{pattern}, ""
	}
	folders := []string{folder}
	if strings.ContainsAny(folder, `*?[\`) {
		folders, denied = f.glob(folder)
	}
	for _, folder := range folders {
		if !strings.ContainsAny(name, `*?[\`) {
			if _, err := os.Lstat(filepath.Join(f.real(folder), name)); err == nil {
				matches = append(matches, filepath.Join(folder, name))
			}
			continue
		}
		entries, err := os.ReadDir(f.real(folder))
		if errors.Is(err, fs.ErrPermission) && denied == "" {
			denied = folder
		}
		for _, entry := range entries {
			if matched, err := filepath.Match(name, entry.Name()); err == nil && matched {
				matches = append(matches, filepath.Join(folder, entry.Name()))
			}
		}
	}
	return matches, denied
}

// leadsNowhere is where a link of the image leads that leads to nothing, or empty.
func (f finder) leadsNowhere(path string) string {
	folder := f.real(filepath.Dir(path))
	target, err := os.Readlink(filepath.Join(folder, filepath.Base(path)))
	if err != nil {
		return ""
	}
	if _, err = f.stat(path); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) {
		return target
	}
	return ""
}
