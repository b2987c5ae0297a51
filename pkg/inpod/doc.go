// Package inpod runs in the pods of a topology, as three verbs of the one binary
// that its image mounts into them, or an init container copies into them:
//
//	stormhooks jar install --to /helper
//	    copies the binary itself into a folder (an emptyDir), mode 0755. That
//	    is the init container.
//
//	stormhooks jar extract --from GLOB --to DIR/FILE --main-class CLASS
//	    [--sha256 HEX] [--dependency GLOB]... [--file GLOB]...
//	    [--keep FILE]... [--timeout 300s] [--image NAME]
//	    [--termination-log /dev/termination-log]
//	    [--work /extracted -- COMMAND ARG...]
//	    finds the JAR in the image that it runs in, copies it to the volume,
//	    checks the copy and renames it to FILE, which is named after the JAR
//	    revision. Dependencies and files are copied to a folder beside it.
//	    --keep are other files of DIR that are not removed. With the
//	    user's COMMAND, that runs first, and the JAR is expected in --work.
//
//	stormhooks submit --submission CHUNK [--submission CHUNK]...
//	    [--termination-log /dev/termination-log]
//	    runs main against a recorder and hands its topology over to Nimbus. The
//	    chunks, joined, are a storm.Submission as JSON. One argument may have
//	    128 KiB (Linux, MAX_ARG_STRLEN), so the callers cut at 96 KiB.
//
// In: these arguments and the pod's files. Out: the container's log, written
// for a person, and one line of JSON as termination message
// (pkg/internal/termination). Called by hooks/stormhooks. It decides nothing
// about a topology's life and never talks to Kubernetes.
package inpod
