package validate

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// parents are where the rows with a parent stand; all others stand below spec.
var parents = map[string]string{"jar": "spec.topology.jar", "container": "spec.topology.jar.container", "resources": "spec.template.resources"}

// TestSynonyms gives validate a file for each row of synonyms.txt. The answer is the row's,
// and each field and setting that it names exists.
func TestSynonyms(t *testing.T) {
	validator, err := New()
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(synonymRows) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		field, says, is := strings.Cut(line, " | ")
		if !is || otherName("spec."+field) != " "+says {
			t.Errorf("the row %q is not read", line)
			continue
		}
		parent, _, nested := strings.Cut(field, ".")
		path := "spec." + field
		if nested && parents[parent] != "" {
			path = parents[parent] + strings.TrimPrefix(field, parent)
		}
		kind := cli.KindTopology
		if parent == "nimbus" {
			kind = cli.KindCluster
		}
		if said := saidOf(t, validator, kind, path); !strings.HasPrefix(said, "unknown field "+path+". "+says) {
			t.Errorf("%s: validate says %q, want %q", path, said, says)
		}
		checkNames(t, validator, line)
	}
	if rows < 250 || rows != len(synonyms) {
		t.Errorf("%d rows, %d fields", rows, len(synonyms))
	}
}

// saidOf is what validate says of an object with one more field.
func saidOf(t *testing.T, validator *Validator, kind, path string) string {
	t.Helper()
	text := fmt.Sprintf("apiVersion: storm.apache.org/v1beta1\nkind: %s\nmetadata: {name: a}\n", kind)
	for i, name := range strings.Split(path, ".") {
		text += strings.Repeat("  ", i) + name + ":\n"
	}
	text = strings.TrimSuffix(text, "\n") + " a\n"
	for _, problem := range validator.Documents(t.Context(), []cli.Document{{File: "f", Line: 1, Text: []byte(text)}}).Problems {
		if problem.Field == path {
			return problem.Message
		}
	}
	return ""
}

var (
	aField   = regexp.MustCompile(`\bspec\.[A-Za-z.]*[A-Za-z]`)
	aSetting = regexp.MustCompile(`setting (topology\.[a-z.]*[a-z])`)
)

func checkNames(t *testing.T, validator *Validator, line string) {
	t.Helper()
	for _, path := range aField.FindAllString(line, -1) {
		if below(validator.kinds[cli.KindTopology].Schema, path) == nil && below(validator.kinds[cli.KindCluster].Schema, path) == nil {
			t.Errorf("%q names %s, which does not exist", line, path)
		}
	}
	for _, setting := range aSetting.FindAllStringSubmatch(line, -1) {
		if !storm.Declares(setting[1], "") {
			t.Errorf("%q names %s, which is not a setting", line, setting[1])
		}
	}
}

// TestFieldsOfKubernetes: whoever writes a field of Kubernetes' own objects is told what to
// write, or that it does not exist here, and not only which fields do.
func TestFieldsOfKubernetes(t *testing.T) {
	validator, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[appsv1.DeploymentSpec](), reflect.TypeFor[appsv1.StatefulSetSpec](), reflect.TypeFor[batchv1.JobSpec](), reflect.TypeFor[batchv1.CronJobSpec](),
		reflect.TypeFor[corev1.PodSpec](), reflect.TypeFor[corev1.Container](),
		reflect.TypeFor[autoscalingv2.HorizontalPodAutoscalerSpec](), reflect.TypeFor[policyv1.PodDisruptionBudgetSpec](),
	} {
		for _, part := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(part.Tag.Get("json"), ",")
			if name == "" || below(validator.kinds[cli.KindTopology].Schema, "spec."+name) != nil {
				continue
			}
			said := saidOf(t, validator, cli.KindTopology, "spec."+name)
			if said == "" || strings.HasPrefix(said, "unknown field spec."+name+". spec has ") {
				t.Errorf("%s.%s: %q", of, name, said)
			}
		}
	}
}
