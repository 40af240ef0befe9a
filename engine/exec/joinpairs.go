package exec

import (
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// tested evaluates the other conditions over candidate pairs. ends lists, for each left row whose candidates are complete, how
// many pairs there are up to its last one; a row that goes on in the next step is not in it.
//
// A pair that fails to evaluate ends the result before it, unless its left row needs no more pairs: a row of a semi or anti
// join is decided by its first partner.
func (o *joinOp) tested(left, right, ends []int32) (*vector.Batch, error) {
	p := &o.probe
	first := p.row - len(ends) // the left row that the pairs begin with
	o.pairs = o.pairBatch(o.pairs, left, right)
	var passed []int32
	todo, failed := *o.pairs, -1
	for {
		sel, at, err := o.rest.keep(o.ctx, &todo)
		passed = append(passed, sel...)
		if err == nil {
			break
		}
		next := at
		for next < len(left) && left[next] == left[at] {
			next++
		}
		if !o.decidedBefore(left, passed, at) {
			o.later.err, failed = err, at
			break
		}
		todo.Sel = make([]int32, 0, len(left)-next)
		for i := next; i < len(left); i++ {
			todo.Sel = append(todo.Sel, int32(i))
		}
	}
	if failed >= 0 {
		done := ends
		for len(done) > 0 && int(done[len(done)-1]) > failed {
			done = done[:len(done)-1]
		}
		ends, left, right = done, left[:failed], right[:failed]
	}
	outL, outR := o.decide(first, left, right, ends, passed)
	out := o.emit(outL, outR)
	if failed >= 0 || p.row >= p.limit {
		p.batch = nil
	}
	return out, nil
}

// decidedBefore reports whether the left row of pair at has a partner already and needs no other.
func (o *joinOp) decidedBefore(left, passed []int32, at int) bool {
	if o.kind != plan.Semi && o.kind != plan.Anti {
		return false
	}
	for _, s := range passed {
		if int(s) < at && left[s] == left[at] {
			return true
		}
	}
	return o.probe.hit && left[0] == left[at]
}

// decide turns the pairs that passed into result rows. Rows in ends are complete; whether the row after them has found a partner is
// remembered in the probe.
func (o *joinOp) decide(first int, left, right, ends, passed []int32) (outL, outR []int32) {
	p := &o.probe
	k := 0
	take := func(end int) {
		for k < len(passed) && int(passed[k]) < end {
			pair := passed[k]
			k++
			switch o.kind {
			case plan.Semi:
				if !p.hit {
					outL = append(outL, left[pair])
				}
			case plan.Anti:
			default:
				outL, outR = append(outL, left[pair]), append(outR, right[pair])
				if o.matched != nil {
					o.matched[right[pair]] = true
				}
			}
			p.hit = true
		}
	}
	for i, end := range ends {
		take(int(end))
		if !p.hit {
			switch o.kind {
			case plan.Anti:
				outL = append(outL, int32(p.batch.Row(first+i)))
			case plan.Left, plan.Full:
				outL, outR = append(outL, int32(p.batch.Row(first+i))), append(outR, -1)
			}
		}
		p.hit = false
	}
	take(len(left))
	return outL, outR
}

// pairBatch makes a batch of left and right columns for the pairs.
func (o *joinOp) pairBatch(out *vector.Batch, left, right []int32) *vector.Batch {
	if out == nil {
		out = &vector.Batch{Cols: make([]*vector.Vector, len(o.ltypes)+len(o.rtypes))}
		for i, t := range o.ltypes {
			out.Cols[i] = vector.New(t)
		}
		for i, t := range o.rtypes {
			out.Cols[len(o.ltypes)+i] = vector.New(t)
		}
	}
	out.N = len(left)
	for i := range o.ltypes {
		vector.Gather(out.Cols[i], o.probe.batch.Cols[i], left)
	}
	for i := range o.rtypes {
		o.store.gather(out.Cols[len(o.ltypes)+i], i, right)
	}
	return out
}

// emit makes the result of pairs; nil for none. Semi and Anti only select among the left rows.
func (o *joinOp) emit(left, right []int32) *vector.Batch {
	if len(left) == 0 {
		return nil
	}
	if o.kind == plan.Semi || o.kind == plan.Anti {
		cols := o.cols[:0]
		for _, k := range o.lout {
			cols = append(cols, o.probe.batch.Cols[k])
		}
		o.cols = cols
		o.out = vector.Batch{Cols: cols, N: o.probe.batch.N, Sel: left}
		return &o.out
	}
	out := o.fresh(len(left))
	for i, k := range o.lout {
		vector.Gather(out.Cols[i], o.probe.batch.Cols[k], left)
	}
	for i, k := range o.rout {
		o.store.gather(out.Cols[len(o.lout)+i], k, right)
	}
	return out
}

func (o *joinOp) fresh(n int) *vector.Batch {
	if o.nulls == nil {
		o.nulls = &vector.Batch{}
		for _, k := range o.lout {
			o.nulls.Cols = append(o.nulls.Cols, vector.New(o.ltypes[k]))
		}
		for _, k := range o.rout {
			o.nulls.Cols = append(o.nulls.Cols, vector.New(o.rtypes[k]))
		}
	}
	o.nulls.N = n
	return o.nulls
}

// unmatched gives the right rows without a partner, after the left side has ended.
func (o *joinOp) unmatched() (*vector.Batch, error) {
	if o.kind != plan.Right && o.kind != plan.Full {
		return nil, nil
	}
	var rows []int32
	for o.tail < o.store.n && len(rows) < vector.BatchRows {
		if !o.matched[o.tail] {
			rows = append(rows, int32(o.tail))
		}
		o.tail++
	}
	if len(rows) == 0 {
		return nil, nil
	}
	out := o.fresh(len(rows))
	none := make([]int32, len(rows))
	for i := range none {
		none[i] = -1
	}
	for i, k := range o.lout {
		vector.Gather(out.Cols[i], vector.NewNull(o.ltypes[k], 1), none)
	}
	for i, k := range o.rout {
		o.store.gather(out.Cols[len(o.lout)+i], k, rows)
	}
	return out, nil
}
