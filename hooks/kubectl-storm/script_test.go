package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kubectl-storm": main})
}

// The verbs as people call them: each script is a story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: testkit.Update()})
}
