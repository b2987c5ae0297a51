// Package termination says how a child ended: a container by the message that the
// helper wrote, a Job by its conditions.
//
// The message is one line of JSON, the termination message of the container.
// pkg/inpod writes it to /dev/termination-log; pkg/internal/diagnose and
// pkg/topology read it from the pod's status. A pod of an older build may have
// written it, so no field is ever removed or renamed.
//
// In: a Message, or a Pod or Job. Out: a line of JSON, or what the Pod or Job says
// of its end. It judges nothing: what an end means is for diagnose and topology.
package termination
