package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// partial goes through a batch by parts, where what is computed of all its rows is too large to be had at once (eval.Full), or where the
// rows that an operator above still wants may be few and each costs much.
type partial struct {
	batch *vector.Batch
	at    int // rows that are done
	step  int // rows of the next part; 0: all
}

func (p *partial) start(b *vector.Batch) { p.batch, p.at = b, 0 }

func (p *partial) some() bool { return p.batch != nil }

// next is the rows to be evaluated next.
func (p *partial) next() *vector.Batch {
	to := p.batch.Rows()
	if p.step > 0 {
		to = min(to, p.at+p.step)
	}
	return p.batch.Slice(p.at, to)
}

// done returns those of the rows of part that were evaluated, and err if it is the error of the row behind them.
func (p *partial) done(part *vector.Batch, rows int, err error) (*vector.Batch, error) {
	switch p.at += rows; {
	case eval.Full(err):
		p.step, err = rows, nil
	case p.step > 0:
		if p.step += (p.step + 1) / 2; p.step > vector.BatchRows {
			p.step = 0
		}
	}
	if p.at == p.batch.Rows() {
		p.batch = nil
	}
	return part.Head(rows), err
}

// firstPart is the step to begin with: parts grow from one row where a query is run for each row, so that a LIMIT above has few run in vain.
func firstPart(es []plan.Expr) int {
	for _, e := range es {
		again := false
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if s, ok := e.(*plan.Subquery); ok {
				again = again || len(plan.FreeIDs(s.Plan)) > 0
			}
			return !again
		})
		if again {
			return 1
		}
	}
	return 0
}

// batchBytes is about how many bytes of wide rows are copied into one batch.
const batchBytes = 4 << 20

// rowsAtOnce is how many rows a batch takes of n that have size bytes together.
func rowsAtOnce(size int64, n int) int {
	if n == 0 {
		return vector.BatchRows
	}
	return int(min(vector.BatchRows, max(1, batchBytes/max(1, size/int64(n)))))
}

// textBytes is what the texts of columns take.
func textBytes(cols []*vector.Vector) (n int64) {
	for _, c := range cols {
		n += int64(len(c.Data))
	}
	return n
}

// constantBytes is what the constants among columns take in each row that is copied.
func constantBytes(cols []*vector.Vector) (n int64) {
	for _, c := range cols {
		if c.Form == vector.Constant {
			n += int64(len(c.Data))
		}
	}
	return n
}

// each computes the expressions for the rows of b, and gives them to use, by parts if need be. An error of a row ends it.
func (c *computed) each(ctx *eval.Ctx, b *vector.Batch, use func(part *vector.Batch, cols []*vector.Vector) error) error {
	for todo := (partial{batch: b}); todo.some(); {
		part := todo.next()
		cols, rows, err := c.evalPart(ctx, part)
		if part, err = todo.done(part, rows, err); err != nil {
			return err
		}
		if err := use(part, cols); err != nil {
			return err
		}
	}
	return nil
}
