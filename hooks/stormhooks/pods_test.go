package main

import (
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
)

// The verbs here accept the arguments that the hook server writes into pods (the stories
// of pkg/topology): both are one binary, and only this test compares them.
func TestVerbsAcceptTheArgumentsOfPods(t *testing.T) {
	answers, err := stories.Answers("../../pkg/topology")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for step, answer := range answers {
		for _, args := range helperArguments(answer.Tree()) {
			verb, rest, err := newCommand().Find(args)
			if err == nil {
				err = verb.ParseFlags(rest)
			}
			if err == nil {
				err = verb.ValidateRequiredFlags()
			}
			if err != nil || !verb.Runnable() {
				t.Errorf("%s: %v of %.300q", step, err, args)
			}
			seen[verb.CommandPath()] = true
		}
	}
	for _, verb := range []string{"stormhooks jar install", "stormhooks jar extract", "stormhooks submit"} {
		if !seen[verb] {
			t.Errorf("no answer has %s", verb)
		}
	}
}

// helperArguments finds the arguments of the helper's containers anywhere in an answer.
func helperArguments(node any) (all [][]string) {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			all = append(all, helperArguments(item)...)
		}
	case map[string]any:
		name, _ := node["name"].(string)
		list, _ := node["args"].([]any)
		if list != nil && (name == "helper" || name == "extract" || name == "submit") {
			var args []string
			for _, arg := range list {
				args = append(args, strings.ReplaceAll(arg.(string), "$$", "$")) // as the kubelet does
			}
			all = append(all, args)
		}
		for _, item := range node {
			all = append(all, helperArguments(item)...)
		}
	}
	return all
}
