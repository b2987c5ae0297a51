// Package jar checks a JAR before Storm sees it: that it is whole, that the main
// class is in it, and that it does not bundle Storm itself.
//
// In: the file, as io.ReaderAt, and what is wanted of it. Out: what was found,
// or a Problem with a reason of pkg/api/v1beta1. Called by pkg/inpod. Its memory
// does not grow with the JAR: the directory is read entry by entry, and what an
// entry unpacks to is counted and thrown away.
package jar
