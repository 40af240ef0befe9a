package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// winState is an aggregate over the rows of one frame.
type winState interface {
	reset()
	// add takes in rows of a block.
	add(b *rowBlock, rows []int32) error
	// result writes the value into row at of out, whose rows come in ascending order.
	result(out *vector.Vector, at int) error
}

// inverse is a state that can give rows back, with a result that is exactly that of the rows that are left. PostgreSQL has such
// transitions for the same aggregates; sums of floats have none, since adding and taking away again rounds.
type inverse interface {
	remove(b *rowBlock, rows []int32)
}

// frameAgg computes an aggregate over each row's frame. A frame that begins where the last one did and only grew is continued; one that
// moved gives rows back if the state can, and is computed anew if not, as PostgreSQL does.
type frameAgg struct {
	o        *windowOp
	c        *windowCall
	state    winState
	inverse  inverse // the state, if it can give rows back
	from, to int     // the rows in state; to < from: none yet
	block    rowBlock
	since    int
	pick     []int32
	failed   int       // row whose values were being taken in
	gone     []stretch // rows that were given back for one result
	view     rowBlock  // block with late columns
	late     bool
}

func newFrameAgg(o *windowOp, c *windowCall) windowEval {
	if e := newFrameExtreme(o, c); e != nil {
		return e
	}
	a := &frameAgg{o: o, c: c, state: newWinState(o, c), to: -1}
	a.inverse, _ = a.state.(inverse)
	for _, k := range c.args {
		a.late = a.late || k >= len(o.types)
	}
	return a
}

func (a *frameAgg) failedAt() int { return a.failed }

func (a *frameAgg) begin(*partition) { a.from, a.to, a.gone = 0, -1, a.gone[:0] }

// release forgets the state.
func (a *frameAgg) release() {
	a.from, a.to, a.gone, a.view = 0, -1, nil, rowBlock{}
	a.state.reset()
}

func (a *frameAgg) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	starts, ends, framed := p.frames(to - from)
	first := out.Extend(to - from)
	plain := p.o.frame.Exclude == plan.ExcludeNoOthers
	for i := range starts {
		row := from + i
		if plain && row > from && starts[i] == a.from && ends[i] == a.to {
			out.SetRow(first+i, out, first+i-1)
			continue
		}
		var err error
		if plain {
			err = a.move(p, starts[i], ends[i])
		} else {
			err = a.without(p, row, starts[i], ends[i])
		}
		if err == nil {
			a.failed = p.hi
			err = a.state.result(out, first+i)
		}
		if err == nil {
			err = a.takeBack(p)
		}
		if err != nil {
			a.from, a.to = 0, -1
			return i, err
		}
	}
	return len(starts), framed
}

// move brings the state to the rows [from, to).
func (a *frameAgg) move(p *partition, from, to int) error {
	switch {
	case a.to < a.from || from >= a.to || from != a.from && a.inverse == nil:
		a.state.reset()
		a.from, a.to = from, from
	case from > a.from:
		if err := a.each(p, stretch{a.from, from}, a.inverse); err != nil {
			return err
		}
		a.from = from
	}
	if err := a.each(p, stretch{a.to, to}, nil); err != nil {
		return err
	}
	a.to = max(a.to, to)
	return nil
}

// without brings the state to rows [from, to) without those that are excluded: what can give rows back does so for a moment.
func (a *frameAgg) without(p *partition, row, from, to int) error {
	if a.inverse != nil {
		if a.move(p, from, to) == nil {
			lo, hi, keep := p.excluded(row)
			a.gone = append(a.gone[:0], stretch{max(lo, from), min(hi, to)})
			if keep && row >= from && row < to {
				a.gone = append(a.gone[:0], stretch{max(lo, from), row}, stretch{row + 1, min(hi, to)})
			}
			for _, s := range a.gone {
				if err := a.each(p, s, a.inverse); err != nil {
					return err
				}
			}
			return nil
		}
		a.from, a.to = 0, -1 // it may be an excluded row's values that cannot be had
	}
	a.state.reset()
	var buf [3]stretch
	for _, s := range p.pieces(buf[:0], row, from, to) {
		if err := a.each(p, s, nil); err != nil {
			return err
		}
	}
	return nil
}

// takeBack takes in again what was given back.
func (a *frameAgg) takeBack(p *partition) error {
	for _, s := range a.gone {
		if err := a.each(p, s, nil); err != nil {
			return err
		}
	}
	a.gone = a.gone[:0]
	return nil
}

// each takes the rows of s that pass the filter into the state, block by block, or gives them back where inv is set.
func (a *frameAgg) each(p *partition, s stretch, inv inverse) error {
	for s.from < s.to {
		var err error
		if a.block, err = p.o.rows.block(s.from); err != nil {
			return err
		}
		b := &a.block
		end := min(s.to, b.base+b.n)
		if a.since += end - s.from; a.since > lookRows {
			a.since = 0
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
		rows := p.o.places[s.from-b.base : end-b.base]
		if a.c.filter < 0 {
			if err := a.take(p, rows, inv); err != nil {
				return err
			}
		}
		for a.c.filter >= 0 && len(rows) > 0 {
			filter, n, err := p.o.ready(b, a.c.filter, rows)
			if err != nil {
				a.failed = b.base + int(rows[0])
				return err
			}
			a.pick = passing(a.pick[:0], filter, rows[:n])
			if err := a.take(p, a.pick, inv); err != nil {
				return err
			}
			rows = rows[n:]
		}
		s.from = end
	}
	return nil
}

// take takes rows of the block into the state, or gives them back.
func (a *frameAgg) take(p *partition, rows []int32, inv inverse) error {
	b := &a.block
	if a.late && len(rows) > 0 {
		a.view = rowBlock{cols: append(a.view.cols[:0], b.cols...), base: b.base, n: b.n}
		a.view.cols = append(a.view.cols, make([]*vector.Vector, len(p.o.types)+len(p.o.lates)-len(b.cols))...)
		b = &a.view
	}
	for len(rows) > 0 {
		n := len(rows)
		a.failed = b.base + int(rows[0])
		for _, place := range a.c.args {
			if !a.late {
				break
			}
			col, k, err := p.o.ready(&a.block, place, rows[:n])
			if err != nil {
				return err
			}
			b.cols[place], n = col, k
		}
		if inv != nil {
			inv.remove(b, rows[:n])
		} else if err := a.state.add(b, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// passing adds the rows to dst for which the filter is true.
func passing(dst []int32, filter *vector.Vector, rows []int32) []int32 {
	for _, r := range rows {
		if !filter.IsNull(int(r)) && filter.Physical().Bools[filter.Index(int(r))] {
			dst = append(dst, r)
		}
	}
	return dst
}

// newWinState makes the state of a call.
func newWinState(o *windowOp, c *windowCall) winState {
	name := c.call.Fn.Name
	switch {
	case name == "count":
		return &winCount{args: c.args}
	case (name == "sum" || name == "avg") && isInteger(c.types[0]):
		return &winSumInt{arg: c.args[0], out: c.call.Out.Type.Kind(), avg: name == "avg"}
	case (name == "sum" || name == "avg") && c.types[0].OID == sqltype.OIDNumeric:
		return &winSumNumeric{arg: c.args[0], avg: name == "avg"}
	case (name == "sum" || name == "avg") && c.types[0].OID == sqltype.OIDInterval:
		return &winSumInterval{arg: c.args[0], avg: name == "avg"}
	}
	if l := newWinList(o, c); l != nil {
		return l
	}
	return &winAny{o: o, c: c}
}

// makeAggregate is the aggregate of GROUP BY for a call.
func makeAggregate(o *windowOp, c *windowCall) aggregator {
	return aggregators()[c.call.Fn.Kernel](aggCall{
		call:  &plan.AggCall{Out: c.call.Out, Fn: c.call.Fn, Args: c.call.Args, Rows: c.call.Rows},
		nargs: len(c.args), types: c.types, ctx: o.ctx,
	})
}

// winAny is any aggregate, which can only grow.
type winAny struct {
	o       *windowOp
	c       *windowCall
	agg     aggregator
	args    []*vector.Vector
	groups  []int32
	charged int64
}

func (s *winAny) reset() {
	s.agg = nil
	s.o.rows.mem.Shrink(s.charged)
	s.charged = 0
}

func (s *winAny) open() {
	if s.agg == nil {
		s.agg = makeAggregate(s.o, s.c)
		s.agg.grow(1)
	}
}

func (s *winAny) add(b *rowBlock, rows []int32) error {
	s.open()
	if s.groups == nil {
		s.groups = make([]int32, vector.BatchRows)
	}
	s.args = s.args[:0]
	for _, place := range s.c.args {
		s.args = append(s.args, b.cols[place])
	}
	if err := s.agg.add(s.groups[:len(rows)], rows, s.args); err != nil {
		return err
	}
	if now := s.agg.bytes(); now > s.charged+smallState {
		if err := s.o.rows.mem.Grow(now - s.charged); err != nil {
			return err
		}
		s.charged = now
	}
	return nil
}

// smallState is what a state may hold without being charged, so that not every row asks the budget.
const smallState = 4 << 10

func (s *winAny) result(out *vector.Vector, at int) error {
	s.open()
	v, err := s.agg.result(0)
	if err != nil {
		return err
	}
	out.SetValue(at, v)
	return nil
}
