package revision

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func lastSpec(revision string, spec *v1beta1.Topology, before *v1beta1.LastSpec) *v1beta1.LastSpec {
	return Compact(v1beta1.LastSpec{Revision: revision, RestartNonce: 7, Topology: spec}, before)
}

func TestCompact(t *testing.T) {
	small := &v1beta1.Topology{MainClass: "a.B", Config: v1beta1.Settings{"k": "ä"}}
	large := small.DeepCopy()
	large.Config["large"] = strings.Repeat("日本 \x00", 20_000)
	for name, spec := range map[string]*v1beta1.Topology{"small": small, "large": large} {
		last := lastSpec("r1", spec, nil)
		if diff := cmp.Diff(spec, SpecOf(last)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if (last.Topology == nil) != (name == "large") || len(last.Compressed) > 10_000 {
			t.Errorf("%s: %d bytes", name, len(last.Compressed))
		}
		if again := lastSpec("r1", spec.DeepCopy(), last); cmp.Diff(last, again) != "" {
			t.Errorf("%s: the same is remembered again", name)
		}
		if other := lastSpec("r2", spec, last); other.Revision != "r2" || other.RestartNonce != 7 || cmp.Diff(spec, SpecOf(other)) != "" {
			t.Errorf("%s: %+v", name, other)
		}
	}
	older := &v1beta1.LastSpec{Revision: "r1", RestartNonce: 7, Compressed: packed(append([]byte(" "), unpacked(lastSpec("r1", large, nil))...))}
	if SpecOf(older) == nil {
		t.Error("what another build compressed is not read")
	}
	if shrunk := lastSpec("r1", small, lastSpec("r1", large, nil)); shrunk.Topology == nil || shrunk.Compressed != nil {
		t.Errorf("%+v", shrunk)
	}
	for name, last := range map[string]*v1beta1.LastSpec{
		"nothing":                    nil,
		"what an older status lacks": {Revision: "r1"},
		"no gzip":                    {Compressed: []byte("no")},
		"half of it":                 {Compressed: lastSpec("r1", large, nil).Compressed[:100]},
		"no JSON":                    {Compressed: packed([]byte("{"))},
		"a bomb":                     {Compressed: packed([]byte(strings.Repeat(" ", 20<<20) + "{}"))},
	} {
		if spec := SpecOf(last); spec != nil {
			t.Errorf("%s: %+v", name, spec)
		}
	}
}

// What the references need of the template is remembered beside the spec, or compressed
// with it.
func TestCompactOfATemplate(t *testing.T) {
	template := &v1beta1.PodTemplate{Env: []corev1.EnvVar{{Name: "FOO", Value: "foo"}}, EnvFrom: []corev1.EnvFromSource{{Prefix: "a"}}}
	small := &v1beta1.Topology{MainClass: "a.B", Args: []string{"$(FOO)"}}
	large := small.DeepCopy()
	large.Args = append(large.Args, strings.Repeat("x", plainLimit))
	for name, spec := range map[string]*v1beta1.Topology{"small": small, "large": large} {
		last := Compact(v1beta1.LastSpec{Revision: "r1", Topology: spec, Template: template}, nil)
		if (last.Compressed != nil) != (name == "large") || (last.Template == nil) != (name == "large") {
			t.Errorf("%s: %+v", name, last)
		}
		if diff := cmp.Diff(spec, SpecOf(last)); diff != "" {
			t.Errorf("%s, spec (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(template, TemplateOf(last)); diff != "" {
			t.Errorf("%s, template (-want +got):\n%s", name, diff)
		}
		if again := Compact(v1beta1.LastSpec{Revision: "r1", Topology: spec.DeepCopy(), Template: template.DeepCopy()}, last); cmp.Diff(last, again) != "" {
			t.Errorf("%s: the same is remembered again", name)
		}
		without := lastSpec("r1", spec, nil)
		if TemplateOf(without) != nil {
			t.Errorf("%s: what an older build remembers has a template", name)
		}
		if name == "large" {
			if text, _ := json.Marshal(spec); string(unpacked(without)) != string(text) {
				t.Error("without a template it is not what an older build writes")
			}
		}
	}
	for _, length := range []int{plainLimit, 224 << 10} { // the longest that fits into a Job
		long := template.DeepCopy()
		long.Env[0].Value = strings.Repeat("x", length)
		last := Compact(v1beta1.LastSpec{Topology: small, Template: long}, nil)
		if text, _ := json.Marshal(last); len(text) > plainLimit || cmp.Diff(long, TemplateOf(last)) != "" || cmp.Diff(small, SpecOf(last)) != "" {
			t.Errorf("a variable of %d bytes is not compressed, or does not come back", length)
		}
	}
	if TemplateOf(nil) != nil || TemplateOf(&v1beta1.LastSpec{Compressed: []byte("no")}) != nil {
		t.Error("nothing is remembered, and a template comes back")
	}
}

// A compressed spec comes back as the request has it: its revision is the same, and no
// setting that is equal counts as changed.
func TestCompactKeepsTypes(t *testing.T) {
	request := func(million string) *v1beta1.StormTopology {
		var parent v1beta1.StormTopology
		text := `{"metadata":{"name":"a","namespace":"b"},"spec":{"topology":{"mainClass":"a.B","workers":2,"config":{
			"large":"` + strings.Repeat("x", plainLimit) + `","million":` + million + `,"fraction":0.5,"huge":9007199254740993,"hugest":18446744073709551615,
			"list":[1,9007199254740993,{"deep":-9007199254740993}],"topology.message.timeout.secs":300,"none":null}}}}`
		if err := metacontroller.DecodeObject(json.RawMessage(text), &parent, metacontroller.AlwaysSkipped); err != nil {
			t.Fatal(err)
		}
		return &parent
	}
	for _, million := range []string{"1000000", "1e6", "1000000.0"} {
		parent := request(million)
		last := lastSpec(Of(parent, ""), &parent.Spec.Topology, nil)
		back := parent.DeepCopy()
		back.Spec.Topology = *SpecOf(last).DeepCopy()
		if last.Topology != nil || Of(back, "") != last.Revision {
			t.Errorf("%s: revision %s comes back as %s", million, last.Revision, Of(back, ""))
		}
		if diff := cmp.Diff(request("1000000").Spec, back.Spec); diff != "" {
			t.Errorf("%s (-want +got):\n%s", million, diff)
		}
		target := parent.DeepCopy()
		target.Spec.Topology.MainClass = "a.C"
		runs, wants := storm.Fingerprint{Revision: last.Revision}, storm.Fingerprint{Revision: Of(target, "")}
		change := Compare(Version{Fingerprint: runs, Spec: SpecOf(last)}, Version{Fingerprint: wants, Spec: &target.Spec.Topology}, "")
		if change == nil || change.Why != "mainClass changed" {
			t.Errorf("%s: %+v", million, change)
		}
	}
}
