package profile

import (
	"strings"

	"github.com/odatagres/odatagres/odata/edm"
)

// Profile is what a service can do. It is a value without state; what was learned at run time is kept elsewhere and laid
// over it.
type Profile struct {
	Name string

	// Filter grants conditions; the first rule that fits decides, none means Local. Reason is then what EXPLAIN prints.
	Filter []FilterRule
	Reason string
	// And, Or: the connectives the service takes between granted conditions. Not: a negation before a string test.
	And, Or, Not bool

	Select  bool // $select is taken; columns are read by name and may come all the same
	OrderBy []OrderRule
	Top     bool // over an Exact filter, or none
	Skip    bool // with a total order
	Count   bool // $count, over an Exact filter
	// NoTop … are the reasons where the options are refused.
	NoSelect, NoOrderBy, NoTop, NoSkip, NoCount string

	// NullsSmall: null sorts before all values (OData Protocol 4.01 section 11.2.6.2), so SQL's order needs a column
	// without nulls, ASC NULLS FIRST or DESC NULLS LAST. False: only columns without nulls can be ordered.
	NullsSmall bool

	// ShortPage: fewer rows than $top and no link to more is believed to be the end. Otherwise the read is repeated
	// without $top.
	ShortPage bool
	// FractionDigits: digits of a second's fraction that the service surely keeps in literals and compares; 0 unknown.
	// A finer literal may be cut, see design rules for time bounds in planner/pushdown.
	FractionDigits int
	// IEEE754: the client may ask for Int64 and Decimal as strings, which keeps digits that some services otherwise lose.
	IEEE754 bool
	// URLBytes: the longest URL to send. FilterNodes: the most nodes in a $filter. InList: the most members of a list.
	URLBytes, FilterNodes, InList int
	// Spellings are other ways to write a property's name in $filter and $orderby, tried in turn when the service refuses the
	// metadata's own spelling. Keyed by the name in lower case.
	Spellings map[string][]string
	// DropLast names the property whose condition a retry after a refusal gives up last.
	DropLast string
	// Columns declared unique by the profile, as Set.property; "*" for any set.
	Unique []string
	// References are relationships by value that the service's documentation tells and its metadata does not.
	References []Reference
}

// Reference says that a property of a set holds values of a property of another set. It promises nothing about the rows.
type Reference struct{ Set, Property, ToSet, ToProperty string }

// FilterRule grants conditions on properties.
type FilterRule struct {
	Set      string     // a name, "" for any
	Property string     // a path, compared without case; "" for any
	Kinds    []edm.Kind // nil for any
	Ops      []Op
	Verdict  Verdict
	// Group, where not empty: conditions of one query come from one property of the group only.
	Group string
	// Why is the reason of a Superset or Local verdict.
	Why string
}

// OrderRule grants an order.
type OrderRule struct {
	Set      string
	Property string
	Kinds    []edm.Kind
	Proof    OrderProof
}

// FilterVerdict judges a condition on a property (a path as query.Path.String writes it). why explains everything but Exact.
func (p *Profile) FilterVerdict(set, property string, op Op, t edm.Type) (v Verdict, why string) {
	if t.IsFlags() && op != IsNull && op != IsNotNull && len(p.Filter) > 0 {
		return Local, "the text of flags has no canonical form"
	}
	r := p.filterRule(set, property, op, t)
	if r == nil {
		return Local, p.Reason
	}
	return r.Verdict, r.Why
}

// Exclusive reports whether conditions on the two properties must not be sent in one query.
func (p *Profile) Exclusive(set, a, b string) bool {
	if strings.EqualFold(a, b) {
		return false
	}
	g := p.group(set, a)
	return g != "" && g == p.group(set, b)
}

func (p *Profile) group(set, property string) string {
	for i := range p.Filter {
		r := &p.Filter[i]
		if r.Group != "" && fits(r.Set, r.Property, set, property) {
			return r.Group
		}
	}
	return ""
}

func (p *Profile) filterRule(set, property string, op Op, t edm.Type) *FilterRule {
	for i := range p.Filter {
		r := &p.Filter[i]
		if fits(r.Set, r.Property, set, property) && hasKind(r.Kinds, t.Kind) && hasOp(r.Ops, op) {
			return r
		}
	}
	return nil
}

// OrderVerdict judges ascending or descending order by a property, with SQL's place of nulls. why explains Unordered and Finer.
func (p *Profile) OrderVerdict(set, property string, t edm.Type, nullable, desc, nullsFirst bool) (proof OrderProof, why string) {
	if len(p.OrderBy) == 0 {
		return Unordered, p.NoOrderBy
	}
	for _, r := range p.OrderBy {
		if !fits(r.Set, r.Property, set, property) || !hasKind(r.Kinds, t.Kind) {
			continue
		}
		if nullable && (!p.NullsSmall || nullsFirst == desc) {
			return Unordered, "the service puts nulls elsewhere"
		}
		if r.Proof == SameOrder && t.Kind.HasFraction() && (t.Facets.Precision == edm.Unset || t.Facets.Precision > 6) {
			return Finer, "the service orders by fractions finer than a microsecond"
		}
		return r.Proof, ""
	}
	return Unordered, "the service's order of " + t.Kind.String() + " is not proved to be SQL's"
}

// OtherSpellings are the names to try when the service refuses a condition on the property under its own name.
func (p *Profile) OtherSpellings(property string) []string {
	var out []string
	for _, s := range p.Spellings[strings.ToLower(property)] {
		if s != property {
			out = append(out, s)
		}
	}
	return out
}

// IsUnique reports a column that the profile declares unique.
func (p *Profile) IsUnique(set, property string) bool {
	for _, u := range p.Unique {
		s, prop, _ := strings.Cut(u, ".")
		if (s == "*" || s == set) && prop == property {
			return true
		}
	}
	return false
}

func fits(ruleSet, ruleProperty, set, property string) bool {
	return (ruleSet == "" || ruleSet == set) && (ruleProperty == "" || strings.EqualFold(ruleProperty, property))
}

func hasKind(ks []edm.Kind, k edm.Kind) bool {
	if ks == nil {
		return true
	}
	for _, x := range ks {
		if x == k {
			return true
		}
	}
	return false
}

func hasOp(ops []Op, op Op) bool {
	for _, x := range ops {
		if x == op {
			return true
		}
	}
	return false
}

// ByName returns the profile of a name in the configuration, or nil.
func ByName(name string) *Profile {
	for _, p := range All() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// All are the profiles that exist.
func All() []*Profile { return []*Profile{Intune(), Standard(), Generic()} }
