// Package preview says, without a cluster, what applying a StormTopology would do: the
// children at each stage (Render), and what happens to the running topology (Compare).
//
// In: objects as a person wrote them, and for Compare the live object as Kubernetes has
// it. Out: values to show. It decides nothing itself: it calls pkg/topology as
// Metacontroller would, with a Storm that carries out every call. Called by the commands
// render and plan, and by programs that import it.
package preview
