package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

// Read is Files.Read for files of a flag other than -f.
func Read(names []string, in io.Reader) ([]Document, error) {
	files := Files{Names: names}
	return files.Read(in)
}

// input is the content of the files of a command line.
type input struct {
	documents []Document
	objects   []Object
	// namespace of objects without one.
	namespace string
}

// readObjects reads the objects of Stormhooks in files. At least one must exist. The judge
// says what is wrong with a document that is not an object.
func readObjects(ctx context.Context, files *Files, in io.Reader, namespace string, judge Judge) (input, error) {
	documents, err := files.Read(in)
	if err != nil {
		return input{}, err
	}
	objects, err := Objects(documents, namespace)
	read := input{documents, objects, namespace}
	if judge != nil && (err != nil || len(objects) == 0) {
		if _, wrong := judge.refusals(ctx, read, Known{}); wrong != nil {
			return read, wrong
		}
	}
	if err == nil && len(objects) == 0 {
		err = unread(fmt.Errorf("%s has no StormTopology or StormCluster of apiVersion %s", strings.Join(files.Names, ", "), v1beta1.GroupVersion))
	}
	return read, err
}

// split splits text into documents, without those that have only space and comments. As for
// kubectl, a line that begins with --- has nothing else but a comment
// (k8s.io/apimachinery/pkg/util/yaml, YAMLReader.Read).
func split(file string, text []byte) ([]Document, error) {
	var documents []Document
	var part bytes.Buffer
	first := 1
	add := func() {
		if !Blank(part.String()) {
			documents = append(documents, Document{File: file, Line: first, Text: slices.Clone(part.Bytes())})
		}
		part.Reset()
	}
	for number, line := range bytes.SplitAfter(text, []byte("\n")) {
		if rest, is := bytes.CutPrefix(line, []byte("---")); is {
			if rest = bytes.TrimSpace(rest); len(rest) > 0 && rest[0] != '#' {
				return nil, fmt.Errorf("%s:%d: kubectl refuses a line that begins with --- and has more than that. Write --- alone", shown(file), number+1)
			}
			add()
			first = number + 2
			continue
		}
		part.Write(line)
	}
	add()
	return documents, nil
}

// Blank says whether a text has only space and comments.
func Blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}
