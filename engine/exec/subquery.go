package exec

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// subqueries prepares the subqueries of one scope's expressions (eval.SubqueryRunner).
type subqueries struct{ b *builder }

// memoEntries bounds how many results of a correlated subquery are remembered; memoBytes bounds a key.
const (
	memoEntries = 4096
	memoBytes   = 256
)

// Prepare implements eval.SubqueryRunner.
func (s *subqueries) Prepare(q *plan.Subquery, free []plan.ColID) (eval.PreparedSubquery, error) {
	outer := make(map[plan.ColID]int, len(free))
	for i, id := range free {
		outer[id] = i
	}
	constant := s.b.constant(q.Plan)
	var member *membership
	if constant {
		member = membershipOf(q)
	}
	inner := &builder{
		rt: s.b.rt, mem: s.b.mem, ctes: s.b.ctes, work: s.b.work, shared: s.b.shared, outer: outer, cleanup: s.b.cleanup,
		again: !constant || q.Test != nil && member == nil,
		ctx:   &eval.Ctx{Env: s.b.rt.Env, Mem: s.b.rt.Budget, Outer: make([]sqltype.Value, len(free))},
	}
	op, err := inner.build(q.Plan)
	if err != nil {
		return nil, err
	}
	p := &prepared{q: q, op: op, ctx: inner.ctx, rt: s.b.rt, cols: q.Plan.Columns(), constant: constant}
	p.varies = s.b.readsVarying(q.Plan)
	p.memoize = !plan.IsVolatile(q) && !p.varies
	if q.Test != nil {
		if err := p.prepareTest(inner, member); err != nil {
			return nil, err
		}
	}
	*s.b.cleanup = append(*s.b.cleanup, p.close)
	return p, nil
}

// prepared is one subquery. It runs its plan for each outer row; a plan without outer columns runs once, and results for equal outer values
// are remembered.
type prepared struct {
	q        *plan.Subquery
	op       Operator
	ctx      *eval.Ctx
	rt       *Runtime
	cols     []plan.Column
	test     *eval.Program
	member   *membership
	constant bool
	memoize  bool
	varies   bool // reads a CTE or work table that is another at the next opening
	opened   bool

	done  bool
	value sqltype.Value
	memo  map[string]sqltype.Value
	key   []byte
}

func (p *prepared) close() error {
	p.memo = nil
	p.done = false
	err := p.member.close()
	if !p.opened {
		return err
	}
	p.opened = false
	if err2 := p.op.Close(); err == nil {
		err = err2
	}
	return err
}

// Varies reports a subquery that gives other values at other times although it names no outer column.
func (p *prepared) Varies() bool { return p.varies }

// Run implements eval.PreparedSubquery.
func (p *prepared) Run(ctx *eval.Ctx, outer []sqltype.Value) (sqltype.Value, error) {
	if p.constant && p.q.Test == nil {
		if !p.done {
			v, err := p.run(ctx, outer)
			if err != nil {
				return sqltype.Value{}, err
			}
			p.value, p.done = v, true
		}
		return p.value, nil
	}
	if p.member != nil {
		return p.runMember(ctx, outer)
	}
	if !p.memoize {
		return p.run(ctx, outer)
	}
	p.key = p.key[:0]
	for _, v := range outer {
		p.key = appendKey(p.key, v)
	}
	if len(p.key) > memoBytes {
		return p.run(ctx, outer)
	}
	if v, ok := p.memo[string(p.key)]; ok {
		return v, nil
	}
	key := string(p.key)
	v, err := p.run(ctx, outer)
	if err == nil && len(p.memo) < memoEntries && len(v.S) <= memoBytes {
		if p.memo == nil {
			p.memo = map[string]sqltype.Value{}
		}
		p.memo[key] = v
	}
	return v, err
}

// appendKey encodes a value so that different values have different encodings.
func appendKey(b []byte, v sqltype.Value) []byte {
	if v.Null {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendVarint(b, v.I)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(v.F))
	b = binary.AppendVarint(b, v.Num.Coef)
	b = append(b, v.Num.Scale)
	b = binary.AppendVarint(b, v.Iv.Micros)
	b = binary.AppendVarint(b, int64(v.Iv.Days))
	b = binary.AppendVarint(b, int64(v.Iv.Months))
	for _, s := range []string{v.S, v.Num.Ext} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func (p *prepared) run(ctx *eval.Ctx, outer []sqltype.Value) (v sqltype.Value, err error) {
	c := ctx.Context
	if c == nil {
		c = p.rt.Context
	}
	copy(p.ctx.Outer, outer)
	p.ctx.Context = c
	p.opened = true
	if err := p.op.Open(p.rt.Context); err != nil {
		return v, err
	}
	defer func() {
		p.opened = false
		if err2 := p.op.Close(); err == nil {
			err = err2
		}
	}()
	switch p.q.Kind {
	case plan.Exists:
		b, err := p.op.Next(c)
		return sqltype.Bool(b != nil), err
	case plan.Scalar:
		return p.scalar(c)
	case plan.RowSub:
		return p.row(c)
	case plan.Array:
		return p.array(c)
	case plan.Any, plan.All:
		return p.quantified(c)
	}
	return v, pgerr.Internal("no subquery of kind %d", p.q.Kind)
}

func (p *prepared) scalar(c context.Context) (sqltype.Value, error) {
	v := sqltype.NullValue()
	for seen := 0; ; {
		b, err := p.op.Next(c)
		if err != nil || b == nil {
			return v, err
		}
		if seen += b.Rows(); seen > 1 {
			return v, tooManyRows()
		}
		v = b.Cols[0].Value(b.Row(0))
	}
}

func tooManyRows() error {
	return pgerr.New(pgerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
}

func (p *prepared) row(c context.Context) (sqltype.Value, error) {
	v := sqltype.NullValue()
	for seen := 0; ; {
		b, err := p.op.Next(c)
		if err != nil || b == nil {
			return v, err
		}
		if seen += b.Rows(); seen > 1 {
			return v, tooManyRows()
		}
		v = recordOf(b, b.Row(0))
	}
}

func recordOf(b *vector.Batch, row int) sqltype.Value {
	rec := sqltype.Record{}
	for _, col := range b.Cols {
		rec.Fields = append(rec.Fields, sqltype.Field{OID: col.Type.OID, Value: col.Value(row)})
	}
	return sqltype.EncodeRecord(rec)
}

func (p *prepared) array(c context.Context) (sqltype.Value, error) {
	var elems []sqltype.Value
	var size int64
	defer func() { p.rt.Budget.Shrink(size) }()
	for {
		b, err := p.op.Next(c)
		if err != nil {
			return sqltype.Value{}, err
		}
		if b == nil {
			break
		}
		for i := range b.Rows() {
			v := b.Cols[0].Value(b.Row(i))
			cost := int64(len(v.S)) + 100
			if err := p.rt.Budget.Grow(cost); err != nil {
				return sqltype.Value{}, err
			}
			size += cost
			elems = append(elems, v)
		}
	}
	return makeArray(p.cols[0].Type, p.q.T, elems)
}

// quantified runs Test over the rows: Any is true if one row is, All is false if one row is; else null if one is.
func (p *prepared) quantified(c context.Context) (sqltype.Value, error) {
	decides := p.q.Kind == plan.Any
	null := false
	for {
		b, err := p.op.Next(c)
		if err != nil {
			return sqltype.Value{}, err
		}
		if b == nil {
			break
		}
		v, n, err := p.test.Eval(p.ctx, b)
		for i := range n {
			row := b.Row(i)
			if v.IsNull(row) {
				null = true
			} else if v.Physical().Bools[v.Index(row)] == decides {
				return sqltype.Bool(decides), nil
			}
		}
		if err != nil {
			return sqltype.Value{}, err
		}
	}
	if null {
		return sqltype.NullValue(), nil
	}
	return sqltype.Bool(!decides), nil
}

// prepareTest compiles the test.
func (p *prepared) prepareTest(b *builder, m *membership) error {
	if m == nil || len(m.types) > 1 {
		var err error
		if p.test, err = b.compile(p.q.Test, p.cols); err != nil || m == nil {
			return err
		}
	}
	p.member = m
	return m.prepare(b, p.cols)
}
