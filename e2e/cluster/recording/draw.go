package recording

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Sizes in pixels. GitHub shows a picture of a page at most some 840 wide.
const (
	letter = 7.5 // width of a letter of size 12.5
	line   = 17
	margin = 16
	width  = columns*letter + 2*margin + 54 // with the real times on the right
)

// style has one dark terminal for light and dark pages. Without animations everything is
// visible: a part is hidden only before its moment.
const style = `
rect{fill:#0d1117;stroke:#57606a}
text{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;fill:#e6edf3}
.say{fill:#d2a8ff}
.command{fill:#7ee787}
.took{fill:#9198a1;text-anchor:end}
@media (prefers-reduced-motion:no-preference){
`

const footer = "A real run, by make recording. Real times are on the right; waits are shown for 1 s at most."

// Draw draws the steps as an SVG: a terminal in which they appear one after the other, and
// which begins again at the end. Equal steps give equal bytes.
func Draw(title string, steps []Taken) []byte {
	parts, total := follow(steps)
	var moves, texts bytes.Buffer
	y := float64(margin)
	for i, p := range parts {
		fmt.Fprintf(&moves, "@keyframes p%d{0%%{opacity:0}%.2f%%{opacity:1}}.p%d{animation:p%d %.1fs step-end infinite}\n", i, 100*p.at/total, i, i, total)
		fmt.Fprintf(&texts, "<g class=\"p%d\">\n", i)
		if p.apart {
			y += line / 2
		}
		for n, words := range p.lines {
			y += line
			if words != "" {
				text(&texts, p.kind, margin, y, words, float64(len([]rune(words)))*letter)
			}
			if n == 0 && p.took != "" {
				text(&texts, "took", width-margin, y, p.took, 0)
			}
		}
		texts.WriteString("</g>\n")
	}
	y += 2 * line
	text(&texts, "took", width-margin, y, footer, 0)
	height := y + margin

	var out bytes.Buffer
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" role=\"img\" width=\"%v\" height=\"%v\" viewBox=\"0 0 %v %v\">\n<title>", width, height, width, height)
	escape(&out, title)
	fmt.Fprintf(&out, "</title>\n<style>%s%s}</style>\n", style, moves.Bytes())
	fmt.Fprintf(&out, "<rect x=\"0.5\" y=\"0.5\" width=\"%v\" height=\"%v\" rx=\"8\"/>\n%s</svg>\n", width-1, height-1, texts.Bytes())
	return out.Bytes()
}

// text writes one line at x, y. A length keeps columns under each other, whatever font the
// reader has; 0 leaves it to the font.
func text(out *bytes.Buffer, kind string, x, y float64, words string, length float64) {
	fmt.Fprintf(out, "<text class=\"%s\" x=\"%v\" y=\"%v\"", kind, x, y)
	if length > 0 {
		fmt.Fprintf(out, " textLength=\"%v\"", length)
	}
	out.WriteString(">")
	escape(out, words)
	out.WriteString("</text>\n")
}

// escape writes words as XML. Writing to a buffer does not fail.
func escape(out *bytes.Buffer, words string) { _ = xml.EscapeText(out, []byte(words)) }
