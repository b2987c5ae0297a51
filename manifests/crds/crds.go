// Package crds holds the CustomResourceDefinitions as they are installed, for
// programs that judge objects by them.
package crds

import _ "embed" // the files are part of the program

// Topologies is the CustomResourceDefinition of StormTopology, in YAML.
//
//go:embed storm.apache.org_stormtopologies.yaml
var Topologies []byte

// Clusters is the CustomResourceDefinition of StormCluster, in YAML.
//
//go:embed storm.apache.org_stormclusters.yaml
var Clusters []byte
