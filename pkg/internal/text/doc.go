// Package text cuts and cleans texts, so that every message is cut and cleaned in the
// same way. Clean is for every text that Stormhooks did not word itself; Steady is for
// those that also reach a status.
//
// In: a text, and the largest number of bytes. Out: a text. Called by every
// package that words something. It knows nothing of what a text says.
package text
