package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// deepestRound is after how many divisions a part that still does not fit is joined in blocks.
const deepestRound = 5

// joinRound is a join of two files. The first round is that of the inputs themselves and has none.
type joinRound struct {
	level       int
	rfile, file *spill.File   // right and left rows
	right, left *spill.Reader // once the round has begun
	block       bool          // the right rows cannot be divided
	nulls       bool          // right rows with a null among their keys, which come out alone

	// Of a block:
	read    int64    // right rows of this block and those before it
	last    bool     // there are no further blocks
	seen    []uint64 // left rows that have a partner in an earlier block; nil where that does not matter
	charged int64
}

func (r *joinRound) fromFiles() bool { return r.rfile != nil }

// marked reports whether left row i has a partner in an earlier block.
func (r *joinRound) marked(i int64) bool { return r.seen != nil && r.seen[i>>6]&(1<<(uint(i)&63)) != 0 }

func (r *joinRound) mark(i int64) {
	if r.seen != nil {
		r.seen[i>>6] |= 1 << (uint(i) & 63)
	}
}

func (r *joinRound) close() error {
	r.right.Close()
	r.left.Close()
	err := r.rfile.Close()
	if err2 := r.file.Close(); err == nil {
		err = err2
	}
	return err
}

// joinParts are the parts of a round's rows: those below stay in memory, the others are in files.
type joinParts struct {
	join   *joinOp
	n      int
	shift  uint
	stay   int
	right  partFiles // one more than parts: rows with a null among their keys
	left   partFiles
	least  []uint64 // of the hashes of each part's right rows
	most   []uint64
	sels   [][]int32
	stays  []int32
	hashes []uint64
	out    vector.Batch
}

// partsFor is how many parts a budget allows, since each has buffers: a power of two.
func partsFor(limit int64) int {
	switch {
	case limit == 0 || limit >= 64<<20:
		return 32
	case limit >= 8<<20:
		return 16
	}
	return 8
}

func newJoinParts(o *joinOp) *joinParts {
	n, shift := partsFor(o.mem.Limit()), uint(64)
	if len(o.right.keyAt) == 0 {
		n = 1
	}
	for 1<<(64-shift) < n {
		shift--
	}
	p := &joinParts{
		join: o, n: n, shift: shift, stay: n, right: make(partFiles, n+1), left: make(partFiles, n), least: make([]uint64, n), most: make([]uint64, n),
		sels: make([][]int32, n+1), stays: make([]int32, 0, vector.BatchRows), // a nil selection would be all rows
	}
	for i := range p.least {
		p.least[i] = ^uint64(0)
	}
	return p
}

// divide lets half of the parts that stay go to files.
func (o *joinOp) divide() error {
	if o.parts == nil {
		o.parts = newJoinParts(o)
	}
	o.parts.stay /= 2
	if o.dividing {
		o.again = true
		return nil
	}
	o.dividing = true
	defer func() { o.dividing = false }()
	for {
		o.again = false
		chunks := o.store.take()
		for i, c := range chunks {
			chunks[i] = nil
			if err := o.keep(c); err != nil {
				return err
			}
		}
		if !o.again {
			return nil
		}
	}
}

// split hashes the keys of the rows of b that count and tells apart those that stay. Rows with a null among their keys stay unless
// nulls says otherwise.
func (p *joinParts) split(b *vector.Batch, keys []int, nulls bool, stays func(part int) bool) *vector.Batch {
	n := b.Rows()
	if cap(p.hashes) < n {
		p.hashes = make([]uint64, max(n, vector.BatchRows))
	}
	p.hashes = p.hashes[:n]
	eval.HashColumns(b, keys, p.hashes)
	p.stays, p.sels = p.stays[:0], emptied(p.sels)
	may := false
	for _, k := range keys {
		may = may || b.Cols[k].MayHaveNulls()
	}
	salt := uint64(p.join.round.level+1) * 0x9e3779b97f4a7c15
	for i, h := range p.hashes {
		r := int32(b.Row(i))
		if may && nullAmong(b.Cols, keys, int(r)) {
			if nulls {
				p.sels[p.n] = append(p.sels[p.n], r)
			} else {
				p.stays = append(p.stays, r)
			}
			continue
		}
		part := int(hashInt(int64(h^salt)) >> p.shift)
		if stays(part) {
			p.stays = append(p.stays, r)
			continue
		}
		p.sels[part] = append(p.sels[part], r)
		if nulls && len(keys) > 0 {
			p.least[part], p.most[part] = min(p.least[part], h), max(p.most[part], h)
		}
	}
	p.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: p.stays}
	return &p.out
}

// divertRight writes right rows to files whose part does not stay, and returns the others.
func (p *joinParts) divertRight(b *vector.Batch) (*vector.Batch, error) {
	if p == nil {
		return b, nil
	}
	out := p.split(b, p.join.right.keyAt, true, func(part int) bool { return part < p.stay })
	return out, p.right.write(p.join.mem, p.join.right.types, b, p.sels)
}

// divertLeft writes left rows to files whose partners are in files, and returns the others.
func (p *joinParts) divertLeft(b *vector.Batch) (*vector.Batch, error) {
	if p == nil {
		return b, nil
	}
	out := p.split(b, p.join.left.keyAt, false, func(part int) bool { return p.right[part] == nil })
	return out, p.left.write(p.join.mem, p.join.left.types, b, p.sels)
}

// startProbe is called when all right rows are there.
func (p *joinParts) startProbe() error {
	if p == nil {
		return nil
	}
	return p.right.rest()
}

// rounds gives the files away to the rounds that join them.
func (p *joinParts) rounds(level int) ([]joinRound, error) {
	if p == nil {
		return nil, nil
	}
	var out []joinRound
	for part, r := range p.right {
		if r == nil {
			continue
		}
		next := joinRound{level: level + 1, rfile: p.right.take(part)}
		if part == p.n {
			next.nulls = true
		} else {
			next.file = p.left.take(part)
			next.block = p.least[part] >= p.most[part] || next.level >= deepestRound
		}
		if next.file == nil && !p.join.keepsRight() {
			if err := r.Close(); err != nil {
				return out, err
			}
			continue
		}
		if next.file != nil {
			if err := next.file.Rest(); err != nil {
				return append(out, next), err
			}
		}
		out = append(out, next)
	}
	return out, nil
}

func (p *joinParts) close() error {
	if p == nil {
		return nil
	}
	err := p.left.close()
	if err2 := p.right.close(); err == nil {
		err = err2
	}
	return err
}

// nextRound goes on with the files of another round, after this one's rows have come out.
func (o *joinOp) nextRound() error {
	if o.round.block && !o.round.last {
		o.forget()
		o.round.left.Close()
		o.round.left, o.phase = nil, joinBuild
		return nil
	}
	o.forget()
	more, err := o.parts.rounds(o.round.level)
	o.rounds = append(o.rounds, more...)
	if err2 := o.parts.close(); err == nil {
		err = err2
	}
	o.parts = nil
	o.mem.Shrink(o.round.charged)
	if err2 := o.round.close(); err == nil {
		err = err2
	}
	o.round = joinRound{}
	if err != nil {
		return err
	}
	if len(o.rounds) == 0 {
		o.phase = joinEnd
		return nil
	}
	o.round, o.rounds = o.rounds[len(o.rounds)-1], o.rounds[:len(o.rounds)-1]
	return o.beginRound()
}

func (o *joinOp) beginRound() error {
	r := &o.round
	r.right = r.rfile.Reader()
	o.phase = joinBuild
	if r.nulls {
		o.phase = joinTail
		return nil
	}
	r.last = true
	if r.file == nil {
		return nil
	}
	if r.block && (o.kind == plan.Semi || o.keepsLeft()) {
		words := (r.file.Rows() + 63) / 64
		if err := o.mem.Grow(words * 8); err != nil {
			return err
		}
		r.charged = words * 8
		r.seen = make([]uint64, words)
	}
	return nil
}

// buildBlock reads as many right rows as fit.
func (o *joinOp) buildBlock(ctx context.Context) error {
	r := &o.round
	free := int64(leftReader)
	if l := o.mem.Limit(); l > 0 {
		free = min(free, l/8)
	}
	if o.mem.Grow(free) != nil {
		free = 0
	}
	defer o.mem.Shrink(free)
	r.right.SeekRow(r.read)
	r.last = false
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.right.Next()
		if err != nil {
			return err
		}
		if b == nil {
			r.last = true
			break
		}
		n := o.store.n
		err = o.store.append(b)
		r.read += int64(o.store.n - n)
		if o.mem.full(err) {
			r.last = r.read == r.rfile.Rows()
			break
		}
		if err != nil {
			return err
		}
	}
	r.right.Close()
	for {
		err := o.index()
		if !o.mem.full(err) || len(o.store.chunks) < 2 {
			return err
		}
		n := o.store.n
		o.store.truncate(len(o.store.chunks) / 2)
		r.read -= int64(n - o.store.n)
		r.last = false
	}
}

// leftReader is what reading left rows from a file needs.
const leftReader = 288 << 10

// nextLeft is the next batch of left rows with their keys; nil at the end. Rows before an error come without it.
func (o *joinOp) nextLeft(ctx context.Context) (*vector.Batch, error) {
	if o.round.fromFiles() {
		r := &o.round
		if r.file == nil {
			return nil, nil
		}
		if r.left == nil {
			r.left = r.file.Reader()
		}
		return r.left.Next()
	}
	b, err := o.left.op.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	o.ctx.Context = ctx
	b, err = o.left.widen(o.ctx, b)
	if err != nil {
		if b.Rows() == 0 {
			return nil, err
		}
		o.later.err = err
	}
	return b, nil
}

// nullRows gives right rows with a null among their keys.
func (o *joinOp) nullRows() (*vector.Batch, error) {
	if o.round.right == nil {
		return nil, pgerr.Internal("a join has no file of rows without keys")
	}
	b, err := o.round.right.Next()
	if b == nil || err != nil {
		return nil, err
	}
	out := o.columns(b.N)
	for i, k := range o.left.out {
		out.Cols[i] = o.outs[i].constant(vector.NewNull(o.left.types[k], b.N), b.N)
	}
	for i, k := range o.right.out {
		out.Cols[len(o.left.out)+i] = b.Cols[k]
	}
	out.N, out.Sel = b.N, b.Sel
	return out, nil
}
