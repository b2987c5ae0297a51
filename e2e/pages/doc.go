// Package pages takes the documents apart, so that tests can run what they show.
//
// In: a page of Markdown. Out: its fenced blocks, each with the mark above it and
// the commands in it. It judges nothing: docs/docs_test.go says what a block must
// have, e2e/manifests applies the YAML, e2e/cluster/stories runs the commands.
//
// A mark is an HTML comment on the line above a block, which GitHub does not show:
//
//	<!-- run: story NAME LABEL -->     the story runs the block: shown PAGE LABEL
//	<!-- run: FILE TestName -->        that test runs or holds it
//	<!-- run: make TARGET -->          TARGET's recipe is it, and CI runs it
//	<!-- not run: REASON -->           nobody runs it, for this reason
//	<!-- yaml: spec.topology.jar -->   a part of a StormTopology, and where it goes
package pages
