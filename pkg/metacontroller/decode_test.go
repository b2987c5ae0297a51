package metacontroller

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// forms holds a field of each form that Go's types have.
type forms struct {
	metav1.TypeMeta `json:",inline"`
	plainly
	Text     string               `json:"text"`
	Kindred  corev1.PodPhase      `json:"kindred,omitempty"`
	Flag     bool                 `json:"flag"`
	Number   int32                `json:"number"`
	Long     *int64               `json:"long"`
	Float    float64              `json:"float"`
	Exact    json.Number          `json:"exact"`
	Bytes    []byte               `json:"bytes"`
	Raw      json.RawMessage      `json:"raw"`
	When     metav1.Time          `json:"when"`
	WhenIf   *metav1.Time         `json:"whenIf"`
	Either   intstr.IntOrString   `json:"either"`
	Texts    []string             `json:"texts"`
	Times    []metav1.Time        `json:"times"`
	Selves   []forms              `json:"selves"`
	Self     *forms               `json:"self"`
	Labels   map[string]string    `json:"labels"`
	Settings v1beta1.Settings     `json:"settings"`
	Amounts  corev1.ResourceList  `json:"amounts"`
	ByNumber map[int]string       `json:"byNumber"`
	Any      any                  `json:"any"`
	Quoted   struct{ N int }      `json:"quoted"`
	Odd      struct{ A, B *int8 } `json:"odd"`
	Untagged string
	Hidden   string `json:"-"`
}

type plainly struct {
	Within string `json:"within"`
}

var formTexts = []string{
	`{}`, `null`, `[]`, `"x"`, `1`, ``, `{`, `{"text":"a"} `, `{"text":"a"} x`, ` { "text" : "a" , "number" : 1 } `,
	`{"kind":"K","apiVersion":"v1","within":"w","Untagged":"u","Hidden":"h","-":"d"}`,
	`{"text":null,"kindred":null,"flag":null,"number":null,"long":null,"float":null,"exact":null,"bytes":null,"raw":null,"when":null,"whenIf":null,"either":null,` +
		`"texts":null,"times":null,"selves":null,"self":null,"labels":null,"settings":null,"amounts":null,"byNumber":null,"any":null,"odd":null}`,
	`{"text":"","texts":[],"times":[],"selves":[],"self":{},"labels":{},"settings":{},"amounts":{},"byNumber":{},"any":{}}`,
	`{"texts":["a",null,"b"],"times":["2026-01-01T00:00:00Z",null],"selves":[{"text":"a"},null,{}],"labels":{"a":"b","c":null}}`,
	`{"text":"a\"b\\c\nd\u00e9\ud83d\ude00\ud800é","labels":{"a\"b":"c","é":"é"},"settings":{"a\nb":"c\td"}}`,
	"{\"text\":\"\xff\",\"labels\":{\"\xff\":\"\xff\"}}", "{\"text\":\"\xff\\n\"}", "{\"te\xffxt\":\"a\"}",
	`{"te\u0078t":"a"}`, `{"Text":"a","TEXT":"b"}`, `{"text":"a","text":"b"}`, `{"labels":{"a":"1","a":"2","b":"3"}}`,
	`{"self":{"text":"a"},"self":{"number":1}}`, `{"new":{"text":["]}"]},"text":"a"}`,
	`{"number":2147483647}`, `{"number":2147483648}`, `{"number":-1}`, `{"number":1.0}`, `{"number":1e2}`, `{"number":"1"}`, `{"number":01}`, `{"long":9223372036854775807,"odd":{"A":127,"B":-128}}`, `{"odd":{"A":128}}`,
	`{"flag":true}`, `{"flag":false}`, `{"flag":"true"}`, `{"flag":1}`, `{"flag":tru}`, `{"text":1}`, `{"text":{}}`, `{"texts":{}}`, `{"texts":"a"}`, `{"labels":[]}`, `{"labels":{"a":1}}`, `{"self":[]}`, `{"self":"a"}`,
	`{"float":1.5,"exact":1.50,"bytes":"YQ==","raw":{"a" : 1},"either":"50%","amounts":{"cpu":"100m","memory":64},"byNumber":{"1":"a"},"any":[1,1.5,"a",null,true,{"b":[]}]}`,
	`{"settings":{"a":"b","n":1,"f":1.5,"big":9223372036854775808,"t":true,"z":null,"l":["a",1],"m":{"b":2}}}`,
	`{"when":"2026-11-24T10:29:14Z","whenIf":"2026-11-24T10:29:14.5+02:00"}`, `{"when":""}`, `{"when":"yesterday"}`, `{"when":1}`, `{"when":"2026\u002d11-24T10:29:14Z"}`,
	`{"self":` + strings.Repeat(`{"self":`, 50) + `{"text":"deep"}` + strings.Repeat(`}`, 51), `{"any":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`,
}

// nothingSkipped decodes the whole object.
var nothingSkipped = Skipped{jsonv2.UnmarshalFromFunc(wholeNumber)}

// asKubernetesReads compares the result with that of apimachinery.
func asKubernetesReads[T any](t *testing.T, text []byte) {
	t.Helper()
	var want, got T
	wrong := utiljson.Unmarshal(text, &want)
	err := DecodeObject(text, &got, nothingSkipped)
	if (err == nil) != (wrong == nil) || err != nil && !strings.HasSuffix(err.Error(), wrong.Error()) {
		t.Errorf("%.300q: error %v, apimachinery's: %v", text, err, wrong)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%.300q: (-apimachinery +got)\n%s", text, cmp.Diff(want, got, cmp.AllowUnexported(forms{})))
	}
}

func TestDecodeObjectReadsAsKubernetes(t *testing.T) {
	for _, text := range formTexts {
		asKubernetesReads[forms](t, []byte(text))
	}
}

func TestReadingIsAsKubernetes(t *testing.T) {
	texts := formTexts
	for _, when := range []string{`"2026-11-24T10:29:14,5Z"`, `"2026-11-24T1:29:14Z"`, `"2026-11-24T10:29:14+24:00"`, `"24-11-2026"`, `{}`, "\"\xff\"", `"2026-11-24T10:29:14`} {
		texts = append(texts, `{"when":`+when+`}`, `{"whenIf":`+when+`,"times":[`+when+`]}`)
	}
	for _, value := range []string{`{"a":{"b":null,"b":1}}`, `[[],{},[1,-0,1e400]]`, `1e400`, `-0`, `[1,]`, `[1}`, `{"a"}`, `tru`, "\"\xff\"", `"\ud800"`, `[`, `{"a":`} {
		texts = append(texts, `{"any":`+value+`}`, `{"settings":{"a":`+value+`}}`, `{"labels":{"a":`+value+`}}`)
	}
	for _, text := range texts {
		var want, got, texts forms
		wrong := utiljson.Unmarshal([]byte(text), &want)
		for into, skipped := range map[*forms]Skipped{&got: reading, &texts: reading.And(SkipLastApplied, ReadUntyped[v1beta1.Settings]())} {
			err := DecodeObject([]byte(text), into, skipped)
			if (err == nil) != (wrong == nil) || err != nil && !strings.HasSuffix(err.Error(), wrong.Error()) {
				t.Errorf("%.300q: error %v, apimachinery's: %v", text, err, wrong)
			}
			if err == nil && !reflect.DeepEqual(*into, want) {
				t.Errorf("%.300q: (-apimachinery +got)\n%s", text, cmp.Diff(want, *into, cmp.AllowUnexported(forms{})))
			}
		}
	}
}

func TestSkipLastApplied(t *testing.T) {
	var got metav1.ObjectMeta
	text := `{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"a\":1}","a":"b","metacontroller.k8s.io/last-applied-configuration":"{}"},"labels":{"c":"d"}}`
	if err := DecodeObject([]byte(text), &got, AlwaysSkipped.And(SkipLastApplied)); err != nil {
		t.Fatal(err)
	}
	want := metav1.ObjectMeta{Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"c": "d"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSkipAllBut(t *testing.T) {
	var got corev1.Container
	skipped := AlwaysSkipped.And(SkipAllBut("requests", func(r *corev1.ResourceRequirements) any { return &r.Requests }))
	for _, text := range []string{`{"name":"a","resources":{"limits":{"cpu":"x"},"requests":{"cpu":"1"},"claims":{}}}`, `{"resources":null}`, `{"resources":{}}`} {
		if err := DecodeObject([]byte(text), &got, skipped); err != nil {
			t.Fatal(err)
		}
	}
	if got.Name != "a" || len(got.Resources.Limits) > 0 || got.Resources.Requests.Cpu().String() != "1" {
		t.Errorf("got %+v", got)
	}
	if err := DecodeObject([]byte(`{"resources":{"requests":1}}`), &got, skipped); err == nil {
		t.Error("a wrong value of the member that is read is accepted")
	}
}

func FuzzDecodeObject(f *testing.F) {
	for _, text := range formTexts {
		f.Add([]byte(text))
	}
	for _, object := range recorded(f) {
		f.Add([]byte(object))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if valid := jsontext.Value(text); valid.IsValid(asKubernetes) && !valid.IsValid(jsontext.AllowInvalidUTF8(true)) {
			t.Skip("duplicate names may be decoded otherwise")
		}
		asKubernetesReads[forms](t, text)
		asKubernetesReads[v1beta1.StormTopology](t, text)
		asKubernetesReads[batchv1.Job](t, text)
		asKubernetesReads[corev1.Pod](t, text)
	})
}

// recorded are the objects of a request that was recorded on the real cluster.
func recorded(t testing.TB) []json.RawMessage {
	t.Helper()
	body, err := os.ReadFile("../../e2e/bench/testdata/steady.json")
	if err != nil {
		t.Fatal(err)
	}
	request, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	all := []json.RawMessage{request.Parent}
	for _, objects := range []Objects{request.Children, request.Related} {
		for kind := range objects {
			all = append(all, objects.Of(kind)...)
		}
	}
	return all
}

func TestSkippedTypes(t *testing.T) {
	skipped := AlwaysSkipped.And(Skip[[]corev1.EnvVar](), Skip[corev1.Affinity]())
	tests := map[string]struct{ reason, object, same string }{
		"in the middle":   {"as the API server writes them", `{"metadata":{"managedFields":[{"operation":"}"}],"name":"a"},"spec":{}}`, `{"metadata":{"name":"a"},"spec":{}}`},
		"alone":           {"nothing is left", `{"metadata":{"managedFields":[]}}`, `{}`},
		"in each element": {"whatever holds the type", `{"spec":{"containers":[{"env":[{"name":"A"}],"name":"a"},{"name":"b","env":[]},{}]}}`, `{"spec":{"containers":[{"name":"a"},{"name":"b"},{}]}}`},
		"of another form": {"it is not checked", `{"spec":{"containers":[{"env":1}]}}`, `{"spec":{"containers":[{}]}}`},
		"of a pointer":    {"it is there, and empty", `{"spec":{"affinity":{"podAffinity":{}}}}`, `{"spec":{"affinity":{}}}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got, want corev1.Pod
			if err := DecodeObject(json.RawMessage(tc.object), &got, skipped); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tc.same), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
