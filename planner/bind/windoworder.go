package bind

import (
	"cmp"
	"slices"

	"github.com/odatagres/odatagres/planner/plan"
)

// inOrderOfWork puts windows into the order in which PostgreSQL computes them, each over the rows of the one before
// (select_active_windows): the last one gives its order to the result. Expressions are numbered as ORDER BY, GROUP BY, DISTINCT and the
// windows name them first; windows are compared by the numbers of their partition and order (common_prefix_cmp), the larger first.
func inOrderOfWork(st *selectState, windows []*windowDef) []*windowDef {
	if len(windows) < 2 {
		return windows
	}
	var named []plan.Expr
	number := func(e plan.Expr) int {
		for i, n := range named {
			if equalExpr(n, e) {
				return i
			}
		}
		named = append(named, e)
		return len(named) - 1
	}
	for _, it := range st.sort {
		number(it.t.expr)
	}
	if st.group != nil {
		for _, t := range st.group.keys {
			number(t.expr)
		}
	}
	if st.distinct.all {
		for _, t := range st.targets {
			if !t.junk {
				number(t.expr)
			}
		}
	}
	for _, t := range st.distinct.on {
		number(t.expr)
	}
	keys := map[*windowDef][]windowKey{}
	for _, d := range st.winDefs {
		var order []windowKey
		for _, k := range d.order { // which is analysed before the partition
			order = append(order, windowKey{number(k.Expr), k.Desc, k.NullsFirst})
		}
		for _, p := range d.partition {
			keys[d] = append(keys[d], windowKey{number: number(p)})
		}
		for _, k := range order {
			if !slices.Contains(keys[d], k) {
				keys[d] = append(keys[d], k)
			}
		}
	}
	slices.SortStableFunc(windows, func(a, b *windowDef) int { return compareWindows(keys[a], keys[b]) })
	return windows
}

// windowKey is one key by which a window's rows are sorted.
type windowKey struct {
	number           int
	desc, nullsFirst bool
}

func compareWindows(a, b []windowKey) int {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		switch {
		case x.number != y.number:
			return cmp.Compare(y.number, x.number)
		case x.desc != y.desc: // the operator > has the larger OID in all of PostgreSQL's types
			return first(x.desc)
		case x.nullsFirst != y.nullsFirst:
			return first(x.nullsFirst)
		}
	}
	return cmp.Compare(len(b), len(a))
}

func first(a bool) int {
	if a {
		return -1
	}
	return 1
}
