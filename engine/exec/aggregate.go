package exec

import (
	"context"
	"slices"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// aggregator is the state of one aggregate over all groups.
type aggregator interface {
	// grow makes states for groups up to n.
	grow(n int)
	// add feeds rows: groups[i] is the group of row rows[i]. It stops at the first row that fails and returns its error.
	add(groups, rows []int32, args []*vector.Vector) error
	// result is the value of a group.
	result(group int) (sqltype.Value, error)
	// bytes is the memory of the states, as far as it grows with rows or groups.
	bytes() int64
}

// aggregateOp groups by hash. Groups come out in the order of their first row; grouping sets one after another.
type aggregateOp struct {
	ctx      *eval.Ctx
	in       Operator
	keys     computed
	keyTypes []sqltype.Type
	node     *plan.Aggregate
	calls    []aggCall
	budget   *vector.Budget
	outTypes []sqltype.Type

	sets []*groupingSet
	done bool
	set  int
	next int
}

// aggCall is an aggregate with its arguments: args, then direct arguments, then order keys.
type aggCall struct {
	call   *plan.AggCall
	inputs computed
	nargs  int // arguments that the aggregator gets
	filter *eval.Program
	types  []sqltype.Type // of inputs
	ctx    *eval.Ctx
}

// groupingSet is the state of one grouping set.
type groupingSet struct {
	keep    []bool // which keys are part of it
	table   *hashTable
	aggs    []aggregator
	sorted  []*sortedInput // for calls with DISTINCT or ORDER BY
	charged int64
	nums    []int32
}

// sortedInput keeps an aggregate's rows until the end, to feed them in order and without duplicates.
type sortedInput struct{ store *rowStore }

func (b *builder) aggregate(n *plan.Aggregate) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	o := &aggregateOp{ctx: b.ctx, in: in, node: n, budget: b.rt.Budget, outTypes: columnTypes(n.Columns())}
	keys := make([]plan.Expr, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = k.Expr
		o.keyTypes = append(o.keyTypes, k.Expr.Type())
	}
	if o.keys, err = b.computed(keys, cols); err != nil {
		return nil, err
	}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		c := aggCall{call: a, nargs: len(a.Args), ctx: b.ctx}
		es := append([]plan.Expr(nil), a.Args...)
		if len(a.Direct) > 0 || isOrderedSet(a) { // an ordered-set aggregate aggregates what it orders by
			es = nil
			for _, k := range a.Order {
				es = append(es, k.Expr)
			}
			es = append(es, a.Direct...)
			c.nargs = len(es)
		}
		for _, k := range a.Order {
			es = append(es, k.Expr)
		}
		for _, e := range es {
			c.types = append(c.types, e.Type())
		}
		if c.inputs, err = b.computed(es, cols); err != nil {
			return nil, err
		}
		if a.Filter != nil {
			if c.filter, err = b.compile(a.Filter, cols); err != nil {
				return nil, err
			}
		}
		if aggregators()[a.Fn.Kernel] == nil {
			return nil, pgerr.Internal("no aggregate kernel %q", a.Fn.Kernel)
		}
		o.calls = append(o.calls, c)
	}
	return o, nil
}

func isOrderedSet(a *plan.AggCall) bool {
	return orderedSets()[a.Fn.Name] && len(a.Order) > 0 && len(a.Args) == 0
}

func (o *aggregateOp) Open(ctx context.Context) error {
	o.release()
	return o.in.Open(ctx)
}
func (o *aggregateOp) Ready() bool { return o.done }
func (o *aggregateOp) Close() error {
	o.release()
	return o.in.Close()
}

func (o *aggregateOp) release() {
	for _, s := range o.sets {
		s.table.release()
		o.budget.Shrink(s.charged)
		for _, in := range s.sorted {
			if in != nil {
				in.store.release()
			}
		}
	}
	o.sets, o.done, o.set, o.next = nil, false, 0, 0
}

func (o *aggregateOp) begin() {
	sets := o.node.Sets
	if sets == nil {
		all := make([]int, len(o.keyTypes))
		for i := range all {
			all[i] = i
		}
		sets = [][]int{all}
	}
	for _, places := range sets {
		s := &groupingSet{keep: make([]bool, len(o.keyTypes)), table: newHashTable(o.keyTypes, o.budget), sorted: make([]*sortedInput, len(o.calls))}
		for _, p := range places {
			s.keep[p] = true
		}
		for i, c := range o.calls {
			s.aggs = append(s.aggs, aggregators()[c.call.Fn.Kernel](c))
			if c.call.Distinct || len(c.call.Order) > 0 {
				types := append([]sqltype.Type{sqltype.Of(sqltype.OIDInt4)}, c.types...)
				s.sorted[i] = &sortedInput{store: newRowStore(types, o.budget)}
			}
		}
		if len(places) == 0 { // one group, also over no rows
			for _, a := range s.aggs {
				a.grow(1)
			}
		}
		o.sets = append(o.sets, s)
	}
}

func (o *aggregateOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.done {
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	for o.set < len(o.sets) {
		s := o.sets[o.set]
		groups := s.table.len()
		if groups == 0 && !slices.Contains(s.keep, true) {
			groups = 1
		}
		if o.next >= groups {
			o.set, o.next = o.set+1, 0
			continue
		}
		return o.results(s, groups)
	}
	return nil, nil
}

func (o *aggregateOp) read(ctx context.Context) error {
	o.begin()
	for {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		keys, _, err := o.keys.eval(o.ctx, b)
		if err != nil {
			return err
		}
		for _, s := range o.sets {
			if err := o.group(s, keys, b); err != nil {
				return err
			}
		}
		for i := range o.calls {
			if err := o.feed(i, b); err != nil {
				return err
			}
		}
		for _, s := range o.sets {
			if err := o.charge(s); err != nil {
				return err
			}
		}
	}
	for _, s := range o.sets {
		if err := o.feedSorted(ctx, s); err != nil {
			return err
		}
	}
	o.done = true
	return o.in.Close()
}

// group numbers the groups of the batch's rows. Keys outside of the grouping set are null.
func (o *aggregateOp) group(s *groupingSet, keys []*vector.Vector, b *vector.Batch) error {
	s.nums = growInts(s.nums, b.Rows())
	if !slices.Contains(s.keep, true) {
		clear(s.nums)
		return nil
	}
	masked := make([]*vector.Vector, len(keys))
	for i, k := range keys {
		if masked[i] = k; !s.keep[i] {
			masked[i] = vector.NewNull(k.Type, b.N)
		}
	}
	if err := s.table.insert(&vector.Batch{Cols: masked, N: b.N, Sel: b.Sel}, s.nums); err != nil {
		return err
	}
	for _, a := range s.aggs {
		a.grow(s.table.len())
	}
	return nil
}

// feed gives the batch's rows to one aggregate of every set.
func (o *aggregateOp) feed(i int, b *vector.Batch) error {
	c := &o.calls[i]
	rows := make([]int32, b.Rows())
	for k := range rows {
		rows[k] = int32(b.Row(k))
	}
	picked := rows
	var which []int32 // for a filter: places among rows
	if c.filter != nil {
		sel, _, err := c.filter.Select(o.ctx, b, make([]int32, 0, len(rows)))
		if err != nil {
			return err
		}
		picked, which = sel, make([]int32, 0, len(sel))
		k := 0
		for at, r := range rows {
			if k < len(sel) && sel[k] == r {
				which = append(which, int32(at))
				k++
			}
		}
	}
	args, _, err := c.inputs.eval(o.ctx, &vector.Batch{Cols: b.Cols, N: b.N, Sel: picked})
	if err != nil {
		return err
	}
	for _, s := range o.sets {
		nums := s.nums
		if which != nil {
			nums = make([]int32, len(which))
			for k, at := range which {
				nums[k] = s.nums[at]
			}
		}
		if in := s.sorted[i]; in != nil {
			if err := in.keep(nums, picked, args); err != nil {
				return err
			}
			continue
		}
		if err := s.aggs[i].add(nums, picked, args[:c.nargs]); err != nil {
			return err
		}
	}
	return nil
}

func (in *sortedInput) keep(nums, rows []int32, args []*vector.Vector) error {
	for k, r := range rows {
		chunk := in.store.chunk()
		chunk.Cols[0].Append(sqltype.Int(int64(nums[k])))
		for j, a := range args {
			chunk.Cols[j+1].AppendRow(a, int(r))
		}
		chunk.N++
		in.store.n++
		if chunk.N == vector.BatchRows {
			if err := in.store.charge(); err != nil {
				return err
			}
		}
	}
	return in.store.charge()
}

// feedSorted feeds the aggregates that want their rows in order, or each value once: sorted by the order keys and, with
// DISTINCT, by the arguments, as PostgreSQL does.
func (o *aggregateOp) feedSorted(ctx context.Context, s *groupingSet) error {
	for i, in := range s.sorted {
		if in == nil {
			continue
		}
		c := &o.calls[i]
		sorting := int64(in.store.n) * 8 // the order, and room to merge
		if err := o.budget.Grow(sorting); err != nil {
			return err
		}
		s.charged += sorting
		order := make([]int32, in.store.n)
		for k := range order {
			order[k] = int32(k)
		}
		if err := sortRows(ctx, order, c.comparer(in.store)); err != nil {
			return err
		}
		same := comparatorsOf(c.types[:c.nargs])
		chunk := make([]int32, 0, vector.BatchRows)
		flush := func() error {
			if len(chunk) == 0 {
				return nil
			}
			batch := gatherBatch(nil, in.store, in.store.types[:1+c.nargs], chunk)
			groups := batch.Cols[0].I32[:batch.N]
			rows := make([]int32, batch.N)
			for k := range rows {
				rows[k] = int32(k)
			}
			chunk = chunk[:0]
			if err := ctx.Err(); err != nil {
				return err
			}
			return s.aggs[i].add(groups, rows, batch.Cols[1:])
		}
		for k, r := range order {
			if c.call.Distinct && k > 0 {
				ca, ia := in.store.at(int(order[k-1]))
				cb, ib := in.store.at(int(r))
				if ca.Cols[0].I32[ia] == cb.Cols[0].I32[ib] && eval.RowsEqual(ca.Cols[1:1+c.nargs], ia, cb.Cols[1:1+c.nargs], ib, same) {
					continue
				}
			}
			if chunk = append(chunk, r); len(chunk) == vector.BatchRows {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		in.store.release()
		o.budget.Shrink(sorting)
		s.charged -= sorting
		if err := o.charge(s); err != nil {
			return err
		}
	}
	return nil
}

// comparer orders kept rows by group, then by ORDER BY, then, for DISTINCT, by the arguments.
func (c *aggCall) comparer(s *rowStore) func(a, b int32) int {
	cmps := comparatorsOf(c.types)
	order := c.call.Order
	return func(a, b int32) int {
		ca, ia := s.at(int(a))
		cb, ib := s.at(int(b))
		if x, y := ca.Cols[0].I32[ia], cb.Cols[0].I32[ib]; x != y {
			return int(x) - int(y)
		}
		first := len(c.types) - len(order)
		for k, key := range order {
			at := first + k
			if r := compareNulls(cmps[at], ca.Cols[1+at], ia, cb.Cols[1+at], ib, key.Desc, key.NullsFirst); r != 0 {
				return r
			}
		}
		if !c.call.Distinct {
			return 0
		}
		for k := range c.nargs {
			if r := compareNulls(cmps[k], ca.Cols[1+k], ia, cb.Cols[1+k], ib, false, false); r != 0 {
				return r
			}
		}
		return 0
	}
}

func (o *aggregateOp) charge(s *groupingSet) error {
	var now int64
	for _, a := range s.aggs {
		now += a.bytes()
	}
	if now <= s.charged {
		return nil
	}
	if err := o.budget.Grow(now - s.charged); err != nil {
		return err
	}
	s.charged = now
	return nil
}

// results makes the next batch of a set's groups.
func (o *aggregateOp) results(s *groupingSet, groups int) (*vector.Batch, error) {
	n := min(groups-o.next, vector.BatchRows)
	out := &vector.Batch{N: n, Cols: make([]*vector.Vector, len(o.outTypes))}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(o.next + i)
	}
	for k, t := range o.keyTypes {
		out.Cols[k] = vector.New(t)
		if s.table.len() == 0 {
			out.Cols[k] = vector.NewNull(t, n)
			continue
		}
		s.table.gather(out.Cols[k], k, o.next, n)
	}
	for i, a := range s.aggs {
		v := vector.NewFlat(o.outTypes[len(o.keyTypes)+i], n)
		for k := range n {
			val, err := a.result(o.next + k)
			if err != nil {
				return nil, err
			}
			v.SetValue(k, val)
		}
		v.Finish()
		out.Cols[len(o.keyTypes)+i] = v
	}
	for i, g := range o.node.Grouping {
		mask := int64(0)
		for _, k := range g.Keys {
			mask <<= 1
			if !s.keep[k] {
				mask |= 1
			}
		}
		at := len(o.keyTypes) + len(s.aggs) + i
		out.Cols[at] = vector.NewConstant(o.outTypes[at], sqltype.Int(mask), n)
	}
	o.next += n
	return out, nil
}
