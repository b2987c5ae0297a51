// Package jar checks a JAR before Storm gets it: that it is complete, that workers can load
// its classes, and that it does not bundle what Storm fails on. It remarks on what Storm
// accepts, and what may not be intended: the main class may be in Storm's image.
//
// In: the file, as io.ReaderAt, and what it must contain. Out: what was found, or a
// Problem. Called by pkg/inpod. Its memory does not grow with the JAR: it reads the
// directory entry by entry, and counts and drops what an entry unpacks to. It never
// writes a file.
package jar
