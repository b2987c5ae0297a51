// Package metacontroller is the wire between Metacontroller 4.17 and the hooks,
// version v2 of the CompositeController's hooks.
//
// In: the body of a hook call. Out: the body of its answer, always the same
// bytes for the same values. It knows no kind of ours. Called by pkg/topology,
// pkg/cluster and hooks.
//
// Half of a request is read by nobody, and decoding it is most of what a sync
// costs. So a body is walked over once (scan.go) and its objects are read straight
// out of its text (reader.go, plan.go, value.go), but for what is named as unread
// (unread.go). The library judges what is out of the ordinary, and all errors.
//
// Source: metacontroller/metacontroller v4.17.2,
// pkg/controller/composite/api/v2/hooks.go, pkg/controller/common/api/v2/common.go,
// pkg/hooks/webhook.go.
package metacontroller
