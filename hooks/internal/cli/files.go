package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// Files are the flags of a verb that reads files.
type Files struct {
	Names     []string
	recursive bool
	kustomize string
	// verb is how a person calls it: kubectl storm plan.
	verb string
}

// Flags adds -f and -R, and -k, which says what to write instead. Words that are not flags
// are most likely files.
func (f *Files) Flags(command *cobra.Command, usage string) {
	flags := command.Flags()
	flags.StringArrayVarP(&f.Names, "filename", "f", nil, usage+"; - is stdin; may be repeated")
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "read the folders inside of a folder, too")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "not read here; the message says how to pass the output of kubectl kustomize")
	if err := flags.MarkHidden("kustomize"); err != nil {
		panic(fmt.Sprintf("hiding a flag that was just added: %v", err))
	}
	command.Args = func(command *cobra.Command, words []string) error {
		if len(words) == 0 {
			return nil
		}
		return unread(fmt.Errorf("%q is not a flag. Pass files with -f: %s", words[0], preview.Command(append(strings.Fields(command.CommandPath()), "-f", words[0])...)))
	}
	command.PreRun = func(command *cobra.Command, _ []string) { f.verb = command.CommandPath() }
}

// Read reads the files and splits them into documents.
func (f *Files) Read(in io.Reader) ([]Document, error) {
	if f.kustomize != "" {
		return nil, unread(fmt.Errorf("-k is not read here. Write: %s | %s -f -", preview.Command("kubectl", "kustomize", f.kustomize), f.verb))
	}
	if len(f.Names) == 0 {
		return nil, unread(errors.New("no input. Pass -f FILE, or -f - to read stdin"))
	}
	var documents []Document
	stdin := false
	for _, name := range f.Names {
		if name == "-" && stdin {
			return nil, unread(errors.New("-f - is given twice, and stdin can be read only once. Remove one"))
		}
		stdin = stdin || name == "-"
		read, err := f.read(name, in)
		if err != nil {
			return nil, unread(err)
		}
		documents = append(documents, read...)
	}
	return documents, nil
}

func (f *Files) read(name string, in io.Reader) ([]Document, error) {
	if name == "" {
		return nil, errors.New("the name of a file is empty. Write that of a file or a folder, or - for stdin")
	}
	if name == "-" {
		text, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("stdin cannot be read: %w", err)
		}
		return documentsOf(name, text)
	}
	files, err := f.list(name)
	if err != nil {
		return nil, err
	}
	var documents []Document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, noFile(file, err)
		}
		read, err := documentsOf(file, text)
		if err != nil {
			return nil, err
		}
		documents = append(documents, read...)
	}
	return documents, nil
}

// list is the file of a name, or the files of a folder.
func (f *Files) list(name string) ([]string, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil && strings.Contains(name, "://"):
		return nil, fmt.Errorf("%s is a URL, which is not read here. Write: %s | %s -f -", preview.Line(name), preview.Command("curl", "-fsSL", name), f.verb)
	case err != nil && strings.Contains(name, ","):
		return nil, fmt.Errorf("%s does not exist. Pass one file with each -f: -f %s", preview.Line(name), strings.ReplaceAll(preview.Line(name), ",", " -f "))
	case err != nil:
		return nil, noFile(name, err)
	case !info.IsDir():
		return []string{name}, nil
	}
	var files []string
	var skipped []string
	err = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		kept := slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(path)))
		switch {
		case err != nil:
			return err
		case path == name:
		case entry.IsDir() && !f.recursive:
			skipped = append(skipped, entry.Name()+"/ (-R reads it)")
			return filepath.SkipDir
		case entry.IsDir():
		case kept:
			files = append(files, path)
		default:
			skipped = append(skipped, entry.Name())
		}
		return nil
	})
	if err != nil {
		return nil, noFile(name, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("folder %s has no file that ends with .yaml, .yml or .json.%s", preview.Line(name), without(skipped))
	}
	return files, nil
}

func without(skipped []string) string {
	const shown = 5
	switch more := len(skipped) - shown; {
	case len(skipped) == 0:
		return " It is empty."
	case more > 0:
		return fmt.Sprintf(" It has %s and %d more.", preview.Line(strings.Join(skipped[:shown], ", ")), more)
	}
	return " It has " + preview.Line(strings.Join(skipped, ", ")) + "."
}

// noFile is why a file cannot be read.
func noFile(name string, err error) error {
	name = preview.Line(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("you may not read %s. Change its permissions", name)
	}
	return fmt.Errorf("%s cannot be read: %w", name, err)
}

// documentsOf splits the text of a file. Text that kubectl would not read, or not all of
// it, is an error.
func documentsOf(file string, text []byte) ([]Document, error) {
	text = inUTF8(text)
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, fmt.Errorf("%s is not a text file. Pass a YAML or JSON file", shown(file))
	}
	if documents := objectsOf(file, text); len(documents) > 1 {
		return documents, nil
	}
	return split(file, text)
}

// shown is the name of a file for a person.
func shown(file string) string {
	if file == "-" {
		return "stdin"
	}
	return preview.Line(file)
}

// inUTF8 is a text without its byte order mark. kubectl reads UTF-16 that has one, too
// (k8s.io/cli-runtime/pkg/resource, FileVisitor.Visit).
func inUTF8(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	var units []uint16
	for pair := range slices.Chunk(text[2:], 2) {
		if len(pair) == 2 {
			units = append(units, order.Uint16(pair))
		}
	}
	return []byte(string(utf16.Decode(units)))
}

// objectsOf are JSON objects that follow each other without a line of ---; nil if the text
// is anything else.
func objectsOf(file string, text []byte) (documents []Document) {
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil
	}
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		from := decoder.InputOffset()
		var object json.RawMessage
		if decoder.Decode(&object) != nil {
			return nil
		}
		start := from + int64(bytes.IndexByte(text[from:], '{'))
		if object[0] != '{' || start < from {
			return nil
		}
		documents = append(documents, Document{File: file, Line: 1 + bytes.Count(text[:start], []byte("\n")), Text: object})
	}
	return documents
}
