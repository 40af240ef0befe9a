package config

import "strings"

// nearest finds the name that a misspelled one was probably meant to be: the
// same but for case and separators, or at most a third of its letters away.
func nearest(wrong string, names []string) (string, bool) {
	best, bestDistance := "", len(wrong)/3+1
	for _, name := range names {
		if squeeze(wrong) == squeeze(name) {
			return name, true
		}
		if d := editDistance(strings.ToLower(wrong), name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best, best != ""
}

func squeeze(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(s))
}

// editDistance is the number of inserted, deleted, changed and swapped letters
// between a and b (optimal string alignment).
func editDistance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
