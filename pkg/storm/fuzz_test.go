package storm

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzSettings uses any key and text of spec.topology.config: they are refused with a
// problem, or stay the same through -Dstorm.options, which no shell and no comma
// splits.
func FuzzSettings(f *testing.F) {
	for key := range declared {
		f.Add(key, "2")
		f.Add(key, `{"a": [1, 'b', null]}`)
	}
	f.Add("my.app", "$(rm -rf /); `id` \"' \n\x00 é,=%20")
	f.Add("my.app", strings.Repeat("[", 10_000))
	f.Add("a=b", "1e309")
	f.Fuzz(func(t *testing.T, key, text string) {
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			return // the API server rejects it
		}
		settings, problems := Settings(map[string]any{key: text})
		if len(settings)+len(problems) != 1 {
			t.Fatalf("%d settings, problems %q", len(settings), problems)
		}
		if len(problems) > 0 {
			return
		}
		options, err := Options(settings)
		if err != nil {
			t.Fatalf("%q: %v", settings, err)
		}
		if strings.ContainsAny(options, " \t\r\n\"'`$\\;|&<>(){}[]\x00,") {
			t.Fatalf("a shell or Storm would split this: %s", options)
		}
		plain, err := url.QueryUnescape(options)
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(plain, "=")
		var read any
		decoder := json.NewDecoder(strings.NewReader(value))
		decoder.UseNumber()
		if err := decoder.Decode(&read); err != nil {
			t.Fatalf("%q is not JSON: %v", value, err)
		}
		taken, ok := Settings(map[string]any{name: read})
		if len(ok) > 0 {
			t.Fatalf("accepted once, then refused: %q", ok)
		}
		if again, _ := Options(taken); len(taken) == 1 && again != options && !quoted(read) {
			t.Fatalf("(-first +again)\n%s", cmp.Diff(options, again))
		}
	})
}

// quoted: a string that was written in quotes is read again, and may then be another
// value.
func quoted(value any) bool { _, is := value.(string); return is }
