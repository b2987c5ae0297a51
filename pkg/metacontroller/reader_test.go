package metacontroller

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

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
	Dash     string `json:"-,"`
	inner    string
}

type plainly struct {
	Within string `json:"within"`
}

var formTexts = []string{
	`{}`, `null`, `[]`, `"x"`, `1`, ``, `{`, `{"text":"a"} `, `{"text":"a"} x`, ` { "text" : "a" , "number" : 1 } `,
	`{"kind":"K","apiVersion":"v1","within":"w","Untagged":"u","Hidden":"h","-":"d","inner":"i"}`,
	`{"text":null,"kindred":null,"flag":null,"number":null,"long":null,"float":null,"exact":null,"bytes":null,"raw":null,"when":null,"whenIf":null,"either":null,` +
		`"texts":null,"times":null,"selves":null,"self":null,"labels":null,"settings":null,"amounts":null,"byNumber":null,"any":null,"odd":null}`,
	`{"text":"","texts":[],"times":[],"selves":[],"self":{},"labels":{},"settings":{},"amounts":{},"byNumber":{},"any":{}}`,
	`{"texts":["a",null,"b"],"times":["2026-01-01T00:00:00Z",null],"selves":[{"text":"a"},null,{}],"labels":{"a":"b","c":null}}`,
	`{"text":"a\"b\\c\nd\u00e9\ud83d\ude00\ud800é","labels":{"a\"b":"c","é":"é"},"settings":{"a\nb":"c\td"}}`,
	"{\"text\":\"\xff\",\"labels\":{\"\xff\":\"\xff\"}}", "{\"text\":\"\xff\\n\"}", "{\"te\xffxt\":\"a\"}",
	`{"te\u0078t":"a"}`, `{"Text":"a","TEXT":"b"}`, `{"text":"a","text":"b"}`, `{"selves":[{"text":"a"}],"selves":[{"number":1}]}`, `{"labels":{"a":"1","a":"2","b":"3"}}`,
	`{"self":{"text":"a"},"self":{"number":1}}`, `{"settings":{"a":{"b":1},"a":{"c":2}}}`, `{"new":{"text":["]}"]},"text":"a"}`,
	`{"number":2147483647}`, `{"number":2147483648}`, `{"number":-1}`, `{"number":1.0}`, `{"number":1e2}`, `{"number":"1"}`, `{"number":01}`, `{"long":9223372036854775807,"odd":{"A":127,"B":-128}}`, `{"odd":{"A":128}}`,
	`{"flag":true}`, `{"flag":false}`, `{"flag":"true"}`, `{"flag":1}`, `{"flag":tru}`, `{"text":1}`, `{"text":{}}`, `{"texts":{}}`, `{"texts":"a"}`, `{"labels":[]}`, `{"labels":{"a":1}}`, `{"self":[]}`, `{"self":"a"}`,
	`{"float":1.5,"exact":1.50,"bytes":"YQ==","raw":{"a" : 1},"either":"50%","amounts":{"cpu":"100m","memory":64},"byNumber":{"1":"a"},"any":[1,1.5,"a",null,true,{"b":[]}]}`,
	`{"settings":{"a":"b","n":1,"f":1.5,"big":9223372036854775808,"t":true,"z":null,"l":["a",1],"m":{"b":2}}}`,
	`{"when":"2026-11-24T10:29:14Z","whenIf":"2026-11-24T10:29:14.5+02:00"}`, `{"when":""}`, `{"when":"yesterday"}`, `{"when":1}`, `{"when":"2026\u002d11-24T10:29:14Z"}`,
	`{"self":` + strings.Repeat(`{"self":`, 50) + `{"text":"deep"}` + strings.Repeat(`}`, 51), `{"any":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`,
}

// asTheLibrary compares what a reader makes of a text with what the library makes.
func asTheLibrary[T any](t *testing.T, reader Reader[T], text []byte) {
	t.Helper()
	want := new(T)
	wrong := DecodeObject(text, want)
	got, err := reader.Object(text)
	if (err == nil) != (wrong == nil) || err != nil && err.Error() != wrong.Error() {
		t.Errorf("%.300q: error %v, the library's: %v", text, err, wrong)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%.300q: (-library +got)\n%s", text, cmp.Diff(want, got, cmp.AllowUnexported(forms{})))
	}
}

func TestReaderReadsAsTheLibrary(t *testing.T) {
	reader := NewReader[forms](Plans{}, nil)
	for _, text := range formTexts {
		asTheLibrary(t, reader, []byte(text))
	}
}

func FuzzReader(f *testing.F) {
	for _, text := range formTexts {
		f.Add([]byte(text))
	}
	for _, object := range recorded(f) {
		f.Add([]byte(object))
	}
	plans := Plans{}
	all := NewReader[forms](plans, nil)
	topologies, jobs, pods := NewReader[v1beta1.StormTopology](plans, nil), NewReader[batchv1.Job](plans, nil), NewReader[corev1.Pod](plans, nil)
	f.Fuzz(func(t *testing.T, text []byte) {
		asTheLibrary(t, all, text)
		asTheLibrary(t, topologies, text)
		asTheLibrary(t, jobs, text)
		asTheLibrary(t, pods, text)
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

func TestReaderLeavesOutWhatIsUnread(t *testing.T) {
	unread := NobodyReads.And(Unread{"metadata": {"labels": nil}, "spec": {"tolerations": nil, "containers": {"env": nil}}})
	reader := NewReader[corev1.Pod](Plans{}, unread)
	tests := map[string]struct{ reason, object, same string }{
		"in the middle":   {"as the API server writes them", `{"metadata":{"managedFields":[{"operation":"}"}],"name":"a"},"spec":{}}`, `{"metadata":{"name":"a"},"spec":{}}`},
		"alone":           {"nothing is left", `{"metadata":{"managedFields":[]},"spec":{"tolerations":[]}}`, `{}`},
		"a dotted key":    {"an annotation", `{"metadata":{"annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{\"a\":1}\n"}}}`, `{"metadata":{"annotations":{"a":"b"}}}`},
		"in each element": {"lists are passed through", `{"spec":{"containers":[{"env":[{"name":"A"}],"name":"a"},{"name":"b","env":[]},{}]}}`, `{"spec":{"containers":[{"name":"a"},{"name":"b"},{}]}}`},
		"elsewhere":       {"a list of init containers is another", `{"spec":{"initContainers":[{"env":[{"name":"A"}]}]}}`, `{"spec":{"initContainers":[{"env":[{"name":"A"}]}]}}`},
		"of another form": {"nobody looks", `{"spec":{"tolerations":1}}`, `{}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := reader.Object(json.RawMessage(tc.object))
			if err != nil {
				t.Fatal(err)
			}
			var want corev1.Pod
			if err := json.Unmarshal([]byte(tc.same), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
