package query

import "strings"

// Query is one read of an entity set.
type Query struct {
	EntitySet string
	Custom    []Option // the service's own options (api-version …), first in the URL
	Filter    Expr     // nil: all rows
	Select    []Path   // nil: everything
	OrderBy   []Order
	Top       *int64
	Skip      *int64
	Count     CountMode
}

// Path names a property, or a member of a complex property.
type Path []string

// String is the path as it stands in a URL before escaping, and as profiles name properties: a or a/b.
func (p Path) String() string { return strings.Join(p, "/") }

// Equal reports whether two paths are the same.
func (p Path) Equal(q Path) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}

// Order is one key of $orderby.
type Order struct {
	Path Path
	Desc bool
}

// CountMode says how the number of rows is asked for.
type CountMode uint8

// The ways of asking for a count.
const (
	CountNone   CountMode = iota
	CountInline           // $count=true: the number comes beside the rows
	CountOnly             // the resource path's /$count: only the number comes
)

// Option is a custom query option.
type Option struct{ Name, Value string }

// WithCustom returns a copy with more custom options. An option that is there already (its name compared without case)
// is replaced at its place.
func (q Query) WithCustom(opts ...Option) Query {
	out := append([]Option(nil), q.Custom...)
next:
	for _, o := range opts {
		for i := range out {
			if strings.EqualFold(out[i].Name, o.Name) {
				out[i] = o
				continue next
			}
		}
		out = append(out, o)
	}
	q.Custom = out
	return q
}

// With returns o with the custom options of q: what is sent where q holds those that go with every request.
func (q Query) With(o Query) Query {
	o.Custom = q.Custom
	return o
}
