package metacontroller

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scanned says whether the scanner takes a text.
func scanned(text []byte) bool {
	s := scanner{text: text}
	if _, err := s.value(0); err != nil {
		return false
	}
	return s.end() == nil
}

var texts = []string{
	``, ` `, `{}`, ` [ ] `, `{"a":1}`, `{"a" : [ 1 , 2 ] }`, `{"a":1,}`, `[1,]`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1`, `[`, `{"a":1}}`, `1 2`,
	`0`, `-0`, `01`, `-`, `1.`, `.5`, `1.5e+10`, `1e`, `1e-`, `+1`, `1E5`, `-1.0`, `0x1`, `1.5.5`,
	`true`, `tru`, `truer`, `null`, `nul`, `false`, `False`, `NaN`,
	`""`, `"a`, `"\u00e9"`, `"\u00g9"`, `"\u12"`, `"\x"`, `"\`, `"\"`, `"\\"`, "\"a\nb\"", "\"\x00\"", "\"\xff\"", `"é\/\b"`, "\"\x7f\"", "\u00a01", "\f1",
	strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000), strings.Repeat(`{"a":`, 10000) + "{}" + strings.Repeat("}", 10000),
}

func TestScannerTakesWhatEncodingJSONTakes(t *testing.T) {
	for _, text := range texts {
		if got, want := scanned([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%.60q: taken %v, encoding/json: %v", text, got, want)
		}
	}
	const alphabet = "{}[],:\"\\/ \n\tu0123456789aeEftrlsn.+-\x00\x1f\x7f\xff"
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.SampledFrom(texts[:len(texts)-4]).Draw(t, "text") + rapid.SampledFrom(texts[:len(texts)-4]).Draw(t, "more"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			if len(text) > 0 {
				text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "byte")]
			}
		}
		if got, want := scanned(text), json.Valid(text); got != want {
			t.Errorf("%q: taken %v, encoding/json: %v", text, got, want)
		}
	})
}

func FuzzScanner(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := scanned(text), json.Valid(text); got != want {
			t.Errorf("%q: taken %v, encoding/json: %v", text, got, want)
		}
		if request, err := Decode(text); err == nil {
			sameAsEncodingJSON(t, text, request)
		}
	})
}

// sameAsEncodingJSON compares a request with what encoding/json makes of the
// body, where no key comes twice and none in other letters.
func sameAsEncodingJSON(t *testing.T, body []byte, got Request) {
	t.Helper()
	var want Request
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatalf("encoding/json refuses %q: %v", body, err)
	}
	lower := bytes.ToLower(body)
	for _, key := range []string{`"parent"`, `"children"`, `"related"`, `"finalizing"`} {
		if bytes.Count(lower, []byte(key)) > 1 || !bytes.Equal(lower, body) {
			return
		}
	}
	if got.Finalizing != want.Finalizing || !bytes.Equal(got.Parent, want.Parent) {
		t.Errorf("%q: parent %q, finalizing %v; encoding/json: %q, %v", body, got.Parent, got.Finalizing, want.Parent, want.Finalizing)
	}
}

func TestDecodeFindsTheParts(t *testing.T) {
	body := ` { "controller" : {"parent":{"a":1}} , "parent" : {"kind":"X","s":"\"}"} , "children":{"Job.batch/v1":{"ns/a":{"n":1},"ns/b":{"n":2}},"Pod.v1":{},"X.v1":null},` +
		`"related": {"Namespace.v1":{"kube-system":{"metadata":{}}}}, "finalizing" :true, "parents":[{}]} `
	got, err := Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	want := Request{
		Parent: json.RawMessage(`{"kind":"X","s":"\"}"}`),
		Children: Objects{"Pod.v1": {}, "Job.batch/v1": {
			"ns/a": json.RawMessage(`{"n":1}`), "ns/b": json.RawMessage(`{"n":2}`),
		}},
		Related:    Objects{"Namespace.v1": {"kube-system": json.RawMessage(`{"metadata":{}}`)}},
		Finalizing: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
