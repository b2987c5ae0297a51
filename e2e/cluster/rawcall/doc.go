// Package rawcall submits to Nimbus without a handover, which pkg/nimbus does not
// offer: what a raw call does and takes is compared with what the product does.
package rawcall
