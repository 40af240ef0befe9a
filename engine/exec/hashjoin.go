package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// join chooses between a hash join, where at least one condition is an equality between the sides, and a loop. The right side is kept
// in memory, unless the left one is estimated to be much smaller and the kind of join is symmetric.
func (b *builder) join(n *plan.Join) (Operator, error) {
	if n.Kind == plan.AntiNotIn {
		return nil, pgerr.Internal("NOT IN is not run as a join")
	}
	if swapped := swapSides(n); swapped != nil {
		op, err := b.join(swapped)
		if err != nil {
			return nil, err
		}
		want := make([]plan.ColID, 0)
		for _, c := range n.Columns() {
			want = append(want, c.ID)
		}
		return b.pick(op, swapped.Columns(), want)
	}
	return b.joinOf(n)
}

// swapSides returns the join with the smaller side on the right, or nil.
func swapSides(n *plan.Join) *plan.Join {
	l, r := plan.Rows(n.L), plan.Rows(n.R)
	if l*2 >= r {
		return nil
	}
	c := *n
	c.L, c.R, c.LeftOut, c.RightOut = n.R, n.L, n.RightOut, n.LeftOut
	switch n.Kind {
	case plan.Inner, plan.Full:
	case plan.Left:
		c.Kind = plan.Right
	case plan.Right:
		c.Kind = plan.Left
	default:
		return nil
	}
	return &c
}

func (b *builder) joinOf(n *plan.Join) (Operator, error) {
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	r, err := b.build(n.R)
	if err != nil {
		return nil, err
	}
	lcols, rcols := n.L.Columns(), n.R.Columns()
	o := &joinOp{
		ctx: b.ctx, kind: n.Kind, l: l, r: r, ltypes: columnTypes(lcols), rtypes: columnTypes(rcols), budget: b.rt.Budget,
	}
	o.lout, err = places(n.Kind, lcols, n.LeftOut, n.Kind == plan.Right || n.Kind == plan.Full)
	if err != nil {
		return nil, err
	}
	if n.Kind != plan.Semi && n.Kind != plan.Anti {
		if o.rout, err = places(n.Kind, rcols, n.RightOut, n.Kind == plan.Left || n.Kind == plan.Full); err != nil {
			return nil, err
		}
	}
	lids, rids := idsOf(lcols), idsOf(rcols)
	var lkeys, rkeys, rest []plan.Expr
	for _, p := range n.On {
		if plan.IsEquiJoin(p, lids, rids) {
			if x, y, ok := plan.HashPair(p.(*plan.Call)); ok {
				if names(x, rids) {
					x, y = y, x
				}
				lkeys, rkeys = append(lkeys, x), append(rkeys, y)
				continue
			}
		}
		rest = append(rest, p)
	}
	if o.lkeys, err = b.computed(lkeys, lcols); err != nil {
		return nil, err
	}
	if o.rkeys, err = b.computed(rkeys, rcols); err != nil {
		return nil, err
	}
	for _, k := range rkeys {
		o.keyTypes = append(o.keyTypes, k.Type())
	}
	both := append(append([]plan.Column(nil), lcols...), rcols...)
	ps, err := b.compileAll(rest, both)
	if err != nil {
		return nil, err
	}
	o.rest = predicates{programs: ps}
	return o, nil
}

func places(_ plan.JoinKind, cols []plan.Column, out []plan.Rename, renamed bool) ([]int, error) {
	var ps []int
	if !renamed {
		for i := range cols {
			ps = append(ps, i)
		}
		return ps, nil
	}
	for _, r := range out {
		k := columnAt(cols, r.In)
		if k < 0 {
			return nil, pgerr.Internal("a join renames column %d, which its input does not give", r.In)
		}
		ps = append(ps, k)
	}
	return ps, nil
}

func idsOf(cols []plan.Column) plan.Set {
	s := plan.Set{}
	for _, c := range cols {
		s.Add(c.ID)
	}
	return s
}

func names(e plan.Expr, ids plan.Set) bool {
	refs := plan.Set{}
	plan.Refs(e, refs)
	for id := range refs {
		if ids.Has(id) {
			return true
		}
	}
	return false
}

// joinOp joins by hash where it has keys, else by comparing all pairs. It reads the right side first and keeps it; the left
// side streams. Right and Full remember which right rows found a partner.
type joinOp struct {
	ctx            *eval.Ctx
	kind           plan.JoinKind
	l, r           Operator
	ltypes, rtypes []sqltype.Type
	lout, rout     []int // which columns come out
	lkeys, rkeys   computed
	keyTypes       []sqltype.Type
	rest           predicates
	budget         *vector.Budget

	built   bool
	store   *rowStore
	table   *hashTable
	heads   []int32 // first row of each key
	next    []int32 // next row with the same key, -1
	matched []bool
	extra   int64
	probe   probe
	tail    int // next right row to look at when the left side has ended
	leftEnd bool
	later   later
	nulls   *vector.Batch
	pairs   *vector.Batch
	out     vector.Batch
	cols    []*vector.Vector
}

func (o *joinOp) Open(ctx context.Context) error {
	o.release()
	if err := o.r.Open(ctx); err != nil {
		return err
	}
	return o.l.Open(ctx)
}

func (o *joinOp) Ready() bool {
	if o.later.err != nil || o.probe.batch != nil || o.leftEnd {
		return true
	}
	return o.built && o.l.Ready()
}

func (o *joinOp) Close() error {
	o.release()
	err := o.l.Close()
	if err2 := o.r.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *joinOp) release() {
	o.store.release()
	o.table.release()
	o.budget.Shrink(o.extra)
	o.store, o.table, o.heads, o.next, o.matched, o.extra = nil, nil, nil, nil, nil, 0
	o.built, o.leftEnd, o.tail, o.probe, o.later = false, false, 0, probe{}, later{}
}

// build reads the right side.
func (o *joinOp) build(ctx context.Context) error {
	o.store = newRowStore(o.rtypes, o.budget)
	hashed := len(o.keyTypes) > 0
	if hashed {
		o.table = newHashTable(o.keyTypes, o.budget)
	}
	var nums []int32
	for {
		b, err := o.r.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := o.store.append(b); err != nil {
			return err
		}
		if !hashed {
			continue
		}
		o.ctx.Context = ctx
		keys, _, err := o.rkeys.eval(o.ctx, b)
		if err != nil {
			return err
		}
		nums = growInts(nums, b.Rows())
		if err := o.link(&vector.Batch{Cols: keys, N: b.N, Sel: b.Sel}, nums); err != nil {
			return err
		}
		if err := o.charge(int64(cap(o.next)+cap(o.heads)) * 4); err != nil {
			return err
		}
	}
	if o.kind == plan.Right || o.kind == plan.Full {
		if err := o.charge(o.extra + int64(o.store.n)); err != nil {
			return err
		}
		o.matched = make([]bool, o.store.n)
	}
	o.built = true
	return o.r.Close()
}

// charge brings what is charged beside the store and the table to now bytes.
func (o *joinOp) charge(now int64) error {
	if now <= o.extra {
		return nil
	}
	if err := o.budget.Grow(now - o.extra); err != nil {
		return err
	}
	o.extra = now
	return nil
}

// link chains the rows just stored by key. A row with a null among its keys has no partner and is not linked.
func (o *joinOp) link(keys *vector.Batch, nums []int32) error {
	if err := o.table.insert(keys, nums); err != nil {
		return err
	}
	for i := range keys.Rows() {
		row := int32(len(o.next))
		o.next = append(o.next, -1)
		if anyNull(keys.Cols, keys.Row(i)) {
			continue
		}
		for int(nums[i]) >= len(o.heads) {
			o.heads = append(o.heads, -1)
		}
		o.next[row] = o.heads[nums[i]]
		o.heads[nums[i]] = row
	}
	return nil
}

func anyNull(cols []*vector.Vector, row int) bool {
	for _, c := range cols {
		if c.IsNull(row) {
			return true
		}
	}
	return false
}

// probe is the place in a left batch.
type probe struct {
	batch *vector.Batch
	nums  []int32
	row   int   // among the rows that count
	cand  int32 // next candidate of that row, -1 none
	begun bool  // candidates of row were begun
	hit   bool  // row has found a partner
	limit int   // rows before an error in the keys
}

func (o *joinOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.built {
		if err := o.build(ctx); err != nil {
			return nil, err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.probe.batch == nil {
			if err := o.later.take(); err != nil {
				return nil, err
			}
			if o.leftEnd {
				return o.unmatched()
			}
			if err := o.advance(ctx); err != nil {
				return nil, err
			}
			continue
		}
		o.ctx.Context = ctx
		b, err := o.step()
		if err != nil {
			return nil, err
		}
		if b != nil {
			return b, nil
		}
	}
}

// advance takes the next left batch and looks its keys up.
func (o *joinOp) advance(ctx context.Context) error {
	if o.store.n == 0 && (o.kind == plan.Inner || o.kind == plan.Semi || o.kind == plan.Right) {
		o.leftEnd = true // nothing can come out
		return o.l.Close()
	}
	b, err := o.l.Next(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		o.leftEnd = true
		return nil
	}
	o.probe = probe{batch: b, nums: o.probe.nums, limit: b.Rows(), cand: -1}
	if len(o.keyTypes) == 0 {
		return nil
	}
	o.ctx.Context = ctx
	keys, n, err := o.lkeys.eval(o.ctx, b)
	if err != nil {
		if n == 0 {
			return err
		}
		o.later.err, o.probe.limit = err, n
	}
	kb := (&vector.Batch{Cols: keys, N: b.N, Sel: b.Sel}).Head(n)
	o.probe.nums = growInts(o.probe.nums, n)
	o.table.lookup(kb, o.probe.nums)
	for i := range n {
		if anyNull(keys, kb.Row(i)) {
			o.probe.nums[i] = -1
		}
	}
	return nil
}

// candidates begins the right rows that may match the current left row.
func (o *joinOp) candidates() int32 {
	if len(o.keyTypes) == 0 {
		if o.store.n == 0 {
			return -1
		}
		return 0
	}
	num := o.probe.nums[o.probe.row]
	if num < 0 || int(num) >= len(o.heads) {
		return -1
	}
	return o.heads[num]
}

func (o *joinOp) following(r int32) int32 {
	if len(o.keyTypes) == 0 {
		if int(r)+1 < o.store.n {
			return r + 1
		}
		return -1
	}
	return o.next[r]
}

// step collects up to a batch of pairs, tests the other conditions, and gives the result.
func (o *joinOp) step() (*vector.Batch, error) {
	p := &o.probe
	simple := len(o.rest.programs) == 0
	var left, right []int32 // pairs: place in the left batch, right row; -1 is the null-extended partner
	var ends []int32        // for conditions: where each left row's candidates end
	for p.row < p.limit && len(left) < vector.BatchRows {
		at := int32(p.batch.Row(p.row))
		if !p.begun {
			p.cand, p.begun = o.candidates(), true
			if simple {
				p.hit = false
			}
		}
		if !simple {
			for p.cand >= 0 && len(left) < vector.BatchRows {
				left, right = append(left, at), append(right, p.cand)
				p.cand = o.following(p.cand)
			}
			if p.cand >= 0 {
				break
			}
			ends = append(ends, int32(len(left)))
			p.row++
			p.begun = false
			continue
		}
		left, right = o.simplePairs(at, left, right)
		if p.cand >= 0 {
			break
		}
		p.row++
		p.begun = false
	}
	if !simple {
		return o.tested(left, right, ends)
	}
	out := o.emit(left, right)
	if p.row >= p.limit {
		p.batch = nil
	}
	return out, nil
}

// simplePairs adds what comes out for one left row when equal keys decide alone.
func (o *joinOp) simplePairs(at int32, left, right []int32) ([]int32, []int32) {
	p := &o.probe
	switch o.kind {
	case plan.Semi:
		if p.cand >= 0 {
			left = append(left, at)
		}
		p.cand = -1
	case plan.Anti:
		if p.cand < 0 {
			left = append(left, at)
		}
		p.cand = -1
	default:
		for p.cand >= 0 && len(left) < vector.BatchRows {
			left, right = append(left, at), append(right, p.cand)
			if o.matched != nil {
				o.matched[p.cand] = true
			}
			p.hit = true
			p.cand = o.following(p.cand)
		}
		if p.cand < 0 && !p.hit && (o.kind == plan.Left || o.kind == plan.Full) {
			left, right = append(left, at), append(right, -1)
		}
	}
	return left, right
}
