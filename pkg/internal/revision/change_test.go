package revision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func TestCompareSaysWhy(t *testing.T) {
	const restart, rebalance = v1beta1.ChangeRestart, v1beta1.ChangeRebalance
	for reason, test := range map[string]struct {
		change func(*v1beta1.StormTopology)
		forget bool // the spec that runs is not known
		policy v1beta1.UpdatePolicy
		want   *v1beta1.Change
	}{
		"nothing differs": {change: func(*v1beta1.StormTopology) {}},
		"another image": {
			change: func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Image = "other:2" },
			want:   &v1beta1.Change{Kind: restart, Why: "image changed"}},
		"the JAR's environment is part of what is extracted": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.Topology.Jar.Container.Env = []corev1.EnvVar{{Name: "A", Value: "b"}}
			},
			want: &v1beta1.Change{Kind: restart, Why: "env changed"}},
		"a nonce says nothing of the JAR, and is named": {
			change: func(s *v1beta1.StormTopology) { s.Spec.RestartNonce++ },
			want:   &v1beta1.Change{Kind: restart, Why: "spec.restartNonce changed"}},
		"so is the annotation": {
			change: func(s *v1beta1.StormTopology) {
				s.Annotations = map[string]string{v1beta1.AnnotationRestartedAt: "now"}
			},
			want: &v1beta1.Change{Kind: restart, Why: "annotation storm.apache.org/restartedAt changed"}},
		"both are": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.RestartNonce, s.Annotations = 7, map[string]string{v1beta1.AnnotationRestartedAt: "now"}
			},
			want: &v1beta1.Change{Kind: restart, Why: "spec.restartNonce or annotation storm.apache.org/restartedAt changed"}},
		"where the spec that runs was too large to keep, only the hashes are known": {
			change: func(s *v1beta1.StormTopology) { s.Spec.RestartNonce++ }, forget: true,
			want: &v1beta1.Change{Kind: restart, Why: "a field of jar.container, spec.restartNonce or annotation storm.apache.org/restartedAt changed"}},
		"a cheap setting": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.Topology.Config = v1beta1.Settings{"topology.debug": true}
			},
			want: &v1beta1.Change{Kind: rebalance, Why: "topology.debug changed"}},
		"another number of executors": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.Topology.Components = map[string]v1beta1.Component{"split": {Executors: new(int32)}}
			},
			want: &v1beta1.Change{Kind: rebalance, Why: "components[split] changed"}},
		"another number of tasks": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.Topology.Components = map[string]v1beta1.Component{"split": {Executors: new(int32), Tasks: new(int32)}}
			},
			want: &v1beta1.Change{Kind: restart, Why: "components[split] changed"}},
		"a cheap setting where a person wants restarts": {
			change: func(s *v1beta1.StormTopology) {
				s.Spec.Topology.Config = v1beta1.Settings{"topology.debug": true}
			}, policy: v1beta1.UpdateRestart,
			want: &v1beta1.Change{Kind: restart, Why: "spec.update.policy is Restart"}},
	} {
		t.Run(reason, func(t *testing.T) {
			running := &v1beta1.StormTopology{}
			running.Spec.Topology.MainClass = "com.example.Main"
			running.Spec.Topology.Jar.Container.Image = "one:1"
			target := running.DeepCopy()
			test.change(target)
			runs := Version{Fingerprint: fingerprint(running), Spec: &running.Spec.Topology}
			if test.forget {
				runs.Spec = nil
			}
			wanted := Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology,
				RestartNonce: target.Spec.RestartNonce, RestartedAt: target.Annotations[v1beta1.AnnotationRestartedAt]}
			got := Compare(runs, wanted, test.policy)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the executors of a component were before the spec had them, only a submission knows.
func TestCompareOfRemovedExecutors(t *testing.T) {
	for _, name := range []string{"split", "a, b=c", strings.Repeat("long", 20)} {
		running, target := &v1beta1.StormTopology{}, &v1beta1.StormTopology{}
		running.Spec.Topology.Components = map[string]v1beta1.Component{name: {ExecutorsPerWorker: new(int32), Tasks: new(int32)}}
		target.Spec.Topology.Components = map[string]v1beta1.Component{name: {Tasks: new(int32)}}
		runs := Version{Fingerprint: storm.FingerprintOf(fingerprint(running).Settings()), Spec: &running.Spec.Topology}
		want := &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "executors of components[" + name + "] removed, which a rebalance cannot do"}
		if diff := cmp.Diff(want, Compare(runs, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, "")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		target.Spec.Topology.Components[name] = v1beta1.Component{Executors: new(int32), Tasks: new(int32)}
		want = &v1beta1.Change{Kind: v1beta1.ChangeRebalance, Why: "components[" + name + "] changed"}
		if diff := cmp.Diff(want, Compare(runs, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, "")); diff != "" {
			t.Errorf("a fixed number for one that grows (-want +got):\n%s", diff)
		}
	}
}

// A hundred components fit into the fingerprint, whatever their names are: a part of Cheap
// that Storm did not keep would be a removal that is not seen.
func TestAHundredComponentsFitIntoTheFingerprint(t *testing.T) {
	topology := &v1beta1.StormTopology{}
	topology.Spec.Topology.Components = map[string]v1beta1.Component{}
	for i := range 100 {
		topology.Spec.Topology.Components[strings.Repeat("c", 37)+fmt.Sprint(100+i)] = v1beta1.Component{Executors: new(int32)}
	}
	f := fingerprint(topology)
	if f.Cheap == "" || storm.FingerprintOf(f.Settings()).Cheap != f.Cheap {
		t.Errorf("%d bytes", len(f.Cheap))
	}
}

// Older releases passed $(NAME) on as it was written, and hashed a cheap setting with it as
// cheap. The upgrade restarts nothing, and the next change submits, since only the pod knows
// the value.
func TestCompareOfAReferenceThatRunsAsText(t *testing.T) {
	target := &v1beta1.StormTopology{}
	target.Spec.Topology.MainClass = "com.example.Main"
	older := fingerprint(target)
	target.Spec.Topology.Config = v1beta1.Settings{"topology.worker.childopts": "-Dzone=$(ZONE)"}
	older.Revision, older.Cheap = Of(target, ""), "topology.worker.childopts"
	running := Version{Fingerprint: older, Spec: target.Spec.Topology.DeepCopy()}
	if got := Compare(running, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, ""); got != nil {
		t.Errorf("the same spec: %+v", got)
	}
	workers := int32(3)
	target.Spec.Topology.Workers = &workers
	want := &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "workers changed"}
	if diff := cmp.Diff(want, Compare(running, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, "")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	running = Version{Fingerprint: fingerprint(target), Spec: target.Spec.Topology.DeepCopy()}
	workers = 4
	want.Kind = v1beta1.ChangeRebalance
	if diff := cmp.Diff(want, Compare(running, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, "")); diff != "" {
		t.Errorf("after that (-want +got):\n%s", diff)
	}
}

func fingerprint(topology *v1beta1.StormTopology) storm.Fingerprint {
	return storm.Fingerprint{Cluster: "k", Owner: "a/b", Revision: Of(topology, ""), Jar: OfJar(topology), Restart: OfRestart(topology, ""),
		Cheap: strings.Join(Cheap(topology), ",")}
}

// A rebalance gives Storm values. What removes one, null too, is a restart.
func TestCompareOfNull(t *testing.T) {
	const key, restart, rebalance = "topology.max.spout.pending", v1beta1.ChangeRestart, v1beta1.ChangeRebalance
	absent := v1beta1.Settings{}
	with := func(value any) v1beta1.Settings { return v1beta1.Settings{key: value} }
	more := func(value any) v1beta1.Settings { return v1beta1.Settings{key: value, "topology.debug": true} }
	for reason, test := range map[string]struct {
		running, target v1beta1.Settings
		old             bool // the fingerprint is of a release that did not tell null
		forget          bool
		want            v1beta1.ChangeKind
	}{
		"a value becomes null":                             {running: with(5), target: with(nil), want: restart},
		"a value becomes the text that means null":         {running: with(5), target: with("null"), want: restart},
		"null becomes a value":                             {running: with(nil), target: with(5), want: rebalance},
		"null is removed: main's own value comes back":     {running: with(nil), target: absent, want: restart},
		"null takes the place of main's own value":         {running: absent, target: with(nil), want: restart},
		"null stays, and another setting changes":          {running: with(nil), target: more(nil), want: rebalance},
		"null stays, as an older release wrote it":         {running: with(nil), target: more(nil), old: true, want: rebalance},
		"null may have been a value, if no one knows it":   {running: with(nil), target: more(nil), old: true, forget: true, want: restart},
		"a value becomes null, as an older release had it": {running: with(5), target: with(nil), old: true, want: restart},
	} {
		t.Run(reason, func(t *testing.T) {
			running, target := &v1beta1.StormTopology{}, &v1beta1.StormTopology{}
			running.Spec.Topology.Config, target.Spec.Topology.Config = test.running, test.target
			runs := Version{Fingerprint: fingerprint(running), Spec: &running.Spec.Topology}
			if test.old {
				runs.Cheap = strings.ReplaceAll(runs.Cheap, isNull, "")
			}
			if test.forget {
				runs.Spec = nil
			}
			got := Compare(runs, Version{Fingerprint: fingerprint(target), Spec: &target.Spec.Topology}, "")
			if got == nil || got.Kind != test.want {
				t.Errorf("%+v, want %s", got, test.want)
			}
		})
	}
}
