// Package run runs other programs: short ones to their end, daemons in the
// background with their process ids on record, and it tells the person who
// waits what happens and for how long.
//
// It knows nothing of Kubernetes or Storm, and it ends only what it started.
package run
