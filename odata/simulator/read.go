package simulator

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// read is a request for rows, understood and accepted.
type read struct {
	set      *entitySet
	data     *dataset
	cols     []column
	selected []int // properties to write, in the order of the declaration
	choice   string
	filter   *expr
	order    []orderItem
	from, to int // rows that the filter on dateKey leaves
	top      int // -1: all
	skip     int
	count    bool
	page     int
	pageNo   int
	start    int // position where a continued read goes on; -1: at the beginning
	done     int // rows delivered by earlier pages
	key      string
	lies     evalLies
}

type orderItem struct {
	e    *expr
	desc bool
}

// continuation is what $skiptoken holds: where to go on, how many rows and
// pages went before. Clients must not look into it.
type continuation struct {
	at, done, page int
	version        string
}

func (c continuation) String() string {
	return fmt.Sprintf("%d-%d-%d-%s", c.at, c.done, c.page, c.version)
}

func parseContinuation(s string) (continuation, error) {
	part := strings.SplitN(s, "-", 4)
	if len(part) == 4 {
		at, err1 := strconv.Atoi(part[0])
		done, err2 := strconv.Atoi(part[1])
		page, err3 := strconv.Atoi(part[2])
		if err1 == nil && err2 == nil && err3 == nil && at >= 0 && done >= 0 && page >= 1 {
			return continuation{at, done, page, part[3]}, nil
		}
	}
	return continuation{}, badRequest("invalid $skiptoken '%s'", s)
}

// newRead checks and types the options of a request on one set.
func (b *behaviour) newRead(m *model, set *entitySet, q *queryOptions, fx *effects, pageSize int) (*read, error) {
	r := &read{set: set, data: b.data[set.name], from: 0, start: -1, page: pageSize, pageNo: 1, lies: fx.lies}
	r.cols = r.data.columns(set)
	r.to = r.data.rows
	var err error
	if r.top, err = q.number("$top", -1); err != nil {
		return nil, err
	}
	if r.skip, err = q.number("$skip", 0); err != nil {
		return nil, err
	}
	if r.skip > 0 {
		// With links by $skip this is the page's number; else it is only a guess, which nothing depends on.
		r.pageNo = r.skip/pageSize + 1
	}
	if err = r.readSelect(b, m, q, fx); err != nil {
		return nil, err
	}
	dayFiltered, err := r.readFilter(b, m, q, fx)
	if err != nil {
		return nil, err
	}
	if err = r.readHistory(q, dayFiltered, b.until); err != nil {
		return nil, err
	}
	if s, ok := q.system["$orderby"]; ok {
		if r.order, err = parseOrderBy(m, set, s); err != nil {
			return nil, err
		}
		if fx.ignoreOrder {
			r.order = nil
		}
	}
	switch c, ok := q.system["$count"]; {
	case ok && c == "true":
		r.count = true
	case ok && c != "false":
		return nil, badRequest("invalid value '%s' for $count query option", c)
	}
	if s, ok := q.system["$skiptoken"]; ok {
		c, err := parseContinuation(s)
		if err != nil {
			return nil, err
		}
		r.start, r.done, r.pageNo = c.at, c.done, c.page
	}
	if fx.ignoreTop {
		r.top = -1
	}
	if fx.ignoreSkip {
		r.skip = 0
	}
	r.key = fmt.Sprintf("%s|%s|%s|%s|%d-%d", m.version, set.name, q.system["$filter"], q.system["$orderby"], r.from, r.to)
	return r, nil
}

func (r *read) readSelect(b *behaviour, m *model, q *queryOptions, fx *effects) error {
	r.selected = make([]int, len(r.set.props))
	for i := range r.selected {
		r.selected[i] = i
	}
	s, ok := q.system["$select"]
	if !ok {
		return nil
	}
	if b.traits.selectMode == selectRefused || fx.refuseSelect {
		return badRequest("The query parameter '$select' is not supported.")
	}
	wanted := make([]bool, len(r.set.props))
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		if item == "*" {
			for i := range wanted {
				wanted[i] = true
			}
			continue
		}
		// A path into a complex property brings the whole property: services may send more than was asked.
		head, tail, _ := strings.Cut(item, "/")
		i := r.set.prop(head)
		if i < 0 && b.profile == profileIntune {
			i = slices.IndexFunc(r.set.props, func(p property) bool { return strings.EqualFold(p.name, head) })
		}
		if i < 0 || tail != "" && !hasMember(r.set.props[i].typ, tail) {
			return badRequest("Could not find a property named '%s' on type '%s.%s'.", item, m.namespace, r.set.entityType)
		}
		wanted[i] = true
	}
	_, filtered := q.system["$filter"]
	if b.traits.selectMode == selectIgnored || b.traits.selectMode == selectIgnoredWithFilter && filtered {
		return nil
	}
	r.selected = r.selected[:0]
	for i, p := range r.set.props {
		if wanted[i] || b.traits.selectAddsKeys && p.key {
			r.selected = append(r.selected, i)
		}
	}
	r.choice = "(" + strings.ReplaceAll(s, " ", "") + ")"
	return nil
}

func hasMember(t edmType, path string) bool {
	head, tail, _ := strings.Cut(path, "/")
	if t.complexT == nil {
		return false
	}
	i := slices.IndexFunc(t.complexT.props, func(p property) bool { return p.name == head })
	return i >= 0 && (tail == "" || hasMember(t.complexT.props[i].typ, tail))
}

// readFilter parses $filter, applies the profile's refusals and narrows the
// days. It tells whether dateKey was filtered.
func (r *read) readFilter(b *behaviour, m *model, q *queryOptions, fx *effects) (bool, error) {
	s, ok := q.system["$filter"]
	if !ok {
		return false, nil
	}
	p, err := newParser(m, r.set, s)
	if err != nil {
		return false, err
	}
	if b.profile == profileIntune {
		p.lookup = b.traits.intuneLookup(r.set)
	}
	e, err := p.parseFilter()
	if err != nil {
		return false, err
	}
	if b.profile == profileIntune {
		if err := b.traits.refuseFilter(r.set, e); err != nil {
			return false, err
		}
	}
	if err := e.unsupported(fx.refuseOps); err != nil {
		return false, err
	}
	e.bend(fx.lies)
	if fx.ignoreFilter {
		return false, nil
	}
	if fx.neAsEq {
		e.rename("ne", "eq")
	}
	lo, hi, exact, found := dayBounds(r.set, e)
	if r.data.partKeys != nil && found {
		r.from, r.to = r.data.dayRange(lo, hi)
	}
	if !exact || r.data.partKeys == nil {
		r.filter = e
	}
	return found, nil
}

func (e *expr) rename(from, to string) {
	if e.op == xCompare && e.name == from {
		e.name = to
	}
	for _, a := range e.args {
		a.rename(from, to)
	}
}

// dayBounds is the range of dateKey that the conjunction e allows; exact says
// that e holds nothing else.
func dayBounds(set *entitySet, e *expr) (lo, hi int64, exact, found bool) {
	lo, hi, exact = math.MinInt64, math.MaxInt64, true
	if e.op == xAnd {
		for _, a := range e.args {
			l, h, x, f := dayBounds(set, a)
			lo, hi, exact, found = max(lo, l), min(hi, h), exact && x, found || f
		}
		return lo, hi, exact, found
	}
	if e.op != xCompare || e.name == "ne" {
		return lo, hi, false, false
	}
	a, b := e.args[0], e.args[1]
	if a.op != xPath || a.prop < 0 || set.props[a.prop].name != dateKeyName || b.op != xLiteral || b.k != kInt {
		return lo, hi, false, false
	}
	n := b.val.n
	switch e.name {
	case "eq":
		return n, n, true, true
	case "ge":
		return n, hi, true, true
	case "le":
		return lo, n, true, true
	case "gt":
		if n == math.MaxInt64 {
			return 1, 0, true, true
		}
		return n + 1, hi, true, true
	}
	if n == math.MinInt64 {
		return 1, 0, true, true
	}
	return lo, n - 1, true, true
}

// readHistory applies maxhistorydays: N days back from the last one, both ends
// included, unless dateKey is filtered; without effect on sets that do not
// have dateKey in their key.
func (r *read) readHistory(q *queryOptions, dayFiltered bool, until int64) error {
	if q.history == "" {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(q.history))
	if err != nil || n < 0 {
		return badRequest("The value '%s' of maxhistorydays is not valid.", q.history)
	}
	if r.set.honoursHistory && !dayFiltered && r.data.partKeys != nil {
		from, to := r.data.dayRange(dateKeyOf(until-int64(min(n, 1_000_000))), dateKeyOf(until))
		r.from, r.to = max(r.from, from), min(r.to, to)
	}
	return nil
}

func parseOrderBy(m *model, set *entitySet, s string) ([]orderItem, error) {
	p, err := newParser(m, set, s)
	if err != nil {
		return nil, err
	}
	var out []orderItem
	for {
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		if e.k >= kComplex {
			return nil, badRequest("the $orderby expression in '%s' is not of a primitive type", s)
		}
		out = append(out, orderItem{e, p.word("asc", "desc") == "desc"})
		if p.peek().kind == tEnd {
			return out, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// scope is a view on the rows of the read for its expressions.
func (r *read) scope() *scope {
	return &scope{cols: r.cols, typs: r.set.props, now: now(), lies: r.lies}
}

// find is the first row at or after ref that the filter keeps; ok is false at the end.
func (r *read) find(s *scope, at ref) (ref, bool, error) {
	for ; at.i < r.to; at = r.data.next(at) {
		if r.filter == nil {
			return at, true, nil
		}
		s.row = at
		keep, err := r.filter.keeps(s)
		if err != nil {
			return at, false, err
		}
		if keep {
			return at, true, nil
		}
	}
	return at, false, nil
}

// total counts the rows of the filter, whatever $top and $skip say.
func (r *read) total() (int, error) {
	if r.filter == nil {
		return r.to - r.from, nil
	}
	n, s, at := 0, r.scope(), r.data.at(r.from)
	for {
		var ok bool
		var err error
		if at, ok, err = r.find(s, at); err != nil || !ok {
			return n, err
		}
		n++
		at = r.data.next(at)
	}
}

// sorted gives the rows of the filter in the order asked for: nulls first when
// ascending, last when descending, texts by bytes, ties by row.
func (r *read) sorted() ([]int32, error) {
	type entry struct {
		row  int32
		keys []value
	}
	var all []entry
	s, at := r.scope(), r.data.at(r.from)
	for {
		var ok bool
		var err error
		if at, ok, err = r.find(s, at); err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		keys := make([]value, len(r.order))
		s.row = at
		for i, o := range r.order {
			if keys[i], err = o.e.eval(s); err != nil {
				return nil, err
			}
		}
		all = append(all, entry{int32(at.i), keys})
		at = r.data.next(at)
	}
	slices.SortFunc(all, func(a, b entry) int {
		for i, o := range r.order {
			c := orderWithNulls(a.keys[i], b.keys[i])
			if r.lies.nullsLast && a.keys[i].isNull() != b.keys[i].isNull() {
				c = -c
			}
			if o.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.row, b.row)
	})
	out := make([]int32, len(all))
	for i, e := range all {
		out[i] = e.row
	}
	return out, nil
}

// orderWithNulls is a total order: null, NaN, everything else.
func orderWithNulls(a, b value) int {
	rank := func(v value) int {
		switch {
		case v.isNull():
			return 0
		case isFloat(v.k) && math.IsNaN(v.float()):
			return 1
		}
		return 2
	}
	if x, y := rank(a), rank(b); x != 2 || y != 2 {
		return cmp.Compare(x, y)
	}
	c, _ := order(a, b)
	return c
}
