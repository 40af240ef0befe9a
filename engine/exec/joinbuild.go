package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
)

// build reads the right side of the round, and divides it if it does not fit.
func (o *joinOp) build(ctx context.Context) error {
	o.store = newRowStore(o.right.types, o.mem.Budget)
	if o.round.block {
		if err := o.buildBlock(ctx); err != nil {
			return err
		}
		o.phase = joinProbe
		return nil
	}
	for {
		b, err := o.nextRight(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := o.keep(b); err != nil {
			return err
		}
	}
	for {
		err := o.index()
		if err == nil {
			break
		}
		if !o.mem.full(err) || o.store.n == 0 {
			return err
		}
		if err := o.divide(); err != nil {
			return err
		}
	}
	if err := o.parts.startProbe(); err != nil {
		return err
	}
	o.phase = joinProbe
	if o.round.fromFiles() {
		o.round.right.Close()
		return nil
	}
	return o.right.op.Close()
}

// nextRight is the next right batch with its keys; nil at the end.
func (o *joinOp) nextRight(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.round.fromFiles() {
		return o.round.right.Next()
	}
	b, err := o.right.op.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	o.ctx.Context = ctx
	b, err = o.right.widen(o.ctx, b)
	if err != nil {
		return nil, err
	}
	if !o.keepsRight() {
		b = withoutNulls(b, o.right.keyAt)
	}
	return b, nil
}

// withoutNulls leaves rows out that have a null among their keys: they equal nothing.
func withoutNulls(b *vector.Batch, keys []int) *vector.Batch {
	some := false
	for _, k := range keys {
		some = some || b.Cols[k].MayHaveNulls() && b.Cols[k].CountNulls() > 0
	}
	if !some {
		return b
	}
	sel := make([]int32, 0, b.Rows())
	for i := range b.Rows() {
		if r := b.Row(i); !nullAmong(b.Cols, keys, r) {
			sel = append(sel, int32(r))
		}
	}
	return &vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}
}

func nullAmong(cols []*vector.Vector, places []int, row int) bool {
	for _, k := range places {
		if cols[k].IsNull(row) {
			return true
		}
	}
	return false
}

// index makes the table over the rows that are kept, and room for the marks.
func (o *joinOp) index() error {
	o.most = rowsAtOnce(o.store.charged, o.store.n)
	if o.keepsRight() {
		if err := o.mem.Grow(int64(o.store.n)); err != nil {
			return err
		}
		o.extra += int64(o.store.n)
	}
	if len(o.right.keyAt) > 0 {
		o.table = newJoinTable(o.store, o.right.keyAt)
		if err := o.table.fill(); err != nil {
			o.table = nil
			o.mem.Shrink(o.extra)
			o.extra = 0
			return err
		}
	}
	if o.keepsRight() {
		o.matched = make([]bool, o.store.n)
	}
	return nil
}

// keep stores right rows, or writes those to files whose part does not stay.
func (o *joinOp) keep(b *vector.Batch) error {
	for {
		stays, err := o.parts.divertRight(b)
		if err != nil || stays.Rows() == 0 {
			return err
		}
		n := o.store.n
		err = o.store.append(stays)
		if !o.mem.full(err) {
			return err
		}
		if n = o.store.n - n; n == stays.Rows() {
			return o.divide()
		}
		b = stays.Slice(n, stays.Rows()).Compact() // divide uses the buffers of its selection
		if err := o.divide(); err != nil {
			return err
		}
	}
}

func anyNull(cols []*vector.Vector, row int) bool {
	for _, c := range cols {
		if c.IsNull(row) {
			return true
		}
	}
	return false
}
