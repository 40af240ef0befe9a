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

// join chooses between a hash join, where at least one condition is an equality between the sides, and a loop. The right side is kept
// in memory, unless the left one is estimated to be much smaller and the kind of join is symmetric.
func (b *builder) join(n *plan.Join) (Operator, error) {
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
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	lcols, rcols := n.L.Columns(), n.R.Columns()
	o := &joinOp{ctx: b.ctx, kind: n.Kind, mem: mem, most: vector.BatchRows}
	var lkeys, rkeys, rest []plan.Expr
	lids, rids := idsOf(lcols), idsOf(rcols)
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
	if err := o.left.set(b, l, lcols, lkeys); err != nil {
		return nil, err
	}
	if err := o.right.set(b, r, rcols, rkeys); err != nil {
		return nil, err
	}
	o.left.out, err = places(lcols, n.LeftOut, n.Unread, n.Kind == plan.Right || n.Kind == plan.Full)
	if err != nil {
		return nil, err
	}
	if n.Kind != plan.Semi && n.Kind != plan.Anti {
		if o.right.out, err = places(rcols, n.RightOut, n.Unread, n.Kind == plan.Left || n.Kind == plan.Full); err != nil {
			return nil, err
		}
	}
	return o, o.setRest(b, rest, lcols, rcols)
}

// places are those of the columns of a side that come out: the renamed ones, else all but the unread.
func places(cols []plan.Column, out []plan.Rename, unread []plan.ColID, renamed bool) ([]int, error) {
	var ps []int
	if !renamed {
		for i, c := range cols {
			if !slices.Contains(unread, c.ID) {
				ps = append(ps, i)
			}
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
//
// If the right side does not fit, both sides are divided by other bits of the keys' hash: some parts of the right side stay, and the rows of
// the others go to files, left ones too, to be joined in rounds of their own (joinspill.go). A part of one single key, and a join without
// keys, is joined in blocks of right rows, for each of which the left rows are read again.
type joinOp struct {
	ctx         *eval.Ctx
	kind        plan.JoinKind
	left, right joinSide
	rest        predicates // conditions beside the equal keys
	restCols    []int      // the columns of both sides that they use
	mem         *memory

	phase   joinPhase
	round   joinRound
	rounds  []joinRound // that are still to come, the next one last
	parts   *joinParts  // nil: all right rows of the round are in the store
	store   *rowStore
	table   *joinTable
	matched []bool // right rows that have a partner; Right and Full only
	extra   int64  // charged for matched
	probe   probe
	tail    int // next right row to look at when the left side has ended
	most    int // rows of a result's batch
	later   later

	batch      vector.Batch
	outs       []outColumn
	pairs      *vector.Batch
	lrows      []int32 // pairs: places in the left batch
	rrows      []int32 // and right rows; -1 is the null-extended partner
	ends       []int32 // of each complete left row: its last pair
	passed     []int32
	outL, outR []int32
	aligned    []int32
	pairLefts  int // the left columns of pairs

	dividing, again bool
}

// joinSide is one of the inputs.
type joinSide struct {
	op    Operator
	types []sqltype.Type // its columns, then the keys that are computed
	keys  computed
	keyAt []int // the keys among types
	out   []int // the columns that come out
	wide  vector.Batch
}

func (s *joinSide) set(b *builder, op Operator, cols []plan.Column, keys []plan.Expr) (err error) {
	s.op, s.types = op, columnTypes(cols)
	if s.keys, err = b.computed(keys, cols); err != nil {
		return err
	}
	for i, p := range s.keys.programs {
		if p == nil {
			s.keyAt = append(s.keyAt, s.keys.places[i])
			continue
		}
		s.keyAt = append(s.keyAt, len(s.types))
		s.types = append(s.types, keys[i].Type())
	}
	return nil
}

// widen adds the computed keys to a batch. rows says how many of the rows that count have them all.
func (s *joinSide) widen(ctx *eval.Ctx, b *vector.Batch) (*vector.Batch, error) {
	if len(s.types) == len(b.Cols) {
		return b, nil
	}
	keys, n, err := s.keys.eval(ctx, b)
	cols := s.wide.Cols[:0]
	cols = append(cols, b.Cols...)
	for i, p := range s.keys.programs {
		if p != nil {
			cols = append(cols, keys[i])
		}
	}
	s.wide = vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}
	if err != nil {
		return s.wide.Head(n), err
	}
	return &s.wide, nil
}

type joinPhase uint8

const (
	joinBuild joinPhase = iota
	joinProbe
	joinTail // right rows without a partner
	joinEnd
)

func (o *joinOp) Open(ctx context.Context) error {
	if err := o.release(); err != nil {
		return err
	}
	if err := o.right.op.Open(ctx); err != nil {
		return err
	}
	return o.left.op.Open(ctx)
}

func (o *joinOp) Ready() bool {
	switch {
	case o.later.err != nil || o.probe.batch != nil || o.phase >= joinTail || o.round.fromFiles():
		return true
	case o.phase == joinBuild:
		return false
	}
	return o.left.op.Ready()
}

func (o *joinOp) Close() error {
	err := o.release()
	if err2 := o.left.op.Close(); err == nil {
		err = err2
	}
	if err2 := o.right.op.Close(); err == nil {
		err = err2
	}
	return err
}

// release gives back all memory and files.
func (o *joinOp) release() error {
	o.forget()
	o.mem.Shrink(o.round.charged)
	err := o.parts.close()
	if err2 := o.round.close(); err == nil {
		err = err2
	}
	for i := range o.rounds {
		if err2 := o.rounds[i].close(); err == nil {
			err = err2
		}
	}
	o.parts, o.round, o.rounds = nil, joinRound{}, nil
	o.phase, o.later = joinBuild, later{}
	return err
}

// forget drops the right rows that are in memory.
func (o *joinOp) forget() {
	o.table.release()
	o.store.release()
	o.mem.Shrink(o.extra)
	o.store, o.table, o.matched, o.extra = nil, nil, nil, 0
	o.tail, o.probe = 0, probe{first: o.probe.first}
}

func (o *joinOp) Next(ctx context.Context) (*vector.Batch, error) {
	o.ctx.Context = ctx
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var b *vector.Batch
		var err error
		switch o.phase {
		case joinBuild:
			err = o.build(ctx)
		case joinProbe:
			b, err = o.probing(ctx)
		case joinTail:
			b, err = o.unmatched()
		case joinEnd:
			return nil, nil
		}
		if b != nil || err != nil {
			return b, err
		}
	}
}

// keepsRight reports a join whose right rows come out without a partner too.
func (o *joinOp) keepsRight() bool { return o.kind == plan.Right || o.kind == plan.Full }

// keepsLeft reports a join whose left rows come out without a partner.
func (o *joinOp) keepsLeft() bool {
	return o.kind == plan.Left || o.kind == plan.Full || o.kind == plan.Anti
}
