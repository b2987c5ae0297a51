// Package image says what is wrong with the name of a container image.
//
// In: a name as a person wrote it. Out: the rest of a sentence that begins with its field.
// It accepts what container runtimes accept: the grammar of the distribution reference.
// Called by pkg/preview before an object is applied, and by pkg/internal/diagnose when a
// kubelet has rejected a name.
package image
