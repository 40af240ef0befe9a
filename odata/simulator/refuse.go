package simulator

import (
	"slices"
	"strings"
)

// intuneLookup resolves names in $filter as Intune does: the pages write
// DateKey, the feed dateKey, and which one the service wants is a variant.
func (t traits) intuneLookup(set *entitySet) func(string) int {
	return func(name string) int {
		for i, p := range set.props {
			pascal := strings.ToUpper(p.name[:1]) + p.name[1:]
			ok := false
			switch t.filterCase {
			case casePascal:
				ok = name == pascal
			case caseCamel:
				ok = name == p.name
			default:
				ok = strings.EqualFold(name, p.name)
			}
			if ok {
				return i
			}
		}
		return -1
	}
}

// refuseFilter is what Intune accepts in $filter: comparisons of its two
// columns with a literal, by lt le eq ge gt, joined by and. The service
// documents nothing else, and answers 400 to everything else.
func (t traits) refuseFilter(set *entitySet, e *expr) error {
	used := map[string]bool{}
	if err := t.refuseConjunct(set, e, used); err != nil {
		return err
	}
	if t.oneFilterColumn && len(used) > 1 {
		return badRequest("Filtering by DateKey and RowLastModifiedDateTimeUTC at once is not supported.")
	}
	return nil
}

func (t traits) refuseConjunct(set *entitySet, e *expr, used map[string]bool) error {
	if e.op == xAnd {
		for _, a := range e.args {
			if err := t.refuseConjunct(set, a, used); err != nil {
				return err
			}
		}
		return nil
	}
	if e.op != xCompare || e.name == "ne" || e.args[0].op != xPath || e.args[1].op != xLiteral {
		return badRequest("The filter is not supported: only comparisons of DateKey or RowLastModifiedDateTimeUTC by lt, le, eq, ge, gt, joined by and, are.")
	}
	name := set.props[e.args[0].prop].name
	if !slices.Contains(set.filterable, name) {
		return badRequest("The property '%s' cannot be used in the filter.", name)
	}
	used[name] = true
	want := kInt
	if name == timestampName {
		want = kTimestamp
		if t.timestampGeOnly && e.name != "ge" {
			return badRequest("The operator '%s' is not supported for '%s'.", e.name, name)
		}
	}
	if e.args[1].k != want {
		return badRequest("The literal compared with '%s' is not of its type.", name)
	}
	return nil
}
