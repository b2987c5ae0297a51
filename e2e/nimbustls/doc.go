// Package nimbustls is what a real Nimbus with TLS needs in tests: certificates, key stores,
// settings, and a transport.
//
// In: names, and how long a certificate is valid. Out: PEM for Go and Kubernetes, key
// stores and settings for Storm. Called by e2e/storms and e2e/cluster/stories. It writes no
// file. Its keys are for tests only: their password is in the code.
package nimbustls
