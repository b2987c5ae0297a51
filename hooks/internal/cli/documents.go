package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Document is one YAML or JSON document of a file.
type Document struct {
	// File is its name on the command line; "-" is stdin.
	File string
	// Line is the number of the first line of the document, from 1.
	Line int
	Text []byte
}

// Read reads files, folders (their .yaml, .yml and .json files) and, for "-", in. It
// splits them into documents as kubectl does: at lines that begin with "---".
func Read(names []string, in io.Reader) ([]Document, error) {
	if len(names) == 0 {
		return nil, Exit{Code: Unread, Err: fmt.Errorf("no input: pass -f FILE, or -f - to read stdin")}
	}
	var documents []Document
	for _, name := range names {
		if name == "-" {
			text, err := io.ReadAll(in)
			if err != nil {
				return nil, unread(fmt.Errorf("reading stdin: %w", err))
			}
			documents = append(documents, split(name, text)...)
			continue
		}
		files, err := filesOf(name)
		if err != nil {
			return nil, unread(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, unread(err)
			}
			documents = append(documents, split(file, text)...)
		}
	}
	return documents, nil
}

// input is the content of the files of a command line.
type input struct {
	documents []Document
	objects   []Object
	// namespace of objects without one.
	namespace string
}

// readObjects reads the objects of Stormhooks in files. At least one must exist.
func readObjects(files []string, in io.Reader, namespace string) (input, error) {
	documents, err := Read(files, in)
	if err != nil {
		return input{}, err
	}
	objects, err := Objects(documents, namespace)
	if err == nil && len(objects) == 0 {
		err = Exit{Code: Invalid, Err: fmt.Errorf("%s has no StormTopology or StormCluster of apiVersion %s", strings.Join(files, ", "), v1beta1.GroupVersion)}
	}
	return input{documents, objects, namespace}, err
}

func filesOf(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) && !entry.IsDir() {
			files = append(files, filepath.Join(name, entry.Name()))
		}
	}
	return files, nil
}

// split splits text into documents, without those that have only space and comments.
func split(file string, text []byte) []Document {
	var documents []Document
	var part bytes.Buffer
	first := 1
	add := func() {
		if !blank(part.String()) {
			documents = append(documents, Document{File: file, Line: first, Text: slices.Clone(part.Bytes())})
		}
		part.Reset()
	}
	for number, line := range bytes.SplitAfter(text, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("---")) {
			add()
			first = number + 2
			continue
		}
		part.Write(line)
	}
	add()
	return documents
}

func blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}
