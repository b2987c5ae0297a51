// Package preview says, without a cluster, what applying a StormTopology would
// do: the children at each stage (Render), and what becomes of the topology that
// runs (Compare).
//
// In: objects as a person wrote them, and for Compare the live one as Kubernetes
// has it. Out: values to be shown. It decides nothing by itself: it calls
// pkg/topology as Metacontroller would, with a Storm that does as it is told.
// Called by the commands render and plan, and by programs that import it.
package preview
