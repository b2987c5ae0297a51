// Package metacontroller is the wire between Metacontroller 4.17 and the hooks,
// version v2 of the CompositeController's hooks.
//
// In: the body of a hook call. Out: the body of its answer, always the same
// bytes for the same values. It knows no kind of ours. Called by pkg/topology,
// pkg/cluster and hooks.
//
// Bodies are read by encoding/json/v2 (its mirror for Go 1.26), which costs less than
// half of what apimachinery's reader does; that one judges what the first refuses, so
// that errors are in the API server's words. What nobody reads is walked over.
//
// Source: metacontroller/metacontroller v4.17.2,
// pkg/controller/composite/api/v2/hooks.go, pkg/controller/common/api/v2/common.go,
// pkg/hooks/webhook.go.
package metacontroller
