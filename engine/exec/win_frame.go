package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowFrameBounds says where the frames of rows begin and end.
type windowFrameBounds struct {
	plan.Frame
	startOffset, endOffset *eval.Program
	startRange, endRange   *rangeBound // of a RANGE frame with offsets
	start, end             int64       // offsets in rows or groups
}

func (b *builder) frameBounds(n *plan.Window, order []sortColumn) (windowFrameBounds, error) {
	f := windowFrameBounds{Frame: n.Frame}
	var err error
	if f.startRange, err = b.rangeBound(n, order, n.Frame.StartOffset, n.Frame.InRangeStart, n.Frame.Start, false); err != nil {
		return f, err
	}
	if f.endRange, err = b.rangeBound(n, order, n.Frame.EndOffset, n.Frame.InRangeEnd, n.Frame.End, true); err != nil {
		return f, err
	}
	f.startOffset, f.endOffset, err = b.boundPrograms(n.Frame.StartOffset, n.Frame.EndOffset)
	return f, err
}

// begin evaluates the offsets, which PostgreSQL does before it reads a row.
func (f *windowFrameBounds) begin(ctx *eval.Ctx) error {
	var err error
	if f.start, err = frameOffset(ctx, f.startOffset, f.startRange, "starting"); err != nil {
		return err
	}
	f.end, err = frameOffset(ctx, f.endOffset, f.endRange, "ending")
	return err
}

// frameOffset evaluates an offset: a number of rows or groups, or a distance, which goes to r and which in_range judges.
func frameOffset(ctx *eval.Ctx, p *eval.Program, r *rangeBound, which string) (int64, error) {
	if p == nil {
		return 0, nil
	}
	v, err := one(ctx, p)
	if err != nil {
		return 0, err
	}
	if v.Null {
		return 0, pgerr.Newf(pgerr.NullValueNotAllowed, "frame %s offset must not be null", which)
	}
	if r != nil {
		r.setOffset(v)
		return 0, nil
	}
	if v.I < 0 {
		return 0, pgerr.Newf(pgerr.InvalidPrecedingOrFollowingSize, "frame %s offset must not be negative", which)
	}
	return v.I, nil
}

// partition is the partition whose rows are being computed, and of a segment of it what several calls ask.
type partition struct {
	o      *windowOp
	ctx    context.Context
	lo, hi int
	over   bool // no more of its rows are wanted

	from, to int // the segment
	framed   bool
	starts   []int // of each row's frame
	ends     []int
	unframed error // why the row after those has none
	grouped  bool
	groupLo  []int // the peer group of each row
	groupHi  []int

	peerLo, peerHi int          // the group of the last row looked at
	first, last    [2]groupWalk // of frames' starts and ends: where the rows' groups are, and where the frames'
	head, tail     int          // of a RANGE frame with offsets
	sel            []int32
	targets        []int
}

// groupWalk goes forward from one peer group to the next.
type groupWalk struct{ number, lo int }

// begin starts at the partition of a row.
func (p *partition) begin(o *windowOp, row int) {
	p.o, p.lo, p.over = o, row, false
	p.hi = o.rows.first.next(row+1, o.rows.n)
	p.peerLo, p.peerHi = row, row
	p.first, p.last = [2]groupWalk{{0, row}, {0, row}}, [2]groupWalk{{0, row}, {0, row}}
	p.head, p.tail = row, row
	p.from, p.to = row, row
}

// segment is the rows that are computed next.
func (p *partition) segment(from, to int) {
	p.from, p.to, p.framed, p.grouped = from, to, false, false
}

// groups finds the peer groups of the segment's rows.
func (p *partition) groups() (lo, hi []int) {
	if p.grouped {
		return p.groupLo, p.groupHi
	}
	n := p.to - p.from
	p.groupLo, p.groupHi, p.grouped = lengthened(p.groupLo, n), lengthened(p.groupHi, n), true
	for i := range n {
		row := p.from + i
		if row >= p.peerHi {
			p.peerLo, p.peerHi = row, p.o.rows.peers.next(row+1, p.hi)
		}
		p.groupLo[i], p.groupHi[i] = p.peerLo, p.peerHi
	}
	return p.groupLo, p.groupHi
}

func lengthened(s []int, n int) []int {
	if cap(s) < n {
		return make([]int, n)
	}
	return s[:n]
}

// frames finds the frames of the segment's first n rows before exclusion: row i's is [from[i], to[i]). Both ends only move forward in a
// partition. Where a row's frame cannot be found, err says why, and the frames are of the rows before.
func (p *partition) frames(n int) (from, to []int, err error) {
	if !p.framed {
		n := p.to - p.from
		p.starts, p.ends = lengthened(p.starts, n), lengthened(p.ends, n)
		f := &p.o.frame
		n, p.unframed = p.bounds(p.starts, f.Start, f.start, f.startRange, false)
		if m, err := p.bounds(p.ends[:n], f.End, f.end, f.endRange, true); err != nil {
			n, p.unframed = m, err
		}
		p.starts, p.ends, p.framed = p.starts[:n], p.ends[:n], true
		for i := range p.ends {
			p.ends[i] = max(p.starts[i], p.ends[i])
		}
	}
	if n > len(p.starts) {
		return p.starts, p.ends, p.unframed
	}
	return p.starts[:n], p.ends[:n], nil
}

// bounds finds one end of the frames. With an error it tells of how many before.
func (p *partition) bounds(out []int, kind plan.BoundKind, offset int64, r *rangeBound, end bool) (int, error) {
	switch {
	case kind == plan.UnboundedPreceding || kind == plan.UnboundedFollowing:
		at := p.lo
		if kind == plan.UnboundedFollowing {
			at = p.hi
		}
		for i := range out {
			out[i] = at
		}
		return len(out), nil
	case r != nil:
		return p.ranges(out, r, end)
	}
	step := 0
	switch kind {
	case plan.OffsetPreceding:
		step = -int(min(offset, int64(p.hi-p.lo)))
	case plan.OffsetFollowing:
		step = int(min(offset, int64(p.hi-p.lo)))
	}
	if end {
		step++
	}
	if p.o.frame.Mode == plan.FrameRows {
		for i := range out {
			out[i] = max(p.lo, min(p.hi, p.from+i+step))
		}
		return len(out), nil
	}
	lo, hi := p.groups()
	switch step {
	case 0:
		copy(out, lo)
	case 1:
		copy(out, hi)
	default:
		p.groupBounds(out, lo, step, end)
	}
	return len(out), nil
}

// groupBounds finds where the group begins that is step groups away from each row's.
func (p *partition) groupBounds(out, groupLo []int, step int, end bool) {
	walks := &p.first
	if end {
		walks = &p.last
	}
	cur, w := &walks[0], &walks[1]
	for i, lo := range groupLo {
		if lo != cur.lo {
			cur.lo = lo
			cur.number++
		}
		for w.number < cur.number+step && w.lo < p.hi {
			w.lo = p.o.rows.peers.next(w.lo+1, p.hi)
			w.number++
		}
		out[i] = w.lo
	}
}

// excluded is what EXCLUDE takes out of a row's frame: rows [lo, hi), but the row itself where keep is set.
func (p *partition) excluded(row int) (lo, hi int, keep bool) {
	switch p.o.frame.Exclude {
	case plan.ExcludeCurrentRow:
		return row, row + 1, false
	case plan.ExcludeGroup, plan.ExcludeTies:
		l, h := p.groups()
		return l[row-p.from], h[row-p.from], p.o.frame.Exclude == plan.ExcludeTies
	}
	return row, row, false
}

// stretch is some rows one after another.
type stretch struct{ from, to int }

// pieces are the rows [from, to) of a row's frame without those that are excluded.
func (p *partition) pieces(buf []stretch, row, from, to int) []stretch {
	lo, hi, keep := p.excluded(row)
	if lo == hi {
		return append(buf, stretch{from, to})
	}
	if s := (stretch{from, min(to, lo)}); s.from < s.to {
		buf = append(buf, s)
	}
	if keep && row >= from && row < to {
		buf = append(buf, stretch{row, row + 1})
	}
	if s := (stretch{max(from, hi), to}); s.from < s.to {
		buf = append(buf, s)
	}
	return buf
}

// value is a column's value at a row.
func (p *partition) value(place, row int) (sqltype.Value, error) {
	b, err := p.o.rows.block(row)
	if err != nil {
		return sqltype.Value{}, err
	}
	i := row - b.base
	col, _, err := p.o.ready(&b, place, p.o.places[i:i+1])
	if err != nil {
		return sqltype.Value{}, err
	}
	return col.Value(i), nil
}
