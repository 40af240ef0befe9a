package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
)

// maxFuzzy is MAX_FUZZY_DISTANCE of parse_relation.c: names farther away are not suggested.
const maxFuzzy = 3

// fuzzy collects the names nearest to one that was not found (FuzzyAttrMatchState).
type fuzzy struct {
	distance      int
	first, second *nsItem
	firstCol      *nsCol
	secondCol     *nsCol
}

// missingColumn is errorMissingColumn with its hints.
func (b *binder) missingColumn(s *scope, rel, name string, loc int) {
	msg := `column "` + name + `" does not exist`
	if rel != "" {
		msg = "column " + rel + "." + name + " does not exist"
	}
	err := pgerr.New(pgerr.UndefinedColumn, msg)
	f, exact := b.nearest(s, rel, name)
	switch {
	case exact != nil:
		err = err.WithHint(`There is a column named "%s" in table "%s", but it cannot be referenced from this part of the query.`, name, exact.name)
	case f.second != nil:
		err = err.WithHint(`Perhaps you meant to reference the column "%s.%s" or the column "%s.%s".`, f.first.name, f.firstCol.name, f.second.name, f.secondCol.name)
	case f.first != nil:
		err = err.WithHint(`Perhaps you meant to reference the column "%s.%s".`, f.first.name, f.firstCol.name)
	}
	b.fail(err, loc)
}

// nearest is searchRangeTableForCol. exact is an item that has the very column but cannot be referenced.
func (b *binder) nearest(s *scope, rel, name string) (f fuzzy, exact *nsItem) {
	f.distance = maxFuzzy + 1
	for lvl := s; lvl != nil; lvl = lvl.parent {
		for _, it := range lvl.rtable {
			penalty := 0
			if rel != "" {
				penalty = levenshtein(rel, it.name, maxFuzzy+1)
			}
			found := false
			for _, c := range it.cols {
				if c.name == name {
					found = true
				}
			}
			if found && penalty == 0 {
				return f, it
			}
			for _, c := range it.cols {
				if !c.hidden {
					f.consider(penalty, it, c, name)
				}
			}
		}
	}
	return f, nil
}

// consider is updateFuzzyAttrMatchState.
func (f *fuzzy) consider(penalty int, it *nsItem, c *nsCol, name string) {
	if penalty > f.distance {
		return
	}
	d := levenshtein(c.name, name, f.distance+1-penalty)
	if d > len(name)/2 {
		return
	}
	d += penalty
	switch {
	case d < f.distance:
		f.distance, f.first, f.firstCol, f.second, f.secondCol = d, it, c, nil, nil
	case d == f.distance:
		switch {
		case f.second != nil:
			*f = fuzzy{distance: d - 1}
		case f.first != nil:
			f.second, f.secondCol = it, c
		case f.distance <= maxFuzzy:
			f.first, f.firstCol = it, c
		}
	}
}

// levenshtein is the edit distance in characters, cut off above the limit.
func levenshtein(a, c string, limit int) int {
	x, y := []rune(a), []rune(c)
	prev := make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i, r := range x {
		cur := make([]int, len(y)+1)
		cur[0] = i + 1
		for j, q := range y {
			cost := 1
			if r == q {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
		}
		prev = cur
	}
	if d := prev[len(y)]; d <= limit {
		return d
	}
	return limit + 1
}
