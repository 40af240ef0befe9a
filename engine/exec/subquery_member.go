package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// membership answers x = ANY (…) and x <> ALL (…), also of rows, over rows that are the same for every outer row: x is looked up among
// those that have no null. Rows with nulls may still make the answer unknown.
type membership struct {
	unequal bool        // <> ALL
	left    []plan.Expr // x
	right   []plan.Expr // what is compared with it
	types   []sqltype.Type
	outer   []*eval.Program
	inner   computed
	mem     *memory
	limit   int64

	rows     *seenRows
	nulls    *Spool       // the subquery's rows that compare a null, where several columns are compared
	others   *Spool       // and the other ones
	masks    *memberMasks // both by the columns that are not null; nil: there is no room for that
	hasNull  bool
	nonEmpty bool
	filled   bool
	key      vector.Batch
	full     []int32 // rows of a batch without nulls
	some     []int32
}

// membershipOf is nil for a test that is not made of equalities of something outer and something of the plan.
func membershipOf(q *plan.Subquery) *membership {
	var m membership
	op, logic := "=", plan.And
	switch q.Kind {
	case plan.Any:
	case plan.All:
		m.unequal, op, logic = true, "<>", plan.Or
	default:
		return nil
	}
	tests := []plan.Expr{q.Test}
	if l, ok := q.Test.(*plan.Logic); ok && l.Op == logic {
		tests = l.Args
	}
	own := plan.IDsOf(q.Plan)
	for _, t := range tests {
		call, ok := t.(*plan.Call)
		if !ok || call.Op != op || call.Form != plan.FormOperator || len(call.Args) != 2 {
			return nil
		}
		x, y, ok := plan.HashPair(call)
		if !ok {
			return nil
		}
		if names(x, own) {
			x, y = y, x
		}
		if names(x, own) || !namesOnly(y, own) {
			return nil
		}
		m.left, m.right, m.types = append(m.left, x), append(m.right, y), append(m.types, y.Type())
	}
	return &m
}

// namesOnly reports an expression that reads columns of own and no others.
func namesOnly(e plan.Expr, own plan.Set) bool {
	refs := plan.Set{}
	plan.Refs(e, refs)
	for id := range refs {
		if !own.Has(id) {
			return false
		}
	}
	return len(refs) > 0
}

func (m *membership) prepare(b *builder, cols []plan.Column) error {
	var err error
	if m.outer, err = b.compileAll(m.left, nil); err != nil {
		return err
	}
	if m.inner, err = b.computed(m.right, cols); err != nil {
		return err
	}
	m.mem, err = b.memory()
	m.limit = b.mem.each()
	return err
}

func (m *membership) close() error {
	if m == nil {
		return nil
	}
	m.masks.release()
	err := m.rows.close()
	for _, s := range []*Spool{m.nulls, m.others} {
		if err2 := s.Close(); err == nil {
			err = err2
		}
	}
	m.rows, m.nulls, m.others, m.masks, m.filled = nil, nil, nil, nil, false
	return err
}

func (p *prepared) runMember(ctx *eval.Ctx, outer []sqltype.Value) (sqltype.Value, error) {
	m, c := p.member, ctx.Context
	if c == nil {
		c = p.rt.Context
	}
	copy(p.ctx.Outer, outer)
	p.ctx.Context = c
	if !m.filled {
		if err := p.fillMember(c); err != nil {
			_ = m.close()
			return sqltype.Value{}, err
		}
	}
	if !m.nonEmpty {
		return sqltype.Bool(m.unequal), nil
	}
	m.key.N, m.key.Cols = 1, m.key.Cols[:0]
	nulls := 0
	for _, x := range m.outer {
		v, _, err := x.Eval(p.ctx, exprBatch())
		if err != nil {
			return sqltype.Value{}, err
		}
		if v.IsNull(0) {
			nulls++
		}
		m.key.Cols = append(m.key.Cols, v)
	}
	unknown := nulls == len(m.outer)
	if nulls == 0 {
		has, err := m.rows.has(c, &m.key)
		if err != nil {
			return sqltype.Value{}, err
		}
		if has {
			return sqltype.Bool(!m.unequal), nil
		}
		unknown = m.hasNull && len(m.outer) == 1
	}
	if !unknown && len(m.outer) > 1 && (m.hasNull || nulls > 0) {
		var err error
		if unknown, err = p.unknown(c, nullMask(m.key.Cols, 0)); err != nil {
			return sqltype.Value{}, err
		}
	}
	if unknown {
		return sqltype.NullValue(), nil
	}
	return sqltype.Bool(m.unequal), nil
}

// scan reports whether the test is null for one of the rows. With a null on either side it decides for none.
func (p *prepared) scan(c context.Context, rows *Spool) (bool, error) {
	r := rows.Reader()
	defer r.Close()
	for {
		if err := c.Err(); err != nil {
			return false, err
		}
		b, err := r.Next()
		if b == nil || err != nil {
			return false, err
		}
		v, n, err := p.test.Eval(p.ctx, b)
		for i := range n {
			if v.IsNull(b.Row(i)) {
				return true, nil
			}
		}
		if err != nil {
			return false, err
		}
	}
}

// fillMember reads the subquery's rows.
func (p *prepared) fillMember(c context.Context) (err error) {
	m := p.member
	types := make([]sqltype.Type, len(p.cols))
	for i, col := range p.cols {
		types[i] = col.Type
	}
	m.nulls, m.others = newSpool(types, m.mem), newSpool(types, m.mem)
	if len(m.types) > 1 && len(m.types) <= mostMaskColumns {
		m.masks = newMemberMasks(m.mem, m.limit)
	}
	m.rows = newSeenRows(m.types, m.mem, m.limit, func() error {
		m.masks.release()
		m.masks = nil
		if err := m.nulls.yield(); err != nil {
			return err
		}
		return m.others.yield()
	})
	m.hasNull, m.nonEmpty = false, false
	p.opened = true
	if err := p.op.Open(p.rt.Context); err != nil {
		return err
	}
	defer func() {
		p.opened = false
		if err2 := p.op.Close(); err == nil {
			err = err2
		}
		m.filled = err == nil
	}()
	for {
		b, err := p.op.Next(c)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		m.nonEmpty = true
		cols, _, err := m.inner.eval(p.ctx, b)
		if err != nil {
			return err
		}
		if err := m.take(c, b, cols); err != nil {
			return err
		}
	}
	for {
		b, err := m.rows.settle(c)
		if b == nil || err != nil {
			return err
		}
	}
}

// take keeps the rows of b, of which cols are compared.
func (m *membership) take(c context.Context, b *vector.Batch, cols []*vector.Vector) error {
	m.full, m.some = m.full[:0], m.some[:0]
	for i := range b.Rows() {
		if row := b.Row(i); anyNull(cols, row) {
			m.some = append(m.some, int32(row))
		} else {
			m.full = append(m.full, int32(row))
		}
	}
	if len(m.some) > 0 {
		m.hasNull = true
		if len(cols) > 1 {
			if err := m.nulls.Append(&vector.Batch{Cols: b.Cols, N: b.N, Sel: m.some}); err != nil {
				return err
			}
		}
	}
	if len(m.full) == 0 {
		return nil
	}
	if len(cols) > 1 {
		if err := m.others.Append(&vector.Batch{Cols: b.Cols, N: b.N, Sel: m.full}); err != nil {
			return err
		}
	}
	_, err := m.rows.add(c, &vector.Batch{Cols: cols, N: b.N, Sel: m.full})
	return err
}
