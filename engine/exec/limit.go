package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// bounds are LIMIT and OFFSET as evaluated; count is -1 without a limit.
type bounds struct{ count, offset int64 }

func (b *builder) boundPrograms(count, offset plan.Expr) (c, o *eval.Program, err error) {
	if count != nil {
		if c, err = b.compile(count, nil); err != nil {
			return nil, nil, err
		}
	}
	if offset != nil {
		if o, err = b.compile(offset, nil); err != nil {
			return nil, nil, err
		}
	}
	return c, o, nil
}

func evalBounds(ctx *eval.Ctx, count, offset *eval.Program) (bounds, error) {
	out := bounds{count: -1}
	if offset != nil {
		v, err := one(ctx, offset)
		if err != nil {
			return out, err
		}
		if !v.Null {
			if v.I < 0 {
				return out, pgerr.New(pgerr.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative")
			}
			out.offset = v.I
		}
	}
	if count != nil {
		v, err := one(ctx, count)
		if err != nil {
			return out, err
		}
		if !v.Null {
			if v.I < 0 {
				return out, pgerr.New(pgerr.InvalidRowCountInLimitClause, "LIMIT must not be negative")
			}
			out.count = v.I
		}
	}
	return out, nil
}

// limitOp passes count rows after offset and then ends its input.
type limitOp struct {
	ctx           *eval.Ctx
	in            Operator
	count, offset *eval.Program
	ties          *tieTest

	bounds bounds
	begun  bool
	done   bool
}

func (b *builder) limit(n *plan.Limit) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	o := &limitOp{ctx: b.ctx, in: in}
	if o.count, o.offset, err = b.boundPrograms(n.Count, n.Offset); err != nil {
		return nil, err
	}
	if n.WithTies {
		if o.ties, err = b.tieTest(n); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *limitOp) Open(ctx context.Context) error {
	o.ctx.Context = ctx
	o.begun, o.done = false, false
	if o.ties != nil {
		o.ties.reset()
	}
	return o.in.Open(ctx)
}
func (o *limitOp) Ready() bool  { return o.done || o.in.Ready() }
func (o *limitOp) Close() error { return o.in.Close() }

func (o *limitOp) Next(ctx context.Context) (*vector.Batch, error) {
	o.ctx.Context = ctx
	if !o.begun {
		var err error
		if o.bounds, err = evalBounds(o.ctx, o.count, o.offset); err != nil {
			return nil, err
		}
		o.begun = true
	}
	for !o.done {
		if o.bounds.count == 0 && (o.ties == nil || !o.ties.has) {
			break
		}
		b, err := o.in.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		if skip := min(int64(b.Rows()), o.bounds.offset); skip > 0 {
			o.bounds.offset -= skip
			if int(skip) == b.Rows() {
				continue
			}
			b = b.Slice(int(skip), b.Rows())
		}
		if o.bounds.count < 0 {
			return b, nil
		}
		return o.bounded(b)
	}
	o.done = true
	return nil, o.in.Close()
}

func (o *limitOp) bounded(b *vector.Batch) (*vector.Batch, error) {
	take := int(min(int64(b.Rows()), o.bounds.count))
	o.bounds.count -= int64(take)
	if o.bounds.count == 0 && o.ties != nil {
		n, err := o.ties.extend(o.ctx, b, take)
		if err != nil {
			return nil, err
		}
		if n < b.Rows() {
			o.done = true
		}
		if n == 0 {
			return nil, nil
		}
		return b.Head(n), nil
	}
	if o.bounds.count == 0 {
		o.done = true
	}
	return b.Head(take), nil
}

// tieTest finds the rows that equal the last one passed in the sort keys.
type tieTest struct {
	keys computed
	last *rowStore
	has  bool
}

func (b *builder) tieTest(n *plan.Limit) (*tieTest, error) {
	es := make([]plan.Expr, len(n.Ties))
	for i, k := range n.Ties {
		es[i] = k.Expr
	}
	c, err := b.computed(es, n.Input.Columns())
	if err != nil {
		return nil, err
	}
	return &tieTest{keys: c}, nil
}

func (t *tieTest) reset() { t.last, t.has = nil, false }

// extend returns how many rows pass: the first take, and those after them that tie.
func (t *tieTest) extend(ctx *eval.Ctx, b *vector.Batch, take int) (int, error) {
	cols, rows, err := t.keys.eval(ctx, b)
	if err != nil {
		return 0, err
	}
	if take > 0 {
		t.last = newRowStore(typesOf(cols), nil)
		t.last.add(cols, b.Row(take-1))
		t.has = true
	}
	n := take
	for n < rows && eval.RowsEqual(t.last.chunks[0].Cols, 0, cols, b.Row(n), comparatorsOf(t.last.types)) {
		n++
	}
	return n, nil
}
