package nimbustls

import (
	_ "embed"
	"path"
)

// The names of the key stores in the folder that Settings gets.
const (
	KeyStoreFile   = "nimbus.jks"
	TrustStoreFile = "trust.jks"
)

// Settings make every daemon of a Storm, and its workers, use TLS to Nimbus, with the key
// stores in a folder. Nimbus has no other port, and requires a client certificate.
func Settings(folder string, port int) map[string]any {
	settings := map[string]any{
		"nimbus.thrift.tls.port": port, "nimbus.thrift.tls.server.only": true,
		"nimbus.thrift.tls.client.auth.required": true,
		"nimbus.thrift.client.use.tls":           true, "topology.worker.nimbus.thrift.client.use.tls": true,
	}
	for _, side := range []string{"server", "client"} {
		for store, file := range map[string]string{"keystore": KeyStoreFile, "truststore": TrustStoreFile} {
			settings["nimbus.thrift.tls."+side+"."+store+".path"] = path.Join(folder, file)
			settings["nimbus.thrift.tls."+side+"."+store+".password"] = Password
		}
	}
	return settings
}

// StrictTransport is the class of nimbus.thrift.tls.transport that is in StrictSource. Storm
// 2.8.0 to 2.8.6 needs it, and every older one on Java 15 and newer: Storm's own transport
// fails at each call there.
const StrictTransport = "stormhooks.StrictTls"

// StrictSource is the source of the transport, a file StrictTls.java.
//
//go:embed transport/StrictTls.java
var StrictSource []byte
