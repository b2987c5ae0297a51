// Package recording records a person at a terminal, and draws the recording as an SVG
// that moves without a script.
//
// In: the steps of a session, and a cluster with Stormhooks and Storm. Out: each command
// with its real output and seconds (docs/pictures/apply-break-fix.json), and the picture
// that is drawn of them (docs/pictures/apply-break-fix.svg). Nothing in the picture is
// typed by hand, except the commands and the comments between them.
//
// Drawing needs no cluster: a test holds the picture to the recording that lies beside it.
package recording
