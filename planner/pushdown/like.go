package pushdown

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// like pushes the shapes of LIKE that are a string test: 'a', 'a%', '%a', '%a%', and 'a%b' in part, all with escapes resolved.
//
// Counter-examples: `_` is any one character and has no test; a pattern that ends in the escape character is an error, which
// is raised here; ILIKE depends on the service's idea of case.
func (p *pusher) like(r *plan.Remote, prof *profile.Profile, x, pattern plan.Expr) (condition, *local) {
	col, ok := p.column(r, x)
	k, isConst := pattern.(*plan.Const)
	if !ok || !isText(col) || !isConst || k.Value.Null {
		return stays("only LIKE of a plain column and a constant is sent")
	}
	parts, ok := splitLike(k.Value.S)
	if !ok {
		return stays("the pattern has no string test")
	}
	lit := func(s string) *query.Literal {
		return &query.Literal{Type: col.Property.Type, Value: sqltype.Text(s)}
	}
	test := func(op profile.Op, name, s string) (condition, *local) {
		return p.leaf(r, prof, col, op, &query.Func{Name: name, Args: []query.Expr{propertyExpr(col), lit(s)}})
	}
	first, last := parts[0], parts[len(parts)-1]
	switch {
	case len(parts) == 1:
		return p.leaf(r, prof, col, profile.Eq, &query.Binary{Op: query.Eq, Left: propertyExpr(col), Right: lit(first)})
	case len(parts) == 2 && last == "" && first != "":
		return test(profile.StartsWith, "startswith", first)
	case len(parts) == 2 && first == "" && last != "":
		return test(profile.EndsWith, "endswith", last)
	case len(parts) == 3 && first == "" && last == "" && parts[1] != "":
		return test(profile.Contains, "contains", parts[1])
	}
	// What the whole pattern implies, as a superset.
	var c condition
	var l *local
	switch {
	case first != "":
		c, l = test(profile.StartsWith, "startswith", first)
	case last != "":
		c, l = test(profile.EndsWith, "endswith", last)
	default:
		longest := ""
		for _, s := range parts {
			if len(s) > len(longest) {
				longest = s
			}
		}
		if longest == "" {
			return stays("the pattern has no string test")
		}
		c, l = test(profile.Contains, "contains", longest)
	}
	c.verdict = min(c.verdict, profile.Superset)
	return c, l
}

// splitLike splits a pattern at its percent signs and resolves escapes; false if it holds an underscore or ends in an escape.
func splitLike(pattern string) (parts []string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '_':
			return nil, false
		case '%':
			parts = append(parts, b.String())
			b.Reset()
		case '\\':
			i++
			if i == len(pattern) {
				return nil, false
			}
			b.WriteByte(pattern[i])
		default:
			b.WriteByte(c)
		}
	}
	return append(parts, b.String()), true
}

func (p *pusher) startsWith(r *plan.Remote, prof *profile.Profile, x, prefix plan.Expr) (condition, *local) {
	col, ok := p.column(r, x)
	k, isConst := prefix.(*plan.Const)
	if !ok || !isText(col) || !isConst || k.Value.Null {
		return stays("only a plain column and a constant are sent")
	}
	return p.leaf(r, prof, col, profile.StartsWith, &query.Func{Name: "startswith", Args: []query.Expr{
		propertyExpr(col), &query.Literal{Type: col.Property.Type, Value: sqltype.Text(k.Value.S)},
	}})
}
