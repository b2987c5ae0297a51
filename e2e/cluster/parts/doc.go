// Package parts makes sure that the programs of the cluster are there: Debian's
// packages, and Kubernetes, etcd, containerd and CoreDNS built from their Go
// modules, whose versions e2e/cluster/build pins.
//
// Everything is built once and kept in the cache; a part is built again when
// its pinned modules, its flags or the Go compiler change. It starts nothing.
package parts
