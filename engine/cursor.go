package engine

import (
	"context"

	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/bind"
)

// looseMemory is what a cursor keeps that nobody declared to scroll: enough to look back, and no file for those who read a table to
// its end.
const looseMemory = 4 << 20

// cursor is the position of FETCH in a portal's rows. A scrollable or held one keeps the rows it has read, in a file where they do not
// fit its memory. One that is scrollable by its query alone is loose: it forgets its rows and only goes forward once they do not fit.
type cursor struct {
	rows   rows
	keep   bool // rows are kept
	back   bool // it may go backward
	loose  bool
	budget *vector.Budget
	files  *spill.Dir

	kept   *exec.Spool
	reader *exec.SpoolReader
	read   int // rows read so far
	ended  bool
	pos    int // 0 before the first row; n on row n; one past the last after the end
}

func (c *cursor) ready() bool { return c.ended || c.pos < c.read && c.keep || c.rows.ready() }

func (c *cursor) release() error {
	if c.kept == nil {
		return nil
	}
	c.reader.Close()
	return c.kept.Close()
}

// forget makes a loose cursor one that only goes forward.
func (c *cursor) forget() error {
	err := c.release()
	c.kept, c.reader, c.keep, c.back = nil, nil, false, false
	return err
}

// pull reads up to n more rows and keeps them if the cursor does.
func (c *cursor) pull(ctx context.Context, n int) (*vector.Batch, error) {
	if c.ended {
		return nil, nil
	}
	b, err := c.rows.next(ctx, n)
	if err != nil {
		return nil, err
	}
	if b == nil {
		c.ended = true
		return nil, nil
	}
	if c.keep {
		if c.kept == nil {
			types := make([]sqltype.Type, len(b.Cols))
			for i, col := range b.Cols {
				types[i] = col.Type
			}
			c.kept = exec.NewSpool(types, c.budget, c.files)
			c.reader = c.kept.Reader()
		}
		if err := c.kept.Append(b); err != nil {
			if !c.loose || pgerr.CodeOf(err) != pgerr.OutOfMemory {
				return nil, err
			}
			if err := c.forget(); err != nil {
				return nil, err
			}
		}
	}
	c.read += b.Rows()
	return b, nil
}

// forward gives the next rows, at most n of them (0: any number).
func (c *cursor) forward(ctx context.Context, n int) (*vector.Batch, error) {
	if c.keep && c.pos < c.read {
		b, err := c.stored(c.pos+1, n)
		if err == nil {
			c.pos += b.Rows()
		}
		return b, err
	}
	b, err := c.pull(ctx, n)
	if err != nil {
		return nil, err
	}
	if b == nil {
		c.pos = c.read + 1
		return nil, nil
	}
	c.pos += b.Rows()
	return b, nil
}

// stored gives kept rows from row on, at most n of them (0: any number).
func (c *cursor) stored(row, n int) (*vector.Batch, error) {
	c.reader.SeekRow(int64(row - 1))
	b, err := c.reader.Next()
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, pgerr.Internal("a cursor has lost row %d of %d", row, c.read)
	}
	if n > 0 && n < b.Rows() {
		b = b.Head(n)
	}
	return b, nil
}

// reversed gives the rows before the position, the nearest first, at most n of them; nil at the beginning.
func (c *cursor) reversed(n int) (*vector.Batch, error) {
	n = min(n, vector.BatchRows, max(c.pos-1, 0))
	if n == 0 {
		c.pos = 0
		return nil, nil
	}
	var own *vector.Batch
	for from := c.pos - n; own == nil || own.N < n; {
		b, err := c.stored(from, c.pos-from)
		if err != nil {
			return nil, err
		}
		if own == nil {
			own = &vector.Batch{}
			for _, col := range b.Cols {
				own.Cols = append(own.Cols, vector.New(col.Type))
			}
		}
		for i, col := range own.Cols {
			col.AppendSel(b.Cols[i], b.Sel, b.Rows())
		}
		own.N += b.Rows()
		from += b.Rows()
	}
	c.pos -= n
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(n - 1 - i)
	}
	return (&vector.Batch{Cols: own.Cols, N: n, Sel: order}).Compact(), nil
}

// reach reads until row n is there, if there is one.
func (c *cursor) reach(ctx context.Context, n int) error {
	for c.read < n && !c.ended {
		if _, err := c.pull(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

func onlyForward() *pgerr.Error {
	return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cursor can only scan forward").
		WithHint("Declare it with SCROLL option to enable backward scan.")
}

// refuses reports a movement that a cursor without SCROLL does not make, before anything is read.
func (c *cursor) refuses(f *bind.FetchStmt) bool {
	if c.back {
		return false
	}
	off := c.pos == 0 || c.pos > c.read // on no row
	switch f.Direction {
	case bind.FetchForward:
		return f.Count < 0 || f.Count == 0 && !off
	case bind.FetchBackward:
		return f.Count > 0 || f.Count == 0 && !off
	case bind.FetchAbsolute:
		return f.Count < 0 || f.Count <= int64(c.pos) && c.pos > 0
	default:
		return f.Count < 0 || f.Count == 0 && !off
	}
}

// fetch gives the rows of a FETCH one batch at a time through give, and returns how many there were.
func (c *cursor) fetch(ctx context.Context, f *bind.FetchStmt, give func(*vector.Batch) error) (int64, error) {
	switch f.Direction {
	case bind.FetchForward:
		if f.Count < 0 {
			return c.backward(ctx, -f.Count, give)
		}
		return c.fetchForward(ctx, f.Count, give)
	case bind.FetchBackward:
		if f.Count < 0 {
			return c.fetchForward(ctx, -f.Count, give)
		}
		return c.backward(ctx, f.Count, give)
	case bind.FetchAbsolute:
		target := f.Count
		if f.Count < 0 {
			if err := c.reach(ctx, int(^uint(0)>>1)); err != nil {
				return 0, err
			}
			if !c.keep {
				return 0, onlyForward()
			}
			target = int64(c.read) + 1 + f.Count
		}
		return c.jump(ctx, target, give)
	default:
		return c.jump(ctx, int64(c.pos)+f.Count, give)
	}
}

func (c *cursor) fetchForward(ctx context.Context, count int64, give func(*vector.Batch) error) (int64, error) {
	if count == 0 {
		return c.jump(ctx, int64(c.pos), give)
	}
	var n int64
	for n < count {
		want := 0
		if left := count - n; left < vector.BatchRows {
			want = int(left)
		}
		b, err := c.forward(ctx, want)
		if err != nil || b == nil {
			return n, err
		}
		n += int64(b.Rows())
		if err := give(b); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *cursor) backward(ctx context.Context, count int64, give func(*vector.Batch) error) (int64, error) {
	if count == 0 {
		return c.jump(ctx, int64(c.pos), give)
	}
	var n int64
	for n < count {
		b, err := c.reversed(int(min(count-n, vector.BatchRows)))
		if err != nil || b == nil {
			return n, err
		}
		n += int64(b.Rows())
		if err := give(b); err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// jump goes to a row and gives it.
func (c *cursor) jump(ctx context.Context, target int64, give func(*vector.Batch) error) (int64, error) {
	if !c.keep || c.loose && target > int64(c.pos) {
		for int64(c.pos) < target {
			b, err := c.forward(ctx, 1)
			if err != nil || b == nil {
				return 0, err
			}
			if int64(c.pos) == target {
				return 1, give(b)
			}
		}
		return 0, nil
	}
	if target <= 0 {
		c.pos = 0
		return 0, nil
	}
	if target > int64(^uint(0)>>1)-1 {
		target = int64(^uint(0)>>1) - 1
	}
	if err := c.reach(ctx, int(target)); err != nil {
		return 0, err
	}
	if target > int64(c.read) {
		c.pos = c.read + 1
		return 0, nil
	}
	c.pos = int(target)
	b, err := c.stored(c.pos, 1)
	if err != nil {
		return 0, err
	}
	return 1, give(b)
}

// materialize reads the rest of a cursor WITH HOLD at the end of its transaction.
func (p *portal) materialize(ctx context.Context) error {
	if err := p.cursor.reach(ctx, int(^uint(0)>>1)); err != nil {
		return err
	}
	now := p.s.e.clock()
	p.heldSince = &now
	return nil
}
