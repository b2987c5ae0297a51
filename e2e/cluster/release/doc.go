// Package release makes what a release consists of, in a folder: the image for two
// processors, the Helm chart, install.yaml with the image by its digest, kubectl-storm for
// each system, the manifest for krew, an SBOM of each program, and the sums of all. The same
// commit gives the same bytes. Make pushes nothing; Push is for the story that installs
// what Make has made.
//
// In: a clean checkout, a version and the name of the image. Out: files. It stands beside
// the images of the stories, since both read the Dockerfile in the same way: what the
// stories run is what is released. Start at release.go.
package release
