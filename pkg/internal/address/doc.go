// Package address says which addresses a Nimbus cannot have. Otherwise a person who can
// write a StormCluster could make the hook server connect to the node, to itself, or to a
// cloud's metadata service.
//
// In: an address. Out: what kind it is. Called by pkg/nimbus for each address that it
// dials, whatever name or spelling resolved to it, and by pkg/preview for the addresses
// that a person wrote.
package address
