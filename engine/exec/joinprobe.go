package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// probe is the place in a left batch.
type probe struct {
	batch *vector.Batch // with the computed keys
	first []int32       // for each row that counts its first partner, -1 none
	row   int           // among the rows that count
	cand  int32         // next candidate of that row, -1 none
	begun bool          // candidates of row were begun
	hit   bool          // row has found a partner
	base  int64         // number of the batch's first row in its file
	rows  int64         // rows of the file so far, this batch included

	// With other conditions, of pairs: whether they begin with a row that an earlier step began, and whether that found a partner.
	middle, before bool
}

// probing gives the next rows of the left side, in pairs or alone; nil if there is nothing to give yet.
func (o *joinOp) probing(ctx context.Context) (*vector.Batch, error) {
	if o.probe.batch == nil {
		if err := o.later.take(); err != nil {
			return nil, err
		}
		more, err := o.advance(ctx)
		if err != nil {
			return nil, err
		}
		if !more {
			o.phase = joinTail
			return nil, nil
		}
		if o.probe.batch == nil {
			return nil, nil
		}
	}
	switch {
	case len(o.rest.programs) > 0:
		return o.conditional()
	case o.kind == plan.Semi || o.kind == plan.Anti:
		return o.decided(), nil
	case len(o.right.keyAt) > 0 && o.table.next == nil && o.round.seen == nil && o.most == vector.BatchRows:
		return o.single(), nil
	}
	return o.several(), nil
}

// advance takes the next left batch and looks its keys up; false at the end.
func (o *joinOp) advance(ctx context.Context) (bool, error) {
	p := &o.probe
	if o.store.n == 0 && o.parts == nil && !o.keepsLeft() {
		if o.round.fromFiles() {
			return false, nil
		}
		return false, o.left.op.Close() // nothing can come out
	}
	b, err := o.nextLeft(ctx)
	if b == nil || err != nil {
		return false, err
	}
	if b, err = o.parts.divertLeft(b); err != nil {
		return false, err
	}
	n := b.Rows()
	*p = probe{first: p.first, base: p.rows, rows: p.rows + int64(n), cand: -1}
	if n == 0 {
		return true, nil
	}
	p.batch = b
	if len(o.right.keyAt) > 0 {
		p.first = growInts(p.first, n)
		o.table.lookup(b, o.left.keyAt, p.first)
	}
	return true, nil
}

// decided gives the rows of a semi or anti join by equal keys alone.
func (o *joinOp) decided() *vector.Batch {
	p := &o.probe
	b, want, r := p.batch, o.kind == plan.Semi, &o.round
	p.batch = nil
	sel := o.lrows[:0]
	for i := range b.Rows() {
		found := o.store.n > 0
		if len(o.right.keyAt) > 0 {
			found = p.first[i] >= 0
		}
		if r.seen != nil {
			at := p.base + int64(i)
			if r.marked(at) {
				continue // a semi join has given it, an anti join never will
			}
			if found {
				r.mark(at)
			} else if !want && !r.last {
				continue
			}
		}
		if found == want {
			sel = append(sel, int32(b.Row(i)))
		}
	}
	o.lrows = sel
	return o.selected(b, sel)
}

// selected gives left rows alone.
func (o *joinOp) selected(b *vector.Batch, sel []int32) *vector.Batch {
	if len(sel) == 0 {
		return nil
	}
	cols := o.batch.Cols[:0]
	for _, k := range o.left.out {
		cols = append(cols, b.Cols[k])
	}
	o.batch = vector.Batch{Cols: cols, N: b.N, Sel: sel}
	return &o.batch
}

// single gives what comes out for a whole batch whose rows have one partner at the most.
func (o *joinOp) single() *vector.Batch {
	p := &o.probe
	b := p.batch
	p.batch = nil
	n := b.Rows()
	first := p.first[:n]
	left, right := growInts(o.lrows, n), growInts(o.rrows, n)
	o.lrows, o.rrows = left, right
	m := 0
	if o.kind == plan.Left || o.kind == plan.Full {
		m = n
		copy(right, first)
		for i := range left {
			left[i] = int32(b.Row(i))
		}
	} else if b.Sel == nil {
		for i, r := range first {
			left[m], right[m] = int32(i), r
			if r >= 0 {
				m++
			}
		}
	} else {
		for i, r := range first {
			left[m], right[m] = b.Sel[i], r
			if r >= 0 {
				m++
			}
		}
	}
	left, right = left[:m], right[:m]
	if o.matched != nil {
		for _, r := range right {
			if r >= 0 {
				o.matched[r] = true
			}
		}
	}
	return o.emit(b, left, right)
}

// candidates begins the right rows that may match the current left row.
func (o *joinOp) candidates() int32 {
	if len(o.right.keyAt) > 0 {
		return o.probe.first[o.probe.row]
	}
	if o.store.n == 0 {
		return -1
	}
	return 0
}

func (o *joinOp) following(r int32) int32 {
	if len(o.right.keyAt) == 0 {
		if int(r)+1 < o.store.n {
			return r + 1
		}
		return -1
	}
	if o.table.next == nil {
		return -1
	}
	return o.table.next[r]
}

// begin starts with the candidates of the current left row.
func (o *joinOp) begin() {
	p := &o.probe
	p.cand, p.begun = o.candidates(), true
	p.hit = o.round.marked(p.base + int64(p.row))
}

// several collects up to a batch of pairs of equal keys, and the left rows without any.
func (o *joinOp) several() *vector.Batch {
	p := &o.probe
	b := p.batch
	left, right := o.lrows[:0], o.rrows[:0]
	alone := (o.kind == plan.Left || o.kind == plan.Full) && (!o.round.block || o.round.last)
	rows := b.Rows()
	for p.row < rows && len(left) < o.most {
		at := int32(b.Row(p.row))
		if !p.begun {
			o.begin()
		}
		if p.cand >= 0 {
			p.hit = true
			for p.cand >= 0 && len(left) < o.most {
				left, right = append(left, at), append(right, p.cand)
				p.cand = o.following(p.cand)
			}
			if p.cand >= 0 {
				break
			}
		}
		switch {
		case p.hit:
			o.round.mark(p.base + int64(p.row))
		case alone:
			left, right = append(left, at), append(right, -1)
		}
		p.row++
		p.begun = false
	}
	o.lrows, o.rrows = left, right
	if p.row >= rows {
		p.batch = nil
	}
	if o.matched != nil {
		for _, r := range right {
			if r >= 0 {
				o.matched[r] = true
			}
		}
	}
	return o.emit(b, left, right)
}

// unmatched gives the right rows without a partner, after the left side has ended, and then begins the next round.
func (o *joinOp) unmatched() (*vector.Batch, error) {
	if o.round.nulls {
		b, err := o.nullRows()
		if b != nil || err != nil {
			return b, err
		}
		return nil, o.nextRound()
	}
	rows := o.rrows[:0]
	for o.matched != nil && o.tail < o.store.n && len(rows) < o.most {
		if !o.matched[o.tail] {
			rows = append(rows, int32(o.tail))
		}
		o.tail++
	}
	o.rrows = rows
	if len(rows) == 0 {
		return nil, o.nextRound()
	}
	out := o.columns(len(rows))
	for i, k := range o.left.out {
		out.Cols[i] = o.outs[i].constant(vector.NewNull(o.left.types[k], len(rows)), len(rows))
	}
	for i, k := range o.right.out {
		dst := o.outs[len(o.left.out)+i].flat(o.right.types[k])
		o.store.gather(dst, k, rows)
		out.Cols[len(o.left.out)+i] = dst
	}
	return out, nil
}
