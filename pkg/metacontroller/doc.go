// Package metacontroller encodes and decodes the calls between Metacontroller 4.17
// and the hooks, version v2 of the CompositeController's hooks.
//
// In: the body of a hook call. Out: the body of its answer, always the same bytes
// for the same values. It does not know the kinds of Stormhooks. Called by
// pkg/topology, pkg/cluster and hooks.
//
// encoding/json/v2 (its mirror for Go 1.26) decodes, in less than half the time of
// apimachinery's decoder. What it rejects, that decoder decides, so that errors are
// in the words of the API server. Types that no rule needs are skipped.
//
// Source: metacontroller/metacontroller v4.17.2,
// pkg/controller/composite/api/v2/hooks.go, pkg/controller/common/api/v2/common.go,
// pkg/hooks/webhook.go.
package metacontroller
