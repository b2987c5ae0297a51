// Package children makes the children of a StormTopology. Each child has one pure Make
// function, whose Go has the shape of the YAML.
//
// In: a Plan. Out: objects of k8s.io/api. Called by pkg/topology. No text of a user
// reaches a shell: commands are lists of arguments.
package children
