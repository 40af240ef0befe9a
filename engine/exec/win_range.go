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
}

// rangeBound compiles the test of a bound; nil where the bound has no offset. For the first row of a frame in_range says that a row
// is late enough, for the last one that it is early enough (nodeWindowAgg.c, update_frameheadpos and update_frametailpos).
func (b *builder) rangeBound(n *plan.Window, offset plan.Expr, fn *builtin.Function, kind plan.BoundKind, end bool) (*rangeBound, error) {
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
	boolean := sqltype.Of(sqltype.OIDBool)
	cols := []plan.Column{{ID: 1, Type: r.types[0]}, {ID: 2, Type: r.types[0]}, {ID: 3, Type: r.types[1]}}
	args := make([]plan.Expr, 0, 5)
	for _, c := range cols {
		args = append(args, &plan.ColRef{ID: c.ID, T: c.Type})
	}
	args = append(args, &plan.Const{Value: sqltype.Bool(sub), T: boolean}, &plan.Const{Value: sqltype.Bool(less), T: boolean})
	var err error
	r.test, err = b.compile(&plan.Call{Fn: fn, Args: args, T: boolean}, cols)
	return r, err
}

// holds applies in_range to two rows of the partition.
func (r *rangeBound) holds(ctx *eval.Ctx, value, base sqltype.Value) (bool, error) {
	v, _, err := r.test.Eval(ctx, &vector.Batch{N: 1, Cols: []*vector.Vector{
		vector.NewConstant(r.types[0], value, 1), vector.NewConstant(r.types[0], base, 1), vector.NewConstant(r.types[1], r.offset, 1),
	}})
	if err != nil {
		return false, err
	}
	return !v.IsNull(0) && v.Value(0).I != 0, nil
}

// ranges finds the frames of all rows of the partition. Both ends only move forward, since the rows are in order.
func (p *partition) ranges() error {
	o := p.o
	if o.startRange == nil && o.endRange == nil {
		return nil
	}
	key := o.ncols + len(o.node.Partition)
	nullsFirst := o.node.Order[0].NullsFirst
	p.from, p.to = make([]int, p.rows()), make([]int, p.rows())
	head, tail := 0, 0
	for row := range p.rows() {
		if row&255 == 0 {
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
		base := p.value(key, row)
		for ; o.startRange != nil && head < p.rows(); head++ {
			v := p.value(key, head)
			if v.Null || base.Null { // nulls are in range of nulls only
				if nullsFirst && (!v.Null || base.Null) || !nullsFirst && (v.Null || !base.Null) {
					break
				}
				continue
			}
			if ok, err := o.startRange.holds(o.ctx, v, base); ok || err != nil {
				if err != nil {
					return err
				}
				break
			}
		}
		for ; o.endRange != nil && tail < p.rows(); tail++ {
			v := p.value(key, tail)
			if v.Null || base.Null {
				if nullsFirst && !v.Null || !nullsFirst && !base.Null {
					break
				}
				continue
			}
			if ok, err := o.endRange.holds(o.ctx, v, base); !ok || err != nil {
				if err != nil {
					return err
				}
				break
			}
		}
		p.from[row], p.to[row] = head, tail
	}
	return nil
}
