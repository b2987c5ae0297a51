// Package storms runs Stormhooks against Storms of many versions, without Kubernetes.
//
// For each version ZooKeeper and Nimbus run on loopback. The topology is submitted,
// replaced, refused, looked at, deactivated, activated, rebalanced and killed by the code
// of the submitting pods and of the hook server (pkg/inpod, pkg/nimbus). The images of the
// lowest and of the highest version are also tried with the Nimbus of the other one. With a
// Storm 3, a Nimbus of Storm 2 is also upgraded to it, with topologies in it.
//
//	make storms VERSIONS="2.4.0 2.8.1"
//	make storms STORM_HOME_3=PATH        a Storm that is on this machine, too
//	make storms-tls                      the same with a Nimbus that has TLS only
//	make storms-dependencies             a topology with 40 dependencies, and Flux: Nimbus is
//	                                     killed at each step, and no blob is left
//	make storms-thousands                1,000 topologies on one Nimbus, without supervisors:
//	                                     what Nimbus is asked when 50 change at once
//
// With TLS, callers with a wrong certificate are also told what is wrong, and certificates
// are renewed. Where Storm's own TLS does not work, Nimbus gets that of e2e/nimbustls.
//
// The JARs come from Maven, and are kept in STORMHOOKS_CACHE. A version whose Java is not
// on this machine is skipped: STORMHOOKS_JAVAS has more folders to look for one.
//
// The table of docs/compatibility.md is made here. A run checks it, and one with
// UPDATE=1 rewrites the rows of its versions.
package storms
