package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// distinctOp passes the first row of each set of equal rows as soon as it comes. When memory is full the rows that are known are still
// dropped, and others are written to files by their hash, to be looked at when the input has ended.
type distinctOp struct {
	in    Operator
	types []sqltype.Type
	mem   *memory
	limit int64
	st    *NodeStats

	seen   keySeen
	full   bool
	level  int
	files  *hashParts
	parts  []distinctPart // that are still to be read, the next one last
	file   *fileRows      // that is being read; nil: the input is
	sel    []int32
	lost   []int32
	hashes []uint64
	out    vector.Batch
}

type distinctPart struct {
	file  *spill.File
	level int
}

func (b *builder) distinct(n *plan.Distinct) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	if n.On == nil {
		return b.distinctRows(n, in, columnTypes(cols))
	}
	o := &firstOp{in: in}
	for _, id := range n.On {
		k := columnAt(cols, id)
		if k < 0 {
			return nil, pgerr.Internal("DISTINCT ON names column %d, which its input does not give", id)
		}
		o.places = append(o.places, k)
		o.cmps = append(o.cmps, comparatorOf(cols[k].Type))
	}
	return o, nil
}

func (b *builder) distinctRows(n plan.Node, in Operator, types []sqltype.Type) (Operator, error) {
	o := &distinctOp{in: in, types: types, st: b.nodeStats(n)}
	var err error
	if o.mem, err = b.memory(); err != nil {
		return nil, err
	}
	o.limit = b.limitOf(o.mem)
	return o, nil
}

// limitOf is what an operator may take at the most; 0 where there is no limit.
func (b *builder) limitOf(m *memory) int64 {
	if n := m.Limit(); n > 0 {
		return n
	}
	return b.mem.all.Limit()
}

func columnAt(cols []plan.Column, id plan.ColID) int {
	for i, c := range cols {
		if c.ID == id {
			return i
		}
	}
	return -1
}

func (o *distinctOp) Open(ctx context.Context) error {
	if err := o.release(); err != nil {
		return err
	}
	o.seen = newKeySeen(o.types, o.mem.Budget)
	return o.in.Open(ctx)
}
func (o *distinctOp) Ready() bool { return o.file != nil || o.in.Ready() }
func (o *distinctOp) Close() error {
	err := o.release()
	if err2 := o.in.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *distinctOp) release() error {
	if o.seen != nil {
		o.seen.release()
	}
	err := o.files.close()
	if err2 := o.file.close(); err == nil {
		err = err2
	}
	for _, p := range o.parts {
		if err2 := p.file.Close(); err == nil {
			err = err2
		}
	}
	o.seen, o.files, o.file, o.parts, o.full, o.level = nil, nil, nil, nil, false, 0
	return err
}

func (o *distinctOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := o.read(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			more, err := o.nextPart()
			if err != nil || !more {
				return nil, err
			}
			continue
		}
		if err := o.fresh(b); err != nil {
			return nil, err
		}
		if len(o.sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
		return &o.out, nil
	}
}

func (o *distinctOp) read(ctx context.Context) (*vector.Batch, error) {
	if o.file != nil {
		return o.file.r.Next()
	}
	return o.in.Next(ctx)
}

// fresh finds the rows of b that pass.
func (o *distinctOp) fresh(b *vector.Batch) (err error) {
	o.sel, o.lost = o.sel[:0], o.lost[:0]
	if !o.full {
		o.sel, err = o.seen.add(b, o.sel)
		if err == nil {
			selected(b, o.sel)
			return nil
		}
		if !o.mem.full(err) {
			return err
		}
		if o.full = true; o.seen.empty() { // a pass must know one row at least
			if o.sel, err = o.seen.add(b.Head(1), o.sel); err != nil {
				return err
			}
		}
	}
	o.sel, o.lost = o.seen.sift(b, o.sel, o.lost)
	selected(b, o.sel)
	if len(o.lost) == 0 {
		return nil
	}
	selected(b, o.lost)
	if o.files == nil {
		o.files = newHashParts(o.mem, o.types, o.level, filesFor(o.limit))
	}
	o.hashes = growWords(o.hashes, len(o.lost))
	o.seen.hash(&vector.Batch{Cols: b.Cols, N: b.N, Sel: o.lost}, o.hashes)
	return o.files.write(b, o.lost, o.hashes)
}

// selected makes places in b's columns of the order among its rows that count.
func selected(b *vector.Batch, rows []int32) {
	if b.Sel == nil {
		return
	}
	for k, i := range rows {
		rows[k] = b.Sel[i]
	}
}

// nextPart goes on with the rows of a file when those before have ended.
func (o *distinctOp) nextPart() (bool, error) {
	if o.file == nil {
		if err := o.in.Close(); err != nil {
			return false, err
		}
	}
	o.st.passed(o.mem)
	o.seen.release()
	if err := o.file.close(); err != nil {
		return false, err
	}
	o.file = nil
	if o.files != nil {
		if err := o.files.rest(o.st); err != nil {
			return false, err
		}
		for i := range o.files.files {
			if f := o.files.take(i); f != nil {
				o.parts = append(o.parts, distinctPart{f, o.level + 1})
			}
		}
		o.files = nil
	}
	k := len(o.parts) - 1
	if k < 0 {
		return false, nil
	}
	o.file, o.level, o.full = openFile(o.parts[k].file), o.parts[k].level, false
	o.parts = o.parts[:k]
	o.seen = newKeySeen(o.types, o.mem.Budget)
	return true, nil
}

// firstOp is DISTINCT ON: of rows that are equal in some columns the first one passes. They come side by side.
type firstOp struct {
	in     Operator
	places []int
	cmps   []compareFunc
	last   []*vector.Vector // the columns of the last row of the batch before
	now    []*vector.Vector
	any    bool // there was one
	sel    []int32
	out    vector.Batch
}

func (o *firstOp) Open(ctx context.Context) error {
	o.any = false
	return o.in.Open(ctx)
}
func (o *firstOp) Ready() bool  { return o.in.Ready() }
func (o *firstOp) Close() error { return o.in.Close() }

func (o *firstOp) Next(ctx context.Context) (*vector.Batch, error) {
	if o.last == nil {
		o.last, o.now = make([]*vector.Vector, len(o.places)), make([]*vector.Vector, len(o.places))
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := o.in.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		for i, p := range o.places {
			o.now[i] = b.Cols[p]
		}
		o.sel = o.sel[:0]
		before := -1
		for i := range b.Rows() {
			row := b.Row(i)
			var same bool
			if before >= 0 {
				same = eval.RowsEqual(o.now, before, o.now, row, o.cmps)
			} else {
				same = o.any && eval.RowsEqual(o.last, 0, o.now, row, o.cmps)
			}
			if !same {
				o.sel = append(o.sel, int32(row))
			}
			before = row
		}
		for i, c := range o.now {
			o.last[i] = vector.Gather(o.last[i], c, []int32{int32(before)})
		}
		o.any = true
		if len(o.sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
		return &o.out, nil
	}
}

func growInts(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n, max(n, vector.BatchRows))
	}
	return s[:n]
}
