package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// keyedSpool keeps rows that are the same at every opening, and at each gives only those whose keys equal the outer row's:
// a correlated subquery then costs its matches instead of a pass over all rows. The predicates that it stands for are tested again
// above it.
type keyedSpool struct {
	ctx      *eval.Ctx
	src      *cteStore
	places   []int // output columns in the store
	types    []sqltype.Type
	inner    computed
	outer    []*eval.Program
	keyTypes []sqltype.Type
	mem      *memory

	built  bool
	resets int        // of src, when the index was made
	failed error      // of the row after those that src has: whoever reads on past all that match meets it
	file   *keyedFile // the rows, where they do not fit; what follows is of rows in memory
	table  *hashTable
	heads  []int32 // first row of each key
	tails  []int32
	follow []int32 // next row with the same key, -1
	extra  int64

	begun bool
	row   int32
	rows  []int32
	nums  []int32
	out   *vector.Batch
	part  vector.Batch
}

// keyed returns an operator over the store that serves the equalities of preds with outer columns, or nil if there is none.
// Only plain columns are keys: other expressions could fail for rows that an earlier predicate drops.
func (b *builder) keyed(src *cteStore, places []int, cols []plan.Column, preds []plan.Expr) (Operator, error) {
	own := idsOf(cols)
	var inner, outer []plan.Expr
	for _, p := range preds {
		c, ok := p.(*plan.Call)
		if !ok || c.Form != plan.FormOperator || c.Op != "=" || len(c.Args) != 2 || !plainColumn(c.Args[0]) || !plainColumn(c.Args[1]) {
			continue
		}
		x, y, ok := plan.HashPair(c)
		if !ok {
			continue
		}
		if names(y, own) {
			x, y = y, x
		}
		if !names(x, own) || names(y, own) {
			continue
		}
		inner, outer = append(inner, x), append(outer, y)
	}
	if inner == nil {
		return nil, nil
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	src.again = true
	o := &keyedSpool{ctx: b.ctx, src: src, places: places, types: columnTypes(cols), mem: mem}
	if o.inner, err = b.computed(inner, cols); err != nil {
		return nil, err
	}
	if o.outer, err = b.compileAll(outer, nil); err != nil {
		return nil, err
	}
	for _, e := range inner {
		o.keyTypes = append(o.keyTypes, e.Type())
	}
	*b.cleanup = append(*b.cleanup, o.finish)
	return o, nil
}

// plainColumn reports a column, also under another name for its type.
func plainColumn(e plan.Expr) bool {
	if c, ok := e.(*plan.Cast); ok && c.Method == plan.CastRelabel {
		e = c.Arg
	}
	_, ok := e.(*plan.ColRef)
	return ok
}

func (o *keyedSpool) Open(context.Context) error {
	o.begun = false
	return nil
}
func (o *keyedSpool) Ready() bool  { return o.built || o.src.opened && o.src.in.Ready() }
func (o *keyedSpool) Close() error { return nil }

func (o *keyedSpool) finish() error {
	err := o.file.close()
	o.drop()
	o.file, o.built, o.failed = nil, false, nil
	return err
}

// drop forgets the index.
func (o *keyedSpool) drop() {
	o.table.release()
	o.mem.Shrink(o.extra)
	o.table, o.heads, o.tails, o.follow, o.extra = nil, nil, nil, nil, 0
}

// build reads all rows and chains those of equal keys in their order. A row with a null among its keys equals nothing.
func (o *keyedSpool) build(ctx context.Context) error {
	for {
		more, err := o.src.more(ctx)
		if err != nil && (ctx.Err() != nil || o.src.rows.Rows() == 0) {
			return err
		}
		o.failed = err
		if !more {
			break
		}
	}
	if o.src.rows.file == nil {
		err := o.index(ctx)
		if !o.mem.full(err) {
			o.built = err == nil
			return err
		}
		o.drop()
	}
	var err error
	o.file, err = newKeyedFile(ctx, o.mem, o.src.rows, func(b *vector.Batch) ([]*vector.Vector, error) {
		o.part = narrowed(o.part.Cols, b, o.places)
		keys, _, err := o.inner.eval(o.ctx, &o.part)
		return keys, err
	})
	o.built = err == nil
	return err
}

// index chains the rows that are in memory.
func (o *keyedSpool) index(ctx context.Context) error {
	store := o.src.rows.store
	n := store.n
	cost := int64(n) * 12
	if err := o.mem.Grow(cost); err != nil {
		return err
	}
	o.extra = cost
	o.table = newHashTable(o.keyTypes, o.mem.Budget)
	o.follow = make([]int32, 0, n)
	var chunk vector.Batch
	for next := 0; next < n; {
		next = scanStore(&chunk, store, next, o.places)
		keys, _, err := o.inner.eval(o.ctx, &chunk)
		if err != nil {
			return err
		}
		kb := &vector.Batch{Cols: keys, N: chunk.N, Sel: chunk.Sel}
		o.nums = growInts(o.nums, kb.Rows())
		if err := o.table.insert(kb, o.nums); err != nil {
			return err
		}
		o.link(kb)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (o *keyedSpool) link(kb *vector.Batch) {
	for i := range kb.Rows() {
		row, num := int32(len(o.follow)), int(o.nums[i])
		o.follow = append(o.follow, -1)
		if anyNull(kb.Cols, kb.Row(i)) {
			continue
		}
		for num >= len(o.heads) {
			o.heads, o.tails = append(o.heads, -1), append(o.tails, -1)
		}
		if o.heads[num] < 0 {
			o.heads[num] = row
		} else {
			o.follow[o.tails[num]] = row
		}
		o.tails[num] = row
	}
}

// begin finds the first row for the outer row's keys; -1 if there is none.
func (o *keyedSpool) begin() error {
	o.begun, o.row = true, -1
	if o.file != nil {
		o.file.open = false
	}
	key := &vector.Batch{N: 1}
	for _, p := range o.outer {
		v, _, err := p.Eval(o.ctx, exprBatch())
		if err != nil {
			return err
		}
		if v.IsNull(0) {
			return nil
		}
		key.Cols = append(key.Cols, v)
	}
	if o.file != nil {
		var h [1]uint64
		keyHash(key.Cols, key, h[:])
		o.file.seek(h[0])
		return nil
	}
	o.nums = growInts(o.nums, 1)
	o.table.lookup(key, o.nums)
	if num := int(o.nums[0]); num >= 0 && num < len(o.heads) {
		o.row = o.heads[num]
	}
	return nil
}

func (o *keyedSpool) Next(ctx context.Context) (*vector.Batch, error) {
	o.ctx.Context = ctx
	if o.built && o.resets != o.src.resets {
		if err := o.finish(); err != nil {
			return nil, err
		}
	}
	if !o.built {
		o.resets = o.src.resets
		if err := o.build(ctx); err != nil {
			return nil, err
		}
	}
	if !o.begun {
		if err := o.begin(); err != nil {
			return nil, err
		}
	}
	if o.file != nil {
		if !o.file.open {
			return nil, o.failed
		}
		b, err := o.file.next()
		if err != nil {
			return nil, err
		}
		if b == nil {
			return nil, o.failed
		}
		o.part = narrowed(o.part.Cols, b, o.places)
		return &o.part, nil
	}
	o.rows = o.rows[:0]
	for o.row >= 0 && len(o.rows) < vector.BatchRows {
		o.rows = append(o.rows, o.row)
		o.row = o.follow[o.row]
	}
	if len(o.rows) == 0 {
		return nil, o.failed
	}
	if o.out == nil {
		o.out = &vector.Batch{Cols: make([]*vector.Vector, len(o.types))}
		for i, t := range o.types {
			o.out.Cols[i] = vector.New(t)
		}
	}
	o.out.N = len(o.rows)
	for i, p := range o.places {
		o.src.rows.store.gather(o.out.Cols[i], p, o.rows)
	}
	return o.out, nil
}
