package exec

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowFunctions maps the window kernels of catalog/builtin's list to their code (PostgreSQL documentation, section 9.22).
func windowFunctions() map[string]func(c *windowCall) windowEval { return windowTable }

var windowTable = map[string]func(c *windowCall) windowEval{
	"window_row_number":                   func(*windowCall) windowEval { return rowFunc(winRowNumber) },
	"window_rank":                         func(*windowCall) windowEval { return rowFunc(winRank) },
	"window_dense_rank":                   func(*windowCall) windowEval { return &winDenseRank{} },
	"window_percent_rank":                 func(*windowCall) windowEval { return rowFunc(winPercentRank) },
	"window_cume_dist":                    func(*windowCall) windowEval { return rowFunc(winCumeDist) },
	"window_ntile":                        func(c *windowCall) windowEval { return &winNtile{place: c.args[0]} },
	"window_lag":                          winShift(-1),
	"window_lag_with_offset":              winShift(-1),
	"window_lag_with_offset_and_default":  winShift(-1),
	"window_lead":                         winShift(1),
	"window_lead_with_offset":             winShift(1),
	"window_lead_with_offset_and_default": winShift(1),
	"window_first_value":                  winFrameValue(func(*partition, int) (int64, bool, error) { return 1, true, nil }),
	"window_last_value":                   winFrameValue(func(*partition, int) (int64, bool, error) { return -1, true, nil }),
	"window_nth_value":                    winNth,
}

// rowFunc computes results from the places of rows alone.
type rowFunc func(p *partition, from, to int, out *vector.Vector)

func (f rowFunc) begin(*partition) {}

func (f rowFunc) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	f(p, from, to, out)
	return to - from, nil
}

func winRowNumber(p *partition, from, to int, out *vector.Vector) {
	dst := tail(out, to-from)
	number := int64(from - p.lo)
	for i := range dst {
		number++
		dst[i] = number
	}
}

func winRank(p *partition, from, to int, out *vector.Vector) {
	lo, _ := p.groups()
	dst := tail(out, to-from)
	for i := range dst {
		dst[i] = int64(lo[i] - p.lo + 1)
	}
}

// tail adds n integers to out.
func tail(out *vector.Vector, n int) []int64 {
	at := out.Extend(n)
	return out.I64[at : at+n]
}

func floatTail(out *vector.Vector, n int) []float64 {
	at := out.Extend(n)
	return out.F64[at : at+n]
}

func winPercentRank(p *partition, from, to int, out *vector.Vector) {
	lo, _ := p.groups()
	dst := floatTail(out, to-from)
	for i := range dst {
		dst[i] = 0
		if n := p.hi - p.lo; n > 1 {
			dst[i] = float64(lo[i]-p.lo) / float64(n-1)
		}
	}
}

func winCumeDist(p *partition, from, to int, out *vector.Vector) {
	_, hi := p.groups()
	dst := floatTail(out, to-from)
	for i := range dst {
		dst[i] = float64(hi[i]-p.lo) / float64(p.hi-p.lo)
	}
}

// winDenseRank counts the peer groups.
type winDenseRank struct {
	rank int64
	lo   int
}

func (w *winDenseRank) begin(*partition) { w.rank, w.lo = 0, -1 }

func (w *winDenseRank) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	lo, _ := p.groups()
	dst := tail(out, to-from)
	for i := range dst {
		if lo[i] != w.lo {
			w.lo = lo[i]
			w.rank++
		}
		dst[i] = w.rank
	}
	return len(dst), nil
}

// winNtile divides a partition. Its argument is that of the first row where it is not null, from which on rows are counted (window_ntile).
type winNtile struct {
	place   int
	buckets int64
	first   int
}

func (w *winNtile) begin(*partition) { w.buckets = 0 }

func (w *winNtile) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	for row := from; row < to; row++ {
		at := out.Grow()
		if w.buckets == 0 {
			v, err := p.value(w.place, row)
			switch {
			case err != nil:
				return row - from, err
			case v.Null:
				out.SetNull(at)
				continue
			case v.I <= 0:
				return row - from, pgerr.New(pgerr.InvalidArgumentForNtile, "argument of ntile must be greater than zero")
			}
			w.buckets, w.first = v.I, row
		}
		// The first buckets have one row more.
		rows, k := int64(p.hi-p.lo), int64(row-w.first)
		size, larger := rows/w.buckets, rows%w.buckets
		if k < larger*(size+1) {
			k /= size + 1
		} else {
			k = larger + (k-larger*(size+1))/max(size, 1)
		}
		out.I32[at] = int32(k + 1)
	}
	return to - from, nil
}

// shift is lag (sign -1) and lead (1): value, offset and default are its arguments; the frame does not matter.
type shift struct {
	c    *windowCall
	sign int64
}

func winShift(sign int64) func(c *windowCall) windowEval {
	return func(c *windowCall) windowEval { return &shift{c, sign} }
}

func (s *shift) begin(*partition) {}

func (s *shift) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	targets, defaults := p.targets[:0], false
	var failed error
	for row := from; row < to; row++ {
		offset, known := int64(1), true
		if len(s.c.args) > 1 {
			v, err := p.value(s.c.args[1], row)
			if err != nil {
				failed = err
				break
			}
			offset, known = v.I, !v.Null
		}
		at := int64(row) + s.sign*offset
		switch {
		case !known:
			targets = append(targets, nullRow)
		case at >= int64(p.lo) && at < int64(p.hi):
			targets = append(targets, int(at))
		case len(s.c.args) > 2:
			targets = append(targets, defaultRow)
			defaults = true
		default:
			targets = append(targets, nullRow)
		}
	}
	p.targets = targets
	for i := 0; i < len(targets); {
		j := i
		if !defaults {
			j = len(targets)
		}
		for j < len(targets) && targets[j] != defaultRow {
			j++
		}
		if done, err := p.copy(s.c.args[0], from+i, targets[i:j], out); err != nil {
			return i + done, err
		}
		i = j
		for j < len(targets) && targets[j] == defaultRow {
			targets[j] = from + j
			j++
		}
		if i < j {
			if done, err := p.copy(s.c.args[2], from+i, targets[i:j], out); err != nil {
				return i + done, err
			}
		}
		i = j
	}
	return len(targets), failed
}

const (
	nullRow    = -1
	defaultRow = -2
)

// copy adds a column's values at the rows of targets to out; row is any row. With an error it tells for how many targets before.
func (p *partition) copy(place, row int, targets []int, out *vector.Vector) (done int, err error) {
	for done < len(targets) {
		b, err := p.o.rows.block(row)
		if err != nil {
			return done, err
		}
		var col *vector.Vector
		lo, hi := b.base, b.base+b.n // rows of which col has the values
		if place < len(p.o.types) {
			col = b.cols[place]
		}
		sel := p.sel[:0]
		for _, t := range targets[done:] {
			if t == nullRow {
				sel = append(sel, -1)
				continue
			}
			if !b.holds(t) {
				row = t
				break
			}
			if col == nil {
				m, err2 := p.o.lateAt(&b, place, t-b.base)
				if err2 != nil {
					err = err2
					break
				}
				col, lo, hi = m.col, b.base+m.from, b.base+m.to
			}
			if t < lo || t >= hi {
				break
			}
			sel = append(sel, int32(t-b.base))
		}
		p.sel = sel
		done += len(sel)
		if col != nil {
			out.AppendSel(col, sel, len(sel))
		} else {
			for range sel {
				out.SetNull(out.Grow())
			}
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// frameValue is first_value, last_value and nth_value: the value at the n-th row of the frame, from its end if n is negative.
type frameValue struct {
	c *windowCall
	n func(p *partition, row int) (n int64, known bool, err error)
}

func winFrameValue(n func(*partition, int) (int64, bool, error)) func(c *windowCall) windowEval {
	return func(c *windowCall) windowEval { return &frameValue{c, n} }
}

func winNth(c *windowCall) windowEval {
	return &frameValue{c, func(p *partition, row int) (int64, bool, error) {
		v, err := p.value(c.args[1], row)
		if err != nil || v.Null {
			return 0, false, err
		}
		if v.I <= 0 {
			return 0, false, pgerr.New(pgerr.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero")
		}
		return v.I, true, nil
	}}
}

func (f *frameValue) begin(*partition) {}

func (f *frameValue) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	starts, ends, failed := p.frames(to - from)
	targets := p.targets[:0]
	for row := from; row < from+len(starts); row++ {
		n, known, err := f.n(p, row)
		if err != nil {
			failed = err
			break
		}
		target := nullRow
		if known {
			target = p.inFrame(row, starts[row-from], ends[row-from], n)
		}
		targets = append(targets, target)
	}
	p.targets = targets
	if done, err := p.copy(f.c.args[0], from, targets, out); err != nil {
		return done, err
	}
	return len(targets), failed
}

// inFrame is the n-th row of a row's frame from the front, or from the back if n is negative; nullRow where there is none.
func (p *partition) inFrame(row, from, to int, n int64) int {
	if p.o.frame.Exclude == plan.ExcludeTies && (row < from || row >= to) {
		return p.inFrameElsewhere(row, from, to, n)
	}
	var buf [3]stretch
	pieces := p.pieces(buf[:0], row, from, to)
	if n < 0 {
		for k := len(pieces) - 1; k >= 0; k-- {
			s := pieces[k]
			if size := int64(s.to - s.from); size < -n {
				n += size
				continue
			}
			return s.to + int(n)
		}
		return nullRow
	}
	for _, s := range pieces {
		if size := int64(s.to - s.from); size < n {
			n -= size
			continue
		}
		return s.from + int(n) - 1
	}
	return nullRow
}

// inFrameElsewhere is inFrame with EXCLUDE TIES for a row that is not in its own frame. WinGetFuncArgInFrame takes it for the one of its peers
// that stays: the first place of theirs in the frame is the row's, which is then found to be none, and those behind come one place later.
func (p *partition) inFrameElsewhere(row, from, to int, n int64) int {
	lo, hi, _ := p.excluded(row)
	pos := int64(from) + n - 1
	if n < 0 {
		pos = int64(to) + n
	}
	switch first, last := int64(max(lo, from)), int64(min(hi, to))-1; {
	case lo >= to || hi <= from:
	case n > 0 && pos == first, n < 0 && pos == last:
		return nullRow
	case n > 0 && pos > first:
		pos += int64(hi) - first - 1
	case n < 0 && pos < last:
		pos -= last - int64(lo)
	}
	if pos < int64(from) || pos >= int64(to) || pos >= int64(lo) && pos < int64(hi) {
		return nullRow
	}
	return int(pos)
}
