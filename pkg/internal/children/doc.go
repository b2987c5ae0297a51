// Package children makes the children of a StormTopology: one pure maker a
// child, whose Go has the shape of the YAML that comes out.
//
// In: a Plan. Out: objects of k8s.io/api. Called by pkg/topology. No user's text
// ever reaches a shell: commands are argv arrays.
package children
