package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// sortOp gives all rows in order. It is stable, so rows that are equal in all keys come as they arrived.
type sortOp struct {
	ctx  *eval.Ctx
	in   Operator
	keys sortKeys
	rows *sorter
	done bool
	st   *NodeStats
}

// sortKeys computes the keys of an order. Rows are kept as the columns that come out, and behind them the keys that are none of these.
type sortKeys struct {
	exprs   computed
	width   int // columns that come out
	columns []sortColumn
	types   []sqltype.Type // of what is kept
	all     vector.Batch
}

// sortKeys are those of an order over cols, of which the unread need not come out.
func (b *builder) sortKeys(keys []plan.SortKey, cols []plan.Column, unread []plan.ColID) (sortKeys, error) {
	outs := plan.Without(cols, unread)
	out := sortKeys{types: columnTypes(outs), width: len(outs)}
	at := make(map[plan.ColID]int, len(cols))
	var es []plan.Expr
	for i, c := range outs {
		at[c.ID] = i
		es = append(es, &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name})
	}
	for _, k := range keys {
		c := sortColumn{typ: k.Expr.Type(), desc: k.Desc, first: k.NullsFirst}
		ref, ok := k.Expr.(*plan.ColRef)
		if ok {
			c.col, ok = at[ref.ID]
		}
		if !ok {
			c.col = len(out.types)
			if ref != nil {
				at[ref.ID] = c.col
			}
			es = append(es, k.Expr)
			out.types = append(out.types, c.typ)
		}
		out.columns = append(out.columns, c)
	}
	if len(es) == len(cols) && len(unread) == 0 {
		return out, nil // the input as it is
	}
	var err error
	out.exprs, err = b.computed(es, cols)
	return out, err
}

// orderTest computes the keys of an order that rows should be in already.
type orderTest struct {
	exprs   computed
	types   []sqltype.Type
	columns []sortColumn // of the computed keys
}

func (b *builder) orderTest(keys []plan.SortKey, cols []plan.Column) (orderTest, error) {
	out := orderTest{}
	es := make([]plan.Expr, len(keys))
	for i, k := range keys {
		es[i] = k.Expr
		out.types = append(out.types, k.Expr.Type())
		out.columns = append(out.columns, sortColumn{col: i, typ: k.Expr.Type(), desc: k.Desc, first: k.NullsFirst})
	}
	var err error
	out.exprs, err = b.computed(es, cols)
	return out, err
}

// each gives the rows of b to use as they are kept.
func (k *sortKeys) each(ctx *eval.Ctx, b *vector.Batch, use func(*vector.Batch) error) error {
	if len(k.exprs.programs) == 0 {
		return use(b)
	}
	return k.exprs.each(ctx, b, func(part *vector.Batch, cols []*vector.Vector) error {
		k.all = vector.Batch{Cols: cols, N: part.N, Sel: part.Sel}
		return use(&k.all)
	})
}

func compareNulls(cmp compareFunc, a *vector.Vector, i int, b *vector.Vector, j int, desc, nullsFirst bool) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	switch {
	case an && bn:
		return 0
	case an:
		if nullsFirst {
			return -1
		}
		return 1
	case bn:
		if nullsFirst {
			return 1
		}
		return -1
	}
	c := cmp(a, i, b, j)
	if desc {
		return -c
	}
	return c
}

func (b *builder) sort(n *plan.Sort) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	keys, err := b.sortKeys(n.Keys, n.Input.Columns(), n.Unread)
	if err != nil {
		return nil, err
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	return &sortOp{ctx: b.ctx, in: in, keys: keys, rows: newSorter(mem, keys.types, keys.columns), st: b.nodeStats(n)}, nil
}

// nodeStats are a node's counters; nil where nobody asks for them.
func (b *builder) nodeStats(n plan.Node) *NodeStats {
	if !b.rt.Instrument {
		return nil
	}
	st := b.rt.Stats.Nodes[n]
	if st == nil {
		st = &NodeStats{}
		b.rt.Stats.Nodes[n] = st
	}
	return st
}

// sorted notes what a sort needed.
func (st *NodeStats) sorted(u sortUse) {
	if st != nil {
		st.Peak, st.Disk = max(st.Peak, u.memory), max(st.Disk, u.disk)
	}
}

func (o *sortOp) Open(ctx context.Context) error {
	o.done = false
	if err := o.rows.release(); err != nil {
		return err
	}
	return o.in.Open(ctx)
}

func (o *sortOp) Ready() bool { return o.done }

func (o *sortOp) Close() error {
	o.done = false
	err := o.rows.release()
	if err2 := o.in.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *sortOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.done {
		if err := o.sort(ctx); err != nil {
			return nil, err
		}
	}
	return o.rows.read(ctx, o.keys.width)
}

func (o *sortOp) sort(ctx context.Context) error {
	for {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		if err := o.keys.each(o.ctx, b, func(b *vector.Batch) error { return o.rows.add(ctx, b) }); err != nil {
			return err
		}
	}
	if err := o.rows.finish(ctx); err != nil {
		return err
	}
	o.st.sorted(o.rows.used)
	o.done = true
	return o.in.Close()
}
