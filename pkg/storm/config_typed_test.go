package storm

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// The answers are those of json-smart 2.5.2 (JSONValue.parseWithException in the client
// JARs of Storm 2.8.1), unless a row says that json-smart drops a part.
func TestTyped(t *testing.T) {
	same := func(text string) any { return text }
	for text, want := range map[string]any{
		// numbers
		"2": int64(2), "007": int64(7), " 2 ": int64(2), "-2": int64(-2), "-0": int64(0),
		"2.0": json.Number("2.0"), "1.10": json.Number("1.10"), "5.": json.Number("5.0"), "01.5": json.Number("1.5"),
		"1e3": json.Number("1e3"), "-1.5e-3": json.Number("-1.5e-3"), "1.0E5": json.Number("1.0E5"),
		"12345678901": int64(12345678901), "123456789012345678901": json.Number("123456789012345678901"),
		// text that resembles a number
		"+2": same("+2"), ".5": same(".5"), "0x10": same("0x10"), "1.2.3": same("1.2.3"), "2g": same("2g"), "1L": same("1L"),
		"10 20": same("10 20"), "2024-01-01": same("2024-01-01"), "1e400": same("1e400"),
		// words
		"true": true, " false ": false, "null": nil, "True": same("True"), "": same(""), "  ": same(""),
		"abc": same("abc"), " abc ": same("abc"), "-Xmx1g -Dx=y": same("-Xmx1g -Dx=y"), "ns/name": same("ns/name"), "a,b": same("a,b"), "é": same("é"),
		// quotes
		`"2"`: same("2"), `'x y'`: same("x y"), `"a\"b"`: same(`a"b`), `"a\u0041"`: same("aA"), `'it\'s "x"'`: same(`it's "x"`), `""`: same(""), "\"tab\tin\"": same("tab\tin"),
		`"x`: same(`"x`), `x"`: same(`x"`),
		// lists and maps
		"[a,b]": []any{"a", "b"}, "[a b, c ]": []any{"a b", "c"}, "[]": []any{}, "[1,]": []any{int64(1)}, "[,]": []any{},
		"[true,null,True,1.5]": []any{true, nil, "True", json.Number("1.5")}, "[[a],[b:c]]": []any{[]any{"a"}, []any{"b:c"}},
		`["a",'b']`: []any{"a", "b"}, `[a"b]`: []any{`a"b`},
		"{a:1}": map[string]any{"a": int64(1)}, `{a:b c, 'd':"e,f",}`: map[string]any{"a": "b c", "d": "e,f"},
		"{a:[1,2],b:{c:http://d}}": map[string]any{"a": []any{int64(1), int64(2)}, "b": map[string]any{"c": "http://d"}},
		"{}":                       map[string]any{}, "{1:2}": map[string]any{"1": int64(2)},
		// text that resembles a list or a map
		"{bad": same("{bad"), "{a}": same("{a}"), "{a:}": same("{a:}"), "[a": same("[a"), "a]": same("a]"),
		// json-smart silently drops a part of these: "0", ["a"], ["a"], "x", "it"
		"-": same("-"), "[a]x": same("[a]x"), "[a,b] x": same("[a,b] x"), `"x" y`: same(`"x" y`), "'it''s'": same("'it''s'"),
	} {
		if diff := cmp.Diff(want, typed(text)); diff != "" {
			t.Errorf("typed(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"2", "[a,{b:c}]", `{"a":'b\'c'}`, "1.5e3", `"\u00`, "[[[["} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) { // JSON cannot contain it
			t.Skip()
		}
		value := typed(text)
		line, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("typed(%q) = %#v cannot be encoded as JSON: %v", text, value, err)
		}
		if s, ok := value.(string); ok && s == text {
			return
		}
		if again, err := textutil.JSON(typed(string(line))); err != nil || again != mustEncode(t, value) {
			t.Errorf("typed(%q) = %s, and typed again %s (%v)", text, line, again, err)
		}
	})
}

func mustEncode(t *testing.T, value any) string {
	t.Helper()
	text, err := textutil.JSON(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
