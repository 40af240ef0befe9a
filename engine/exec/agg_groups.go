package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
)

// groupPass is the groups of one set over some rows: all of the input, or a part that was written to a file.
type groupPass struct {
	op    *aggregateOp
	set   *groupingSet
	level int // how often its rows were divided already
	table *hashTable
	aggs  []groupStates

	room    int   // groups for which there are states
	width   int64 // bytes of a group's states
	varying int64 // charged for what states have besides
	spare   int64 // charged for buffers of files, until they are needed
	late    bool  // some rows are fed when their groups come out
	lists   bool  // some states keep rows

	frozen bool // rows of groups that are not in the table go to files
	files  *hashParts

	next  int // group
	keys  vector.Batch
	nums  []int32
	one   bool // all rows of the batch are of one group
	f     feed
	lost  lostRows
	pick  [2][]int32
	every [2][]int32
}

// groupStates is one aggregate's states, and what stands before it.
type groupStates struct {
	call     *aggCall
	states   aggregator
	batch    batchAggregator // the same, where it works on vectors
	distinct *distinctInput
	sorted   *sortedInput
	over     *sortedInput // rows of a list that has no more room
	mem      *memory      // of both
}

func (o *aggregateOp) newPass(s *groupingSet, level int) *groupPass {
	return &groupPass{op: o, set: s, level: level, table: newHashTable(o.keyTypes, o.mem.Budget), aggs: make([]groupStates, len(o.calls))}
}

// begin makes the states. An aggregate without keys has one group, also over no rows.
func (g *groupPass) begin() error {
	for i := range g.op.calls {
		g.lists = g.lists || g.op.calls[i].listed
	}
	for i := range g.op.calls {
		c, a := &g.op.calls[i], &g.aggs[i]
		a.call, a.states = c, aggregators()[c.call.Fn.Kernel](*c)
		if b, ok := a.states.(*columnar); ok {
			a.batch = b.batchAggregator
		}
		g.width += a.states.width()
		if c.late() {
			var err error
			if a.mem, err = g.op.share(g.lists); err != nil {
				return err
			}
		}
		switch {
		case unordered(c):
			a.distinct = newDistinctInput(c, g.set.grouped, g.op.mem)
		case c.call.Distinct || len(c.call.Order) > 0:
			a.sorted = newSortedInput(c, a.mem)
			g.late = true
		}
	}
	spare := min(g.op.limit/16, mostFloor)
	if !g.set.grouped {
		return g.reserve(1)
	}
	if spare > 0 && g.op.mem.Grow(spare) == nil {
		g.spare = spare
	}
	return nil
}

// unspare makes what was kept for files available to them.
func (g *groupPass) unspare() {
	g.op.mem.Shrink(g.spare)
	g.spare = 0
}

func (g *groupPass) len() int {
	if !g.set.grouped {
		return 1
	}
	return g.table.len()
}

// reserve makes states for n groups.
func (g *groupPass) reserve(n int) error {
	if n <= g.room {
		return nil
	}
	room := max(n, 2*g.room)
	err := g.op.mem.Grow(int64(room) * g.width)
	if err != nil {
		if room = n + n/16; g.op.mem.Grow(int64(room)*g.width) != nil {
			return err
		}
	}
	for i := range g.aggs {
		g.aggs[i].states.grow(room)
	}
	g.op.mem.Shrink(int64(g.room) * g.width)
	g.room = room
	return nil
}

// add feeds rows.
func (g *groupPass) add(ctx context.Context, r *aggRows) error {
	lost := 0
	if g.set.grouped {
		var err error
		if lost, err = g.number(r); err != nil {
			return err
		}
		if lost > 0 {
			if err := g.spill(r, lost); err != nil {
				return err
			}
		}
	}
	for i := range g.aggs {
		if f := g.feedOf(i, r, lost > 0); f.n > 0 {
			if err := g.feed(ctx, &g.aggs[i], f); err != nil {
				return err
			}
		}
	}
	return g.charge()
}

// number finds the groups of rows, making new ones while there is memory; lost is how many rows have none.
func (g *groupPass) number(r *aggRows) (lost int, err error) {
	g.keys.Cols = append(g.keys.Cols[:0], r.keys...)
	g.keys.N, g.keys.Sel = r.size, r.rows
	for i, v := range g.set.masked {
		if v != nil {
			v.N = r.size
			g.keys.Cols[i] = v
		}
	}
	g.one = allConstant(g.keys.Cols)
	g.nums = growInts(g.nums, r.n)
	if !g.frozen {
		err := g.admit(&g.keys, g.nums)
		if err == nil || !g.op.mem.full(err) {
			return 0, err
		}
		if err := g.freeze(); err != nil {
			return 0, err
		}
	}
	g.table.lookup(&g.keys, g.nums)
	for _, num := range g.nums {
		lost += int(uint32(num) >> 31)
	}
	return lost, nil
}

// admit makes groups of keys that are new. After an error there is none of them.
func (g *groupPass) admit(keys *vector.Batch, nums []int32) error {
	if err := g.reserve(g.table.len() + keys.Rows()); err != nil {
		return err
	}
	return g.table.insert(keys, nums)
}

// freeze ends the making of groups. There must be one at least, or no pass would bring the end nearer.
func (g *groupPass) freeze() error {
	g.frozen = true
	g.unspare()
	for step := vector.InitialRows; g.table.len() == 0; step = 1 {
		if g.keys.Rows() == 0 {
			return nil
		}
		err := g.admit(g.keys.Head(min(step, g.keys.Rows())), g.nums[:min(step, g.keys.Rows())])
		if err != nil && (step == 1 || !g.op.mem.full(err)) {
			return err
		}
	}
	return nil
}

// feedOf is the rows of one call whose groups are known.
func (g *groupPass) feedOf(i int, r *aggRows, lost bool) *feed {
	c, f := &r.calls[i], &g.f
	*f = feed{rows: c.rows, n: c.n, args: c.args}
	switch {
	case !g.set.grouped:
		return f
	case g.one:
		if f.group = g.nums[0]; f.group < 0 {
			f.n = 0
		}
		return f
	case !c.some && !lost:
		f.groups = g.nums
		return f
	}
	groups := growInts(g.pick[0], c.n)
	if !lost {
		for k, at := range c.which {
			groups[k] = g.nums[at]
		}
		g.pick[0], f.groups = groups, groups
		return f
	}
	rows, n := growInts(g.pick[1], c.n), 0
	for k := range c.n {
		at, row := k, int32(k)
		if c.some {
			at = int(c.which[k])
		}
		if c.rows != nil {
			row = c.rows[k]
		}
		groups[n], rows[n] = g.nums[at], row
		n += 1 - int(uint32(g.nums[at])>>31)
	}
	g.pick = [2][]int32{groups, rows}
	f.groups, f.rows, f.n = groups[:n], rows[:n], n
	return f
}

// feed gives rows to an aggregate, or to what stands before it.
func (g *groupPass) feed(ctx context.Context, a *groupStates, f *feed) error {
	switch {
	case a.sorted != nil && a.distinct == nil:
		if c, ok := a.states.(interface{ expect(*feed) error }); ok {
			if err := c.expect(f); err != nil {
				return err
			}
		}
		return a.sorted.keep(ctx, f)
	case a.over != nil:
		return a.over.keep(ctx, f)
	case a.distinct != nil:
		rest, err := a.distinct.pass(f, g.op.mem)
		if err != nil {
			return err
		}
		if rest != nil {
			if a.sorted == nil {
				a.sorted = newSortedInput(a.call, a.mem)
				g.late = true
			}
			if err := a.sorted.keep(ctx, rest); err != nil {
				return err
			}
		}
		if f.n == 0 {
			return nil
		}
	}
	return g.aggregate(a, f)
}

func (g *groupPass) aggregate(a *groupStates, f *feed) error {
	args := f.args[:a.call.nargs]
	if a.batch != nil {
		f.args = args
		return a.batch.addBatch(f)
	}
	groups, rows := f.spread(g.every[0], g.every[1])
	if f.groups == nil {
		g.every[0] = groups
	}
	if f.rows == nil {
		g.every[1] = rows
	}
	return a.states.add(groups, rows, args)
}

// charge takes what states have grown by beside their width. Where there is no more room, groups are made no more and lists go on in files.
func (g *groupPass) charge() error {
	now := g.bytes()
	if now < g.varying {
		g.op.mem.Shrink(g.varying - now)
		g.varying = now
		return nil
	}
	err := g.op.mem.Grow(now - g.varying)
	if err == nil {
		g.varying = now
	}
	switch {
	case err == nil && (!g.lists || g.op.limit == 0 || g.op.mem.Used() < g.op.limit/2):
		return nil
	case err != nil && !g.op.mem.full(err):
		return err
	}
	if g.set.grouped && !g.frozen {
		if err := g.freeze(); err != nil {
			return err
		}
	}
	listed := g.overflow()
	if err == nil {
		return nil
	}
	if err = g.op.mem.Grow(now - g.varying); err == nil {
		g.varying = now
		return nil
	}
	// What lists are over is of one batch, and does not grow. Longer texts may come into the states of groups that there are.
	if listed || g.set.grouped && now-g.varying < g.op.limit/8 {
		return nil
	}
	return err
}

// overflow has the rest of all lists kept in files.
func (g *groupPass) overflow() (some bool) {
	if !g.op.mem.dir.Enabled() {
		return false
	}
	for i := range g.aggs {
		if a := &g.aggs[i]; a.call.listed && a.sorted == nil {
			some = true
			if a.over == nil {
				a.over = newSortedInput(a.call, a.mem)
				g.late = true
			}
		}
	}
	return some
}

// end is called when all rows are fed.
func (g *groupPass) end(ctx context.Context) error {
	g.unspare()
	g.op.st.passed(g.op.mem)
	if err := g.ended(); err != nil {
		return err
	}
	for i := range g.aggs {
		if d := g.aggs[i].distinct; d != nil { // what is still to be sorted has other values
			d.seen.release()
		}
	}
	for i := range g.aggs {
		for _, in := range []*sortedInput{g.aggs[i].sorted, g.aggs[i].over} {
			if in != nil {
				if err := in.finish(ctx); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// complete feeds what was kept for the next n groups, or for fewer if their lists would take too much memory together.
func (g *groupPass) complete(ctx context.Context, n int) (int, error) {
	if !g.late {
		return n, nil
	}
	step := n
	if g.lists {
		step = 1
	}
	begun := g.varying
	for k := step; ; k = min(k+step, n) {
		for i := range g.aggs {
			a := &g.aggs[i]
			for _, in := range []*sortedInput{a.sorted, a.over} {
				if in == nil {
					continue
				}
				if err := g.completeOne(ctx, a, in, int32(g.next+k)); err != nil {
					return 0, err
				}
			}
		}
		if k == n || g.lists && g.varying-begun > g.op.limit/8 {
			return k, nil
		}
	}
}

func (g *groupPass) completeOne(ctx context.Context, a *groupStates, in *sortedInput, limit int32) error {
	for {
		f, err := in.feed(ctx, limit)
		if f == nil || err != nil {
			return err
		}
		if err := g.aggregate(a, f); err != nil {
			return err
		}
		if err := g.chargeLate(); err != nil {
			return err
		}
	}
}

// bytes is what states have beside their width.
func (g *groupPass) bytes() (n int64) {
	for i := range g.aggs {
		n += g.aggs[i].states.bytes()
	}
	return n
}

// chargeLate is charge when groups come out already: nothing can be put off any more.
func (g *groupPass) chargeLate() error {
	now := g.bytes()
	if now > g.varying {
		if err := g.op.mem.Grow(now - g.varying); err != nil {
			return err
		}
	} else {
		g.op.mem.Shrink(g.varying - now)
	}
	g.varying = now
	return nil
}

// dropper is an aggregator whose states of groups that have come out can be given up.
type dropper interface{ drop(from, n int) }

// done is called when n groups have come out.
func (g *groupPass) done(n int) {
	if g.lists {
		for i := range g.aggs {
			if d, ok := g.aggs[i].states.(dropper); ok {
				d.drop(g.next, n)
			}
		}
		_ = g.chargeLate() // it only shrinks
	}
	g.next += n
}

// write makes the results of n groups.
func (a *groupStates) write(dst *vector.Vector, from, n int) error {
	if a.batch != nil {
		return a.batch.results(dst, from, n)
	}
	for i := range n {
		val, err := a.states.result(from + i)
		if err != nil {
			return err
		}
		dst.SetValue(i, val)
	}
	return nil
}

// release gives all memory and files back.
func (g *groupPass) release() (err error) {
	g.table.release()
	for i := range g.aggs {
		a := &g.aggs[i]
		if a.distinct != nil {
			a.distinct.seen.release()
		}
		for _, in := range []*sortedInput{a.sorted, a.over} {
			if in != nil {
				if err2 := in.release(); err == nil {
					err = err2
				}
			}
		}
		if a.mem != nil && a.mem != g.op.mem {
			a.mem.Release()
		}
	}
	if err2 := g.files.close(); err == nil {
		err = err2
	}
	g.op.mem.Shrink(int64(g.room)*g.width + g.varying + g.spare)
	g.files, g.aggs, g.room, g.varying, g.spare = nil, nil, 0, 0, 0
	return err
}
