package cli

import (
	"slices"
	"strings"
)

// Nearest is the most similar word, whatever its case; empty if more than a third of the
// letters would have to change.
func Nearest(text string, words []string) string {
	best, least := "", len(text)/3+1
	for _, word := range words {
		if strings.EqualFold(text, word) && text != word {
			return word
		}
		if d := distance(text, word, least); d < least {
			best, least = word, d
		}
	}
	return best
}

// NearestBelow is Nearest for words with a common prefix, which does not count if text has
// it too.
func NearestBelow(prefix, text string, words []string) string {
	rest, has := strings.CutPrefix(text, prefix)
	if !has {
		return Nearest(text, words)
	}
	var rests []string
	for _, word := range words {
		if word, has := strings.CutPrefix(word, prefix); has {
			rests = append(rests, word)
		}
	}
	if near := Nearest(rest, rests); near != "" {
		return prefix + near
	}
	return ""
}

// distance is how many letters must be added, removed, changed or swapped with their
// neighbour to get from one word to the other; enough or more if it is not less than that.
func distance(from, to string, enough int) int {
	a, b := []rune(from), []rune(to)
	if len(a)-len(b) >= enough || len(b)-len(a) >= enough {
		return enough
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 0
			if a[i-1] != b[j-1] {
				change = 1
			}
			rows[i][j] = slices.Min([]int{rows[i-1][j] + 1, rows[i][j-1] + 1, rows[i-1][j-1] + change})
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
