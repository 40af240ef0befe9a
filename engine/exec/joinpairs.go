package exec

import (
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// setRest compiles the conditions beside the equal keys.
func (o *joinOp) setRest(b *builder, rest []plan.Expr, lcols, rcols []plan.Column) error {
	both := append(append([]plan.Column(nil), lcols...), rcols...)
	ps, err := b.compileAll(rest, both)
	if err != nil {
		return err
	}
	o.rest = predicates{programs: ps}
	refs := plan.Set{}
	for _, p := range rest {
		plan.Refs(p, refs)
	}
	for i, c := range both {
		if refs.Has(c.ID) {
			o.restCols = append(o.restCols, i)
		}
	}
	o.pairs = &vector.Batch{Cols: make([]*vector.Vector, len(both))}
	for i, c := range both {
		o.pairs.Cols[i] = vector.NewNull(c.Type, 0)
		if refs.Has(c.ID) {
			o.pairs.Cols[i] = vector.New(c.Type)
		}
	}
	o.pairLefts = len(lcols)
	return nil
}

// conditional collects up to a batch of candidate pairs and tests the other conditions.
func (o *joinOp) conditional() (*vector.Batch, error) {
	p := &o.probe
	left, right, ends := o.lrows[:0], o.rrows[:0], o.ends[:0]
	once := o.kind == plan.Semi || o.kind == plan.Anti
	for p.row < p.batch.Rows() && len(left) < o.most {
		at := int32(p.batch.Row(p.row))
		if !p.begun {
			o.begin()
			if once && p.hit {
				p.cand = -1 // an earlier block has decided
			}
		}
		for p.cand >= 0 && len(left) < o.most {
			left, right = append(left, at), append(right, p.cand)
			p.cand = o.following(p.cand)
		}
		if p.cand >= 0 {
			break
		}
		ends = append(ends, int32(len(left)))
		p.row++
		p.begun = false
	}
	o.lrows, o.rrows, o.ends = left, right, ends
	return o.tested(left, right, ends)
}

// tested evaluates the other conditions over candidate pairs. ends lists, for each left row whose candidates are complete, how
// many pairs there are up to its last one; a row that goes on in the next step is not in it.
//
// A pair that fails to evaluate ends the result before it, unless its left row needs no more pairs: a row of a semi or anti
// join is decided by its first partner.
func (o *joinOp) tested(left, right, ends []int32) (*vector.Batch, error) {
	p := &o.probe
	first := p.row - len(ends) // the left row that the pairs begin with
	o.pairBatch(left, right)
	passed := o.passed[:0]
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
	o.passed = passed
	if failed >= 0 {
		done := ends
		for len(done) > 0 && int(done[len(done)-1]) > failed {
			done = done[:len(done)-1]
		}
		ends, left, right = done, left[:failed], right[:failed]
	}
	b := p.batch
	outL, outR := o.decide(first, left, right, ends, passed)
	if failed >= 0 || p.row >= b.Rows() {
		p.batch = nil
	}
	if o.kind == plan.Semi || o.kind == plan.Anti {
		return o.selected(b, outL), nil
	}
	return o.emit(b, outL, outR), nil
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
	return o.probe.middle && o.probe.before && left[0] == left[at]
}

// decide turns the pairs that passed into result rows, in the buffers of the pairs. Rows in ends are complete; whether the row after them has
// found a partner is remembered in the probe.
func (o *joinOp) decide(first int, left, right, ends, passed []int32) (outL, outR []int32) {
	p := &o.probe
	outL, outR = o.outL[:0], o.outR[:0]
	last := !o.round.block || o.round.last
	hit, k := p.before, 0
	take := func(end int) {
		for k < len(passed) && int(passed[k]) < end {
			pair := passed[k]
			k++
			switch o.kind {
			case plan.Semi:
				if !hit {
					outL = append(outL, left[pair])
				}
			case plan.Anti:
			default:
				outL, outR = append(outL, left[pair]), append(outR, right[pair])
				if o.matched != nil {
					o.matched[right[pair]] = true
				}
			}
			hit = true
		}
	}
	for i, end := range ends {
		if i > 0 || !p.middle {
			hit = o.round.marked(p.base + int64(first+i))
		}
		take(int(end))
		switch {
		case hit:
			o.round.mark(p.base + int64(first+i))
		case !last:
		case o.kind == plan.Anti:
			outL = append(outL, int32(p.batch.Row(first+i)))
		case o.kind == plan.Left || o.kind == plan.Full:
			outL, outR = append(outL, int32(p.batch.Row(first+i))), append(outR, -1)
		}
	}
	if len(ends) > 0 || !p.middle {
		hit = o.round.marked(p.base + int64(first+len(ends)))
	}
	take(len(left))
	p.before, p.middle = hit, p.begun
	o.outL, o.outR = outL, outR
	return outL, outR
}

// pairBatch makes a batch of left and right columns for the pairs; columns that no condition uses are null.
func (o *joinOp) pairBatch(left, right []int32) {
	out := o.pairs
	out.N = len(left)
	for _, c := range out.Cols {
		if c.Form == vector.Constant {
			c.N = len(left)
		}
	}
	for _, k := range o.restCols {
		if k < o.pairLefts {
			vector.Gather(out.Cols[k], o.probe.batch.Cols[k], left)
			continue
		}
		o.store.gather(out.Cols[k], k-o.pairLefts, right)
	}
}
