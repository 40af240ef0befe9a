package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// When memory is full, rows of groups that have their states go on being aggregated, and those of others are written to files by their keys'
// hash: what they hold is keys and arguments as they were evaluated, so nothing is evaluated twice. Each file is then read in a pass of
// its own, and divided again by other bits of the hash if need be. Rows of a group stay in their order.

// spillLayout says where keys, filters and inputs of calls stand in a file's columns.
type spillLayout struct {
	types   []sqltype.Type
	inputs  [][]int // by call
	filters []int   // by call: whether the row counts; -1 where there is no filter
}

// spilledPart is a file that is still to be read.
type spilledPart struct {
	set   *groupingSet
	file  *spill.File
	level int
}

func (o *aggregateOp) layOut() spillLayout {
	l := spillLayout{types: append([]sqltype.Type(nil), o.keyTypes...)}
	column := map[int]int{} // of the input: where it stands
	for i, p := range o.keys.programs {
		if p == nil {
			column[o.keys.places[i]] = i
		}
	}
	for i := range o.calls {
		c := &o.calls[i]
		filter := -1
		if c.filter != nil {
			filter = len(l.types)
			l.types = append(l.types, sqltype.Of(sqltype.OIDBool))
		}
		l.filters = append(l.filters, filter)
		places := make([]int, len(c.types))
		for k, t := range c.types {
			plain := filter < 0 && c.inputs.programs[k] == nil
			if plain {
				if at, ok := column[c.inputs.places[k]]; ok {
					places[k] = at
					continue
				}
				column[c.inputs.places[k]] = len(l.types)
			}
			places[k] = len(l.types)
			l.types = append(l.types, t)
		}
		l.inputs = append(l.inputs, places)
	}
	return l
}

// lostRows are rows on their way to files.
type lostRows struct {
	places []int32 // among the rows that count
	rows   []int32 // in the columns
	picked []int32 // the same for one call: -1 where its filter is not true
	hashes []uint64
	all    []int32 // places in out
	out    vector.Batch
}

// spill writes the rows whose groups are not in the table.
func (g *groupPass) spill(r *aggRows, n int) error {
	o, l := g.op, &g.lost
	if g.files == nil {
		g.files = newHashParts(o.mem, o.spilled.types, g.level, filesFor(o.limit))
	}
	l.places, l.rows = growInts(l.places, n)[:0], growInts(l.rows, n)[:0]
	for i, num := range g.nums {
		if num < 0 {
			row := int32(i)
			if r.rows != nil {
				row = r.rows[i]
			}
			l.places, l.rows = append(l.places, int32(i)), append(l.rows, row)
		}
	}
	l.hashes = growWords(l.hashes, n)
	g.table.hash(&vector.Batch{Cols: g.keys.Cols, N: r.size, Sel: l.rows}, l.hashes)
	g.gatherLost(r)
	for i := len(l.all); i < n; i++ {
		l.all = append(l.all, int32(i))
	}
	l.out.N = n
	return g.files.write(&l.out, l.all[:n], l.hashes)
}

// gatherLost makes the columns of the rows for the files.
func (g *groupPass) gatherLost(r *aggRows) {
	l, layout := &g.lost, &g.op.spilled
	if l.out.Cols == nil {
		l.out.Cols = make([]*vector.Vector, len(layout.types))
	}
	done := make([]bool, len(layout.types))
	put := func(at int, src *vector.Vector, rows []int32) {
		if !done[at] {
			l.out.Cols[at] = vector.Gather(l.out.Cols[at], src, rows)
			done[at] = true
		}
	}
	for i, v := range r.keys {
		put(i, v, l.rows)
	}
	for i := range r.calls {
		c, rows := &r.calls[i], l.rows
		if c.some {
			rows = l.pickedBy(c)
			flags := vector.NewFlat(sqltype.Of(sqltype.OIDBool), len(rows))
			for k, row := range rows {
				flags.Bools[k] = row >= 0
			}
			l.out.Cols[layout.filters[i]] = flags
		}
		for k, at := range layout.inputs[i] {
			if c.some && c.n == 0 {
				put(at, vector.NewNull(layout.types[at], r.size), rows)
				continue
			}
			put(at, c.args[k], rows)
		}
	}
}

// pickedBy lists the rows with -1 in place of those that a call's filter did not choose.
func (l *lostRows) pickedBy(c *callRows) []int32 {
	l.picked = growInts(l.picked, len(l.rows))
	k := 0
	for i, place := range l.places {
		for k < c.n && c.which[k] < place {
			k++
		}
		l.picked[i] = -1
		if k < c.n && c.which[k] == place {
			l.picked[i] = l.rows[i]
		}
	}
	return l.picked
}

// ended hands the files over to be read.
func (g *groupPass) ended() error {
	if g.files == nil {
		return nil
	}
	if err := g.files.rest(g.op.st); err != nil {
		return err
	}
	for i := len(g.files.files) - 1; i >= 0; i-- {
		if f := g.files.take(i); f != nil {
			g.op.parts = append(g.op.parts, spilledPart{set: g.set, file: f, level: g.level + 1})
		}
	}
	g.files = nil
	return nil
}

// readPart aggregates the next file in a pass of its own.
func (o *aggregateOp) readPart(ctx context.Context) (bool, error) {
	k := len(o.parts) - 1
	if k < 0 {
		return false, nil
	}
	part := o.parts[k]
	o.parts = o.parts[:k]
	g := o.newPass(part.set, part.level)
	o.passes = append(o.passes, g)
	err := g.readFile(ctx, part.file)
	if err2 := part.file.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = g.end(ctx)
	}
	return err == nil, err
}

func (g *groupPass) readFile(ctx context.Context, f *spill.File) error {
	r := f.Reader()
	defer r.Close()
	rows := &aggRows{calls: make([]callRows, len(g.op.calls))}
	for begun := false; ; begun = true {
		b, err := r.Next()
		if g.op.mem.full(err) && g.spare > 0 { // a frame larger than those before
			g.unspare()
			b, err = r.Next()
		}
		if b == nil || err != nil {
			return err
		}
		if !begun {
			if err := g.begin(); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		g.op.spilled.load(rows, b, len(g.op.keyTypes))
		if err := g.add(ctx, rows); err != nil {
			return err
		}
	}
}

// load makes rows of a file's batch.
func (l *spillLayout) load(r *aggRows, b *vector.Batch, keys int) {
	r.keys, r.size, r.rows, r.n = b.Cols[:keys], b.N, nil, b.N
	for i := range r.calls {
		c := &r.calls[i]
		c.args = c.args[:0]
		for _, at := range l.inputs[i] {
			c.args = append(c.args, b.Cols[at])
		}
		c.rows, c.n = nil, b.N
		if c.some = l.filters[i] >= 0; !c.some {
			continue
		}
		c.sel = c.sel[:0]
		for row, counts := range b.Cols[l.filters[i]].Bools[:b.N] {
			if counts {
				c.sel = append(c.sel, int32(row))
			}
		}
		c.rows, c.which, c.n = c.sel, c.sel, len(c.sel)
		if c.rows == nil {
			c.rows = []int32{}
		}
	}
}
