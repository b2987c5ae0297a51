// Package install brings Stormhooks, what drives it, and a Storm into a cluster,
// from the manifests that users get.
//
// In: the checkout, a kubectl, the names of images. Out: a cluster in which
// StormTopologies work. The steps are the ones of the documents: the
// CustomResourceDefinitions and Metacontroller (or its stand-in), then
// manifests/install, then manifests/storm-dev.
package install
