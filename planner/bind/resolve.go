package bind

import (
	"slices"
	"strings"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// candidate is an operator or function that a call may mean (FuncCandidateList).
type candidate struct {
	args      []uint32 // effective: variadic expanded, in the order of the call for named notation
	fn        *builtin.Function
	op        *builtin.Operator
	variadic  int   // how many arguments the variadic one takes
	defaults  int   // how many arguments are left to their defaults
	order     []int // named notation: for each argument of the call, and then for the defaulted ones, its place
	ambiguous bool
}

// matching keeps the candidates that the arguments can implicitly become (func_match_argtypes).
func (b *binder) matching(args []uint32, cands []candidate) []candidate {
	var out []candidate
	for _, c := range cands {
		if b.canCoerce(args, c.args[:min(len(args), len(c.args))], implicit) {
			out = append(out, c)
		}
	}
	return out
}

// bestCandidate is func_select_candidate, the rules of the documentation's sections 10.2 and 10.3 from step 4 on; nil if
// none is best.
func (b *binder) bestCandidate(args []uint32, cands []candidate) *candidate {
	unknowns := 0
	for _, a := range args {
		if a == sqltype.OIDUnknown {
			unknowns++
		}
	}
	keep := func(score func(candidate) int) {
		best := -1
		var out []candidate
		for _, c := range cands {
			n := score(c)
			switch {
			case n > best:
				best, out = n, []candidate{c}
			case n == best:
				out = append(out, c)
			}
		}
		cands = out
	}
	// Most exact matches on the types that are known.
	keep(func(c candidate) int {
		n := 0
		for i, a := range args {
			if a != sqltype.OIDUnknown && c.args[i] == a {
				n++
			}
		}
		return n
	})
	if len(cands) == 1 {
		return &cands[0]
	}
	// Most exact matches or preferred types of the argument's category.
	keep(func(c candidate) int {
		n := 0
		for i, a := range args {
			if a != sqltype.OIDUnknown && (c.args[i] == a || b.preferredIn(b.category(a), c.args[i])) {
				n++
			}
		}
		return n
	})
	if len(cands) == 1 {
		return &cands[0]
	}
	if unknowns == 0 {
		return nil
	}
	// Untyped literals: the category that all candidates agree on, or string if one takes it.
	cats := make([]byte, len(args))
	prefs := make([]bool, len(args))
	resolved := true
	for i, a := range args {
		if a != sqltype.OIDUnknown {
			continue
		}
		var cat byte
		pref, conflict, gotString := false, false, false
		for _, c := range cands {
			ct := b.category(c.args[i])
			ip := b.preferred(c.args[i])
			switch {
			case cat == 0:
				cat, pref = ct, ip
			case ct == cat:
				pref = pref || ip
			case ct == 'S':
				// STRING always wins if available
				cat, pref = ct, ip
			default:
				if cat != 'S' {
					conflict = true
				}
			}
			if ct == 'S' {
				gotString = true
			}
		}
		if gotString {
			conflict = false
			cat = 'S'
			pref = false
			for _, c := range cands {
				if b.category(c.args[i]) == 'S' && b.preferred(c.args[i]) {
					pref = true
				}
			}
		}
		if conflict {
			resolved = false
			break
		}
		cats[i], prefs[i] = cat, pref
	}
	if resolved {
		var out []candidate
		for _, c := range cands {
			ok := true
			for i, a := range args {
				if a != sqltype.OIDUnknown {
					continue
				}
				if b.category(c.args[i]) != cats[i] || prefs[i] && !b.preferred(c.args[i]) {
					ok = false
					break
				}
			}
			if ok {
				out = append(out, c)
			}
		}
		if len(out) > 0 {
			cands = out
		}
		if len(cands) == 1 {
			return &cands[0]
		}
	}
	// Last: take the untyped literals for the one type that all the other arguments have.
	if unknowns < len(args) {
		known := sqltype.OIDUnknown
		for _, a := range args {
			if a == sqltype.OIDUnknown {
				continue
			}
			if known == sqltype.OIDUnknown {
				known = a
			} else if known != a {
				known = sqltype.OIDUnknown
				break
			}
		}
		if known != sqltype.OIDUnknown {
			assumed := make([]uint32, len(args))
			for i := range assumed {
				assumed[i] = known
			}
			var hit *candidate
			for i := range cands {
				if b.canCoerce(assumed, cands[i].args[:len(args)], implicit) {
					if hit != nil {
						return nil
					}
					hit = &cands[i]
				}
			}
			return hit
		}
	}
	return nil
}

// preferredIn is IsPreferredType.
func (b *binder) preferredIn(cat byte, t uint32) bool {
	return b.category(t) == cat && b.preferred(t)
}

// functions lists the functions that a name may mean, by schema of the path.
func (b *binder) functions(name []string, loc int) []*builtin.Function {
	switch len(name) {
	case 1:
		out := slices.Clone(b.reg.Functions("pg_catalog", name[0]))
		for _, sc := range b.env.SearchPath {
			if sc == builtin.InformationSchema {
				out = append(out, b.reg.Functions(sc, name[0])...)
			}
		}
		return out
	case 2:
		if name[0] != "pg_catalog" && name[0] != builtin.InformationSchema && b.findSchema(name[0], true) == nil {
			b.failf(pgerr.InvalidSchemaName, loc, `schema "%s" does not exist`, name[0])
		}
		return b.reg.Functions(name[0], name[1])
	case 3:
		if name[0] != b.env.Database {
			b.failf(pgerr.FeatureNotSupported, loc, "cross-database references are not implemented: %s", joinNames(name))
		}
		return b.functions(name[1:], loc)
	}
	b.failf(pgerr.SyntaxError, loc, "improper qualified name (too many dotted names): %s", joinNames(name))
	return nil
}

// callCandidates is FuncnameGetCandidates: with variadic arguments expanded and defaults left out.
func (b *binder) callCandidates(fns []*builtin.Function, nargs int, names []string, expandVariadic bool) []candidate {
	var out []candidate
	for _, f := range fns {
		c := candidate{fn: f}
		pronargs := len(f.Args)
		if len(names) > 0 {
			if f.Variadic != 0 && expandVariadic {
				continue // named notation cannot be mixed with an expanded variadic
			}
			if pronargs < nargs {
				continue
			}
			if pronargs > nargs && nargs+len(f.Defaults) < pronargs {
				continue
			}
			order, ok := matchNamed(f, nargs, names)
			if !ok {
				continue
			}
			c.order = order
			c.defaults = pronargs - nargs
			for _, o := range order {
				c.args = append(c.args, f.Args[o])
			}
			out = b.addCandidate(out, c, nargs)
			continue
		}
		if nargs >= pronargs && f.Variadic != 0 && expandVariadic && pronargs > 0 {
			elem := f.Variadic
			c.variadic = nargs - pronargs + 1
			c.args = append(c.args, f.Args[:pronargs-1]...)
			for range c.variadic {
				c.args = append(c.args, elem)
			}
			out = b.addCandidate(out, c, nargs)
			continue
		}
		if pronargs > nargs {
			if nargs+len(f.Defaults) < pronargs {
				continue
			}
			c.defaults = pronargs - nargs
		} else if pronargs != nargs {
			continue
		}
		c.args = slices.Clone(f.Args)
		out = b.addCandidate(out, c, nargs)
	}
	return out
}

// addCandidate keeps the better of two candidates that take the same arguments.
func (b *binder) addCandidate(out []candidate, c candidate, nargs int) []candidate {
	for i, o := range out {
		if len(o.args) < nargs || len(c.args) < nargs || !slices.Equal(o.args[:nargs], c.args[:nargs]) ||
			len(o.args)-o.defaults != len(c.args)-c.defaults {
			continue
		}
		prefer := 0
		switch {
		case c.variadic > 0 && o.variadic == 0:
			prefer = 1
		case c.variadic == 0 && o.variadic > 0:
			prefer = -1
		case c.variadic != o.variadic:
			prefer = c.variadic - o.variadic
		default:
			prefer = c.defaults - o.defaults
		}
		switch {
		case prefer > 0:
			return out
		case prefer < 0:
			out[i] = c
			return out
		default:
			if c.defaults > 0 {
				out[i].ambiguous = true
			}
			return out
		}
	}
	return append(out, c)
}

// matchNamed is MatchNamedCall: the place of each argument of the call, then those of the defaulted ones.
func matchNamed(f *builtin.Function, nargs int, names []string) ([]int, bool) {
	in := inputNames(f)
	if in == nil {
		return nil, false
	}
	pronargs := len(f.Args)
	used := make([]bool, pronargs)
	order := make([]int, 0, pronargs)
	positional := nargs - len(names)
	for i := range positional {
		used[i] = true
		order = append(order, i)
	}
	for _, n := range names {
		found := -1
		for i, x := range in {
			if x == n && n != "" {
				found = i
				break
			}
		}
		if found < 0 || used[found] {
			return nil, false
		}
		used[found] = true
		order = append(order, found)
	}
	first := pronargs - len(f.Defaults)
	for i := range pronargs {
		if used[i] {
			continue
		}
		if i < first {
			return nil, false
		}
		order = append(order, i)
	}
	return order, true
}

// inputNames lists the names of the input arguments.
func inputNames(f *builtin.Function) []string {
	if len(f.ArgNames) == 0 {
		return nil
	}
	if f.AllArgs == nil || f.ArgModes == "" {
		return padNames(f.ArgNames, len(f.Args))
	}
	var out []string
	for i, m := range []byte(f.ArgModes) {
		if m == 'i' || m == 'b' || m == 'v' {
			n := ""
			if i < len(f.ArgNames) {
				n = f.ArgNames[i]
			}
			out = append(out, n)
		}
	}
	return padNames(out, len(f.Args))
}

func padNames(names []string, n int) []string {
	for len(names) < n {
		names = append(names, "")
	}
	return names[:n]
}

// signature prints a call for messages (func_signature_string).
func (b *binder) signature(name string, argNames []string, types []uint32) string {
	var s strings.Builder
	s.WriteString(name)
	s.WriteByte('(')
	positional := len(types) - len(argNames)
	for i, t := range types {
		if i > 0 {
			s.WriteString(", ")
		}
		if i >= positional && argNames[i-positional] != "" {
			s.WriteString(argNames[i-positional] + " => ")
		}
		s.WriteString(b.typeName(t))
	}
	s.WriteByte(')')
	return s.String()
}
