package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// frameExtreme is min and max over frames whose ends only move forward. It keeps the rows that may still become the best, each better than
// those behind it, so that every row comes and goes once. Where frames never lose a row that is the best row alone.
//
// Of equal values that print differently (1.0 and 1.00) PostgreSQL takes the last, of char(n) the first.
type frameExtreme struct {
	o        *windowOp
	c        *windowCall
	typ      sqltype.Type
	sign     int
	first    bool // of equal values the first
	words    bool // values are compared as loadWord's numbers
	growing  bool
	head     int
	best     []candidate
	from, to int
	since    int
	pick     []int32
	refused  error // what comparing two values gives (json[])
	bytes    int64 // of the candidates' values
	held     int64 // the most of them that was charged
	charged  int64
}

// candidate is a row that may be the best.
type candidate struct {
	row  int
	word uint64
	val  sqltype.Value
}

// candidateBytes is a candidate's size without the bytes of its value.
const candidateBytes = 120

func (c *candidate) bytes() int64 { return int64(len(c.val.S) + len(c.val.Num.Ext)) }

// newFrameExtreme is nil for calls that are no min or max, and for frames with holes.
func newFrameExtreme(o *windowOp, c *windowCall) windowEval {
	sign := map[string]int{"min": -1, "max": 1}[c.call.Fn.Name]
	if sign == 0 || o.frame.Exclude != plan.ExcludeNoOthers {
		return nil
	}
	t := c.types[0]
	return &frameExtreme{
		o: o, c: c, typ: t, sign: sign, first: t.OID == sqltype.OIDBPChar, words: formOf(t) == formWord, refused: eval.CheckOrder(t),
		growing: o.frame.Start == plan.UnboundedPreceding,
	}
}

func (e *frameExtreme) begin(*partition) { e.forget(0) }

func (e *frameExtreme) forget(row int) {
	clear(e.best)
	e.best, e.head, e.bytes, e.from, e.to = e.best[:0], 0, 0, row, row
}

func (e *frameExtreme) release() {
	e.o.rows.mem.Shrink(e.charged)
	e.best, e.head, e.bytes, e.held, e.charged = nil, 0, 0, 0, 0
}

func (e *frameExtreme) failedAt() int { return e.to }

func (e *frameExtreme) add(p *partition, from, to int, out *vector.Vector) (int, error) {
	starts, ends, failed := p.frames(to - from)
	targets := p.targets[:0]
	for i := range starts {
		if starts[i] >= e.to {
			e.forget(starts[i])
		}
		var err error
		for err == nil && e.to < ends[i] {
			err = e.take(p, ends[i])
		}
		if err != nil {
			failed = err
			break
		}
		for e.head < len(e.best) && e.best[e.head].row < starts[i] {
			e.drop(e.head)
			e.head++
		}
		target := nullRow
		if e.head < len(e.best) {
			target = e.best[e.head].row
		}
		targets = append(targets, target)
	}
	p.targets = targets
	done, err := p.copy(e.c.args[0], from, targets, out)
	if err == nil {
		err = failed
	}
	return done, err
}

// take looks at the next rows, up to the end of their block.
func (e *frameExtreme) take(p *partition, to int) error {
	b, err := p.o.rows.block(e.to)
	if err != nil {
		return err
	}
	to = min(to, b.base+b.n)
	if e.since += to - e.to; e.since > lookRows {
		e.since = 0
		if err := p.ctx.Err(); err != nil {
			return err
		}
	}
	for rows := p.o.places[e.to-b.base : to-b.base]; len(rows) > 0; {
		n, pick := len(rows), rows
		if e.c.filter >= 0 {
			e.to = b.base + int(rows[0])
			filter, k, err := p.o.ready(&b, e.c.filter, rows)
			if err != nil {
				return err
			}
			e.pick = passing(e.pick[:0], filter, rows[:k])
			n, pick = k, e.pick
		}
		for len(pick) > 0 {
			e.to = b.base + int(pick[0])
			v, k, err := p.o.ready(&b, e.c.args[0], pick)
			if err != nil {
				return err
			}
			for _, r := range pick[:k] {
				if v.IsNull(int(r)) {
					continue
				}
				e.to = b.base + int(r)
				if err := e.consider(v, int(r)); err != nil {
					return err
				}
			}
			pick = pick[k:]
		}
		rows = rows[n:]
	}
	e.to = to
	return nil
}

func (e *frameExtreme) consider(v *vector.Vector, i int) error {
	if e.refused != nil && e.head < len(e.best) {
		return e.refused
	}
	c := candidate{row: e.to}
	if e.words {
		c.word = wordAt(v, i, e.typ)
	} else {
		c.val = v.Value(i)
	}
	if e.growing {
		if len(e.best) == 0 {
			e.best = append(e.best, c)
		} else if e.replaces(&c, &e.best[0]) {
			e.best[0] = c
		}
		return nil
	}
	for len(e.best) > e.head && e.replaces(&c, &e.best[len(e.best)-1]) {
		e.drop(len(e.best) - 1)
		e.best = e.best[:len(e.best)-1]
	}
	if e.head >= vector.InitialRows && e.head > len(e.best)/2 {
		n := copy(e.best, e.best[e.head:])
		clear(e.best[n:])
		e.best, e.head = e.best[:n], 0
	}
	if err := e.charge(&c); err != nil {
		return err
	}
	e.best = append(e.best, c)
	e.bytes += c.bytes()
	return nil
}

// drop gives up the value of a candidate that goes.
func (e *frameExtreme) drop(i int) {
	e.bytes -= e.best[i].bytes()
	e.best[i] = candidate{}
}

// charge takes what one more candidate needs.
func (e *frameExtreme) charge(c *candidate) error {
	more := int64(0)
	if len(e.best) == cap(e.best) && cap(e.best) > smallState/candidateBytes {
		more = int64(cap(e.best)) * candidateBytes
	}
	held := e.held
	if now := e.bytes + c.bytes(); now > held+smallState {
		held = now
	}
	if err := e.o.rows.mem.Grow(more + held - e.held); err != nil {
		return err
	}
	e.charged += more + held - e.held
	e.held = held
	return nil
}

// replaces reports whether a row makes an earlier one needless.
func (e *frameExtreme) replaces(c, old *candidate) bool {
	r := 0
	switch {
	case !e.words:
		r = sqltype.Compare(e.typ, c.val, old.val)
	case c.word < old.word:
		r = -1
	case c.word > old.word:
		r = 1
	}
	if r == 0 {
		return !e.first
	}
	return r*e.sign > 0
}

// wordAt is loadWord for one row that is not null.
func wordAt(v *vector.Vector, i int, t sqltype.Type) uint64 {
	switch v.Kind {
	case sqltype.KindInt32:
		return signed(int64(v.I32[i]))
	case sqltype.KindInt64:
		if t.OID == sqltype.OIDXID8 {
			return uint64(v.I64[i])
		}
		return signed(v.I64[i])
	case sqltype.KindFloat64:
		return orderedFloat(v.F64[i])
	case sqltype.KindFloat32:
		return orderedFloat32(v.F32[i])
	case sqltype.KindInt16:
		return signed(int64(v.I16[i]))
	}
	if v.Bools[i] {
		return 1
	}
	return 0
}
