package exec

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// rangeBound is one end of a RANGE frame with an offset: in_range(value, base, offset, sub, less) of the order's type.
type rangeBound struct {
	test   *eval.Program
	types  [2]sqltype.Type // of the order key and of the offset
	offset sqltype.Value
	place  int // of the order key
	sub    bool
	less   bool
	first  bool // nulls first
	plain  bool // integers, whose in_range is an addition and a comparison
	batch  *vector.Batch
}

// rangeBound compiles the test of a bound; nil where the bound has no offset. For the first row of a frame in_range says that a row
// is late enough, for the last one that it is early enough (nodeWindowAgg.c, update_frameheadpos and update_frametailpos).
func (b *builder) rangeBound(n *plan.Window, order []sortColumn, offset plan.Expr, fn *builtin.Function, kind plan.BoundKind, end bool) (*rangeBound, error) {
	if offset == nil || n.Frame.Mode != plan.FrameRange {
		return nil, nil
	}
	if fn == nil || len(n.Order) != 1 {
		return nil, pgerr.Internal("a RANGE frame without its in_range function")
	}
	r := &rangeBound{types: [2]sqltype.Type{n.Order[0].Expr.Type(), offset.Type()}}
	sub, less := kind == plan.OffsetPreceding, end
	if n.Order[0].Desc {
		sub, less = !sub, !less
	}
	r.place, r.first, r.sub, r.less = order[0].col, order[0].first, sub, less
	boolean := sqltype.Of(sqltype.OIDBool)
	cols := []plan.Column{{ID: 1, Type: r.types[0]}, {ID: 2, Type: r.types[0]}, {ID: 3, Type: r.types[1]}}
	args := make([]plan.Expr, 0, 5)
	for _, c := range cols {
		args = append(args, &plan.ColRef{ID: c.ID, T: c.Type})
	}
	args = append(args, &plan.Const{Value: sqltype.Bool(sub), T: boolean}, &plan.Const{Value: sqltype.Bool(less), T: boolean})
	r.batch = newOutput([]sqltype.Type{r.types[0], r.types[0], r.types[1]})
	var err error
	r.test, err = b.compile(&plan.Call{Fn: fn, Args: args, T: boolean}, cols)
	return r, err
}

// setOffset takes the offset once it is known.
func (r *rangeBound) setOffset(v sqltype.Value) {
	r.offset = v
	r.plain = v.I >= 0 && isInteger(r.types[0]) && isInteger(r.types[1])
}

func isInteger(t sqltype.Type) bool {
	return t.OID == sqltype.OIDInt2 || t.OID == sqltype.OIDInt4 || t.OID == sqltype.OIDInt8
}

// holds applies in_range to the order keys of two rows, neither null.
func (r *rangeBound) holds(ctx *eval.Ctx, value, base sqltype.Value) (bool, error) {
	if r.plain { // in_range_int8_int8 and its kin
		offset := r.offset.I
		if r.sub {
			offset = -offset
		}
		sum := base.I + offset
		switch {
		case (sum > base.I) != (offset > 0) && offset != 0:
			return r.sub != r.less, nil
		case r.less:
			return value.I <= sum, nil
		}
		return value.I >= sum, nil
	}
	for i, v := range []sqltype.Value{value, base, r.offset} {
		r.batch.Cols[i].Reset(1)
		r.batch.Cols[i].SetValue(0, v)
	}
	r.batch.N = 1
	v, _, err := r.test.Eval(ctx, r.batch)
	if err != nil {
		return false, err
	}
	return !v.IsNull(0) && v.Value(0).I != 0, nil
}

// ranges finds one end of the frames. It only moves forward, since the rows are in order. With an error it tells of how many before.
func (p *partition) ranges(out []int, r *rangeBound, end bool) (int, error) {
	at := &p.head
	if end {
		at = &p.tail
	}
	for i := range out {
		if i&255 == 0 {
			if err := p.ctx.Err(); err != nil {
				return i, err
			}
		}
		base, err := p.value(r.place, p.from+i)
		if err != nil {
			return i, err
		}
		for ; *at < p.hi; *at++ {
			v, err := p.value(r.place, *at)
			if err != nil {
				return i, err
			}
			passed, err := r.passed(p.o.ctx, v, base, end)
			if err != nil {
				return i, err
			}
			if !passed {
				break
			}
		}
		out[i] = *at
	}
	return len(out), nil
}

// passed reports whether a bound goes past a row: one that is before the frame's first, or not behind its last. Nulls are in range of
// nulls only.
func (r *rangeBound) passed(ctx *eval.Ctx, v, base sqltype.Value, end bool) (bool, error) {
	if v.Null || base.Null {
		switch {
		case end && r.first:
			return v.Null, nil
		case end:
			return base.Null, nil
		case r.first:
			return v.Null && !base.Null, nil
		}
		return !v.Null && base.Null, nil
	}
	ok, err := r.holds(ctx, v, base)
	return ok == end, err
}
