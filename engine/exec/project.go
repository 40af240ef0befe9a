package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// projectOp computes expressions over each batch. Their results are aligned with the input's columns, so the selection stays.
type projectOp struct {
	ctx   *eval.Ctx
	in    Operator
	exprs computed
	first int // rows of the first part of a batch; 0: all
	out   vector.Batch
	rest  partial
	later later
}

// computed is a list of expressions; column references cost nothing.
type computed struct {
	programs []*eval.Program // nil where places says which column it is
	places   []int
	cols     []*vector.Vector
}

func (b *builder) computed(es []plan.Expr, cols []plan.Column) (computed, error) {
	at := make(map[plan.ColID]int, len(cols))
	for i, c := range cols {
		at[c.ID] = i
	}
	c := computed{programs: make([]*eval.Program, len(es)), places: make([]int, len(es)), cols: make([]*vector.Vector, len(es))}
	for i, e := range es {
		if ref, ok := e.(*plan.ColRef); ok {
			if k, ok := at[ref.ID]; ok {
				c.places[i] = k
				continue
			}
		}
		p, err := b.compile(e, cols)
		if err != nil {
			return computed{}, err
		}
		c.programs[i] = p
	}
	return c, nil
}

// eval computes all expressions. rows says how many of the rows that count have all their values.
func (c *computed) eval(ctx *eval.Ctx, b *vector.Batch) (cols []*vector.Vector, rows int, err error) {
	return c.evalBy((*eval.Program).Eval, ctx, b)
}

// evalPart is eval for fewer rows where the values of all are too large, as eval.Full then says of err.
func (c *computed) evalPart(ctx *eval.Ctx, b *vector.Batch) (cols []*vector.Vector, rows int, err error) {
	return c.evalBy((*eval.Program).EvalPart, ctx, b)
}

type evaluate func(p *eval.Program, ctx *eval.Ctx, b *vector.Batch) (*vector.Vector, int, error)

func (c *computed) evalBy(how evaluate, ctx *eval.Ctx, b *vector.Batch) (cols []*vector.Vector, rows int, err error) {
	cur := *b
	rows = b.Rows()
	for i, p := range c.programs {
		if p == nil {
			c.cols[i] = b.Cols[c.places[i]]
			continue
		}
		v, n, err2 := how(p, ctx, &cur)
		c.cols[i] = v
		if err2 != nil {
			rows, err = n, err2
			cur = *cur.Slice(0, n)
			if n == 0 {
				break
			}
		}
	}
	return c.cols, rows, err
}

func (b *builder) project(n *plan.Project) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	es := make([]plan.Expr, len(n.Exprs))
	for i, x := range n.Exprs {
		es[i] = x.Expr
	}
	c, err := b.computed(es, n.Input.Columns())
	if err != nil {
		return nil, err
	}
	return &projectOp{ctx: b.ctx, in: in, exprs: c, first: firstPart(es)}, nil
}

func (o *projectOp) Open(ctx context.Context) error {
	o.later, o.rest = later{}, partial{step: o.first}
	return o.in.Open(ctx)
}

func (o *projectOp) Ready() bool {
	return o.later.err != nil || o.rest.some() || o.in.Ready()
}

func (o *projectOp) Close() error { return o.in.Close() }

func (o *projectOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := o.later.take(); err != nil {
		return nil, err
	}
	if !o.rest.some() {
		b, err := o.in.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		o.rest.start(b)
	}
	o.ctx.Context = ctx
	b := o.rest.next()
	cols, rows, err := o.exprs.evalPart(o.ctx, b)
	b, err = o.rest.done(b, rows, err)
	if err != nil {
		o.rest = partial{}
		if rows == 0 {
			return nil, err
		}
		o.later.err = err
	}
	o.out = vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}
	return &o.out, nil
}
