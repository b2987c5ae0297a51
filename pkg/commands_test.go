package pkg_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

// builtCommand is a text that a name, an id or a path is put into as a word of a command.
var builtCommand = regexp.MustCompile(`kubectl [^".;)]*%|kubectl [^".;)%]* $|kubectl $`)

// A command that a person copies is made by text.Command, which quotes its words: never by
// a format or a sum of texts.
func TestNoCommandIsMadeByHand(t *testing.T) {
	for folder, files := range sources(t) {
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				literal, is := node.(*ast.BasicLit)
				if !is || literal.Kind != token.STRING {
					return true
				}
				if text, err := strconv.Unquote(literal.Value); err == nil && builtCommand.MatchString(text) {
					t.Errorf("%s: %s: make the command with text.Command", folder, literal.Value)
				}
				return true
			})
		}
	}
}
