package main

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare; review the difference")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kubectl-storm": main})
}

// The verbs as people call them: a script is a story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: *update})
}
