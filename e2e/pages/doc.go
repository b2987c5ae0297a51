// Package pages splits the documents into blocks, so that tests can run them.
//
// In: a page of Markdown. Out: its fenced blocks, each with the mark above it and
// the commands in it. It checks nothing: docs/blocks_test.go says what a block must
// have, e2e/manifests applies the YAML, e2e/cluster/stories runs the commands.
//
// A mark is an HTML comment on the line above a block, which GitHub does not show:
//
//	<!-- run: story NAME LABEL -->     the story runs the block: shown PAGE LABEL
//	<!-- run: FILE TestName -->        that test runs or checks the block
//	<!-- run: make TARGET -->          the block runs TARGET, and CI runs it too
//	<!-- not run: REASON -->           nothing runs the block, for this reason
//	<!-- yaml: spec.topology.jar -->   a part of a StormTopology, and where it goes
package pages
