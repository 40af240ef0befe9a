package eval

import (
	"errors"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// batchBytes is how many bytes the values that one place in a program makes for a batch may take, and batchPart which part of the query's
// memory, if that is less. A thousand rows of a megabyte each are no reason to have all of them at once.
const (
	batchBytes = 4 << 20
	batchPart  = 16
)

var errBatchFull = errors.New("the values of a batch are too large")

// errFull ends a batch before a row whose value would make it too large. To whoever does not know of it, it is an error like others.
func errFull() error {
	return pgerr.New(pgerr.OutOfMemory, "out of memory").WithDetail("The values of one batch of rows are too large.").WithCause(errBatchFull)
}

// Full reports that Eval or Select stopped before the end of the batch because its values became too large: nothing is wrong with the
// next row, which is to be evaluated by another call. The first row of a batch is never refused for that.
func Full(err error) bool { return err != nil && errors.Is(err, errBatchFull) }

// fills reports whether a value that makes out total bytes long must wait for the next batch.
func (c *Ctx) fills(out *vector.Vector, total int64) bool {
	if c == nil || c.oneRow || len(out.Data) == 0 {
		return false
	}
	most := int64(batchBytes)
	if c.Mem != nil && c.Mem.Limit() > 0 {
		most = min(most, max(c.Mem.Limit()/batchPart, chargeStep))
	}
	return total > most
}
