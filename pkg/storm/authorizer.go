package storm

// namingAuthorizer decides by the names of callers. defaultNames gives none to a caller
// without TLS.
const (
	namingAuthorizer = "org.apache.storm.security.auth.authorizer.SimpleACLAuthorizer"
	defaultNames     = "org.apache.storm.security.auth.DefaultPrincipalToLocal"
)

// AuthorizesNames says whether a Nimbus lets only callers with a name read and kill a
// topology (SimpleACLAuthorizer.java permit, v2.8.1), by its conf. One without a name gets
// there from Storm 3.1 on, and may submit: its topology would have no owner. Before 3.1
// Nimbus fails at each of its calls.
func AuthorizesNames(nimbus map[string]any) bool {
	names, _ := nimbus["storm.principal.tolocal"].(string)
	return nimbus["nimbus.authorizer"] == namingAuthorizer && (names == "" || names == defaultNames)
}

// Nameless is why nothing is submitted without TLS to a Nimbus that AuthorizesNames.
const Nameless = "Nimbus authorizes callers by their names (nimbus.authorizer), and a connection without TLS has none. " +
	"So Nimbus would accept a topology, but Stormhooks could not read or kill it. " +
	"Set spec.nimbus.tls of the StormCluster, or remove nimbus.authorizer from the settings of Nimbus."
