// Package registry is the container registry of the cluster, for every name
// that a pod can mention: containerd asks it in place of docker.io and all
// others.
//
// In: requests of containerd and of the harness's pushes. Out: the blobs of the
// cache, and manifests that live as long as the process.
package registry
