package recording

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// fixed has all that a picture can have: a comment, a long wait, a line that is wrapped,
// letters that XML escapes, columns, and a command without output.
var fixed = []Taken{
	{Step{"Apply it.", "kubectl apply -f first.yaml"}, "stormtopology.storm.apache.org/hello-storm created", 0.4},
	{Step{"", "kubectl wait --for=condition=Ready stopo/hello-storm"}, "", 29.3},
	{Step{"", "kubectl get stopo"}, "NAME          READY   PHASE\nhello-storm   True    Running", 0.2},
	{Step{"Read.", `kubectl get stopo -o jsonpath="<{.status.message}>"`}, "<" + strings.Repeat("Nimbus & co. ", 12) + ">", 0.3},
}

func TestTheDrawingOfAFixedSession(t *testing.T) {
	testkit.Golden(t, "testdata/fixed.svg", Draw("A <fixed> session", fixed))
}

// The picture of the README is drawn from the recording beside it, of the session of today.
func TestThePictureIsOfTheRecording(t *testing.T) {
	const file = "../../../docs/pictures/" + Name
	text, err := os.ReadFile(file + ".json")
	if err != nil {
		t.Fatalf("%v. Make it: make recording", err)
	}
	var taken []Taken
	if err := json.Unmarshal(text, &taken); err != nil {
		t.Fatal(err)
	}
	for i, step := range Session {
		if i >= len(taken) || taken[i].Step != step {
			t.Fatalf("step %d is not recorded: %+v. Record it again: make recording", i, step)
		}
	}
	testkit.Golden(t, file+".svg", Draw(Title, taken))
}

// GitHub shows an SVG as an image: without scripts and without anything from outside.
func TestAPictureIsWellFormedSmallAndStandsAlone(t *testing.T) {
	for _, file := range []string{"testdata/fixed.svg", "../../../docs/pictures/" + Name + ".svg"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 60_000 {
			t.Errorf("%s has %d bytes", file, len(text))
		}
		for _, never := range []string{"<script", "href", "url(", "@import", "<foreignObject"} {
			if bytes.Contains(text, []byte(never)) {
				t.Errorf("%s has %s", file, never)
			}
		}
		for decoder := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
	}
}

// Where animations are off, each line is there: nothing outside the condition hides one.
func TestAStillHasEveryLine(t *testing.T) {
	picture := string(Draw("still", fixed))
	before, moves, _ := strings.Cut(picture, "@media (prefers-reduced-motion:no-preference){")
	moves, after, _ := strings.Cut(moves, "</style>")
	if strings.Contains(before+after, "opacity") || strings.Contains(before+after, "animation") {
		t.Error("the picture hides lines without an animation")
	}
	parts, total := follow(fixed)
	if got := strings.Count(moves, "@keyframes"); got != len(parts) {
		t.Errorf("%d parts appear, not %d", got, len(parts))
	}
	last := 0.0
	for _, p := range parts {
		if p.at <= last || p.at >= total {
			t.Errorf("%v appears at %v, after %v, of %v", p.lines, p.at, last, total)
		}
		last = p.at
	}
}

// A wait is cut to a second, and its real time is in the picture.
func TestAWaitIsCutAndSaidSo(t *testing.T) {
	long, short := fixed[1:2], []Taken{fixed[1]} // short is a copy
	short[0].Seconds = 1
	_, a := follow(long)
	_, b := follow(short)
	if a != b {
		t.Errorf("29 s of waiting make the picture %v s long, and 1 s %v s", a, b)
	}
	if picture := string(Draw("", fixed[1:2])); !strings.Contains(picture, ">29.3 s<") {
		t.Error("the picture does not have the real time")
	}
}

func TestWrap(t *testing.T) {
	word := strings.Repeat("ä", columns-1)
	got := wrap(word + "äö ü\nb  \n" + word + "ä c\n" + word + " c")
	want := []string{word + "ä", "ö ü", "b", word + "ä", "c", word, "c"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}
