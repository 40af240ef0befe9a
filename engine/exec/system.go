package exec

import (
	"context"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// systemOp reads a system relation. Its rows are made at the first Next and kept, since they come from memory.
type systemOp struct {
	ctx     *eval.Ctx
	rt      *Runtime
	rel     *catalog.Relation
	places  []int // for each output column its place in the relation
	types   []sqltype.Type
	lookup  *eval.Program
	lookAt  int
	list    bool
	store   *rowStore
	next    int
	outPos  []int
	scanned bool
	out     vector.Batch
}

func (b *builder) system(n *plan.SystemScan) (Operator, error) {
	rel := b.rt.Snapshot.RelationByOID(n.TableOID)
	if rel == nil || rel.System == nil {
		return nil, pgerr.Internal("no system relation %q", n.Table)
	}
	o := &systemOp{ctx: b.ctx, rt: b.rt, rel: rel, types: columnTypes(n.Cols), lookAt: -1}
	for i, c := range n.Cols {
		k := placeOfAttnum(rel, c.Attnum)
		if k < 0 {
			return nil, pgerr.Internal("relation %q has no column number %d", n.Table, c.Attnum)
		}
		o.places = append(o.places, k)
		o.outPos = append(o.outPos, i)
	}
	if n.Lookup != nil {
		p, err := b.compile(n.Lookup.Value, nil)
		if err != nil {
			return nil, err
		}
		o.lookup, o.lookAt, o.list = p, placeOfAttnum(rel, n.Lookup.Attnum), n.Lookup.List
		if o.lookAt < 0 {
			return nil, pgerr.Internal("relation %q has no column number %d", n.Table, n.Lookup.Attnum)
		}
	}
	return o, nil
}

func placeOfAttnum(rel *catalog.Relation, att int16) int {
	for i, c := range rel.Columns {
		if c.Attnum == att {
			return i
		}
	}
	return -1
}

func (o *systemOp) Open(context.Context) error {
	o.store.release()
	o.store, o.next, o.scanned = nil, 0, false
	return nil
}
func (o *systemOp) Ready() bool { return true }
func (o *systemOp) Close() error {
	o.store.release()
	o.store = nil
	return nil
}

func (o *systemOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !o.scanned {
		if err := o.scan(ctx); err != nil {
			return nil, err
		}
	}
	if o.store == nil || o.next >= o.store.n {
		return nil, nil
	}
	o.next = scanStore(&o.out, o.store, o.next, o.outPos)
	return &o.out, nil
}

func (o *systemOp) scan(ctx context.Context) error {
	o.ctx.Context = ctx
	o.scanned = true
	o.store = newRowStore(o.types, o.rt.Budget)
	lookup, none, err := o.values()
	if err != nil || none {
		return err
	}
	vals := make([]sqltype.Value, len(o.places))
	emitted := 0
	err = o.rel.System.Scan(ctx, o.rt.System, o.places, lookup, func(row []sqltype.Value) error {
		for i, p := range o.places {
			vals[i] = row[p]
		}
		o.store.addValues(vals)
		if emitted++; emitted%vector.BatchRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			return o.store.charge()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return o.store.charge()
}

// values evaluates the look-up; none says that no row can match.
func (o *systemOp) values() (l *catalog.Lookup, none bool, err error) {
	if o.lookup == nil {
		return nil, false, nil
	}
	v, err := one(o.ctx, o.lookup)
	if err != nil || v.Null {
		return nil, v.Null, err
	}
	l = &catalog.Lookup{Column: o.lookAt}
	if !o.list {
		l.Values = []sqltype.Value{v}
		return l, false, nil
	}
	elems, err := arrayElements(v)
	if err != nil {
		return nil, false, err
	}
	for _, e := range elems {
		if !e.Null {
			l.Values = append(l.Values, e)
		}
	}
	return l, len(l.Values) == 0, nil
}
