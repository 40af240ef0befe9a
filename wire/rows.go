package wire

import (
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

// maxRowBytes bounds one row, as PostgreSQL's MaxAllocSize does.
const maxRowBytes = 1<<30 - 1

// rowEncoder writes batches as DataRow messages. It is kept by the session, so that its buffers serve every execution.
type rowEncoder struct {
	columns []columnEncoder
}

// columnEncoder is one column: what is chosen once per execution, and what holds for the batch at hand.
type columnEncoder struct {
	kind   sqltype.Kind
	append appendValue

	values *vector.Vector // flat: the column itself, or its dictionary
	codes  []int32        // of a dictionary column, else nil
	valid  []uint64       // of a flat column with nulls, else nil
	// constant is the column's value with its length, for a constant column.
	constant   []byte
	isConstant bool
}

// reset prepares for an execution.
func (r *rowEncoder) reset(columns []backend.Column, formats []int16, env sqltype.Env) *pgerr.Error {
	if cap(r.columns) < len(columns) {
		r.columns = make([]columnEncoder, len(columns))
	}
	r.columns = r.columns[:len(columns)]
	fixed := newExecutionEnv(env)
	for i := range columns {
		var format int16
		if formats != nil {
			format = formats[i]
		}
		c := &r.columns[i]
		var e *pgerr.Error
		if c.append, e = encoderOf(columns[i].Type, format, &fixed); e != nil {
			return e
		}
		c.kind = columns[i].Type.Kind()
	}
	return nil
}

// load points the columns at a batch.
func (r *rowEncoder) load(b *vector.Batch) *pgerr.Error {
	if len(b.Cols) != len(r.columns) {
		return pgerr.Internal("batch has %d columns, the portal %d", len(b.Cols), len(r.columns))
	}
	for i := range r.columns {
		if e := r.columns[i].load(b.Cols[i]); e != nil {
			return e
		}
	}
	return nil
}

func (c *columnEncoder) load(v *vector.Vector) *pgerr.Error {
	if v.Kind != c.kind {
		return pgerr.Internal("batch has kind %d where the column has %d", v.Kind, c.kind)
	}
	c.values, c.codes, c.valid, c.isConstant = v.Physical(), nil, nil, false
	switch v.Form {
	case vector.Constant:
		c.isConstant = true
		return c.loadConstant(v)
	case vector.Dictionary:
		c.codes = v.Codes
	default:
		c.valid = v.Valid
	}
	return nil
}

// loadConstant encodes the value once for all rows of the batch.
func (c *columnEncoder) loadConstant(v *vector.Vector) *pgerr.Error {
	if v.N == 0 || v.IsNull(0) {
		c.constant = append(c.constant[:0], nullLength...)
		return nil
	}
	b, err := c.append(append(c.constant[:0], 0, 0, 0, 0), v, 0)
	if err != nil {
		return valueFault(err)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	c.constant = b
	return nil
}

// nullLength is the length -1 that stands for NULL.
const nullLength = "\xff\xff\xff\xff"

// index is the place of a row's value, or -1 for null.
func (c *columnEncoder) index(row int) int {
	if c.codes != nil {
		return int(c.codes[row])
	}
	if c.valid != nil && c.valid[row>>6]&(1<<(uint(row)&63)) == 0 {
		return -1
	}
	return row
}

// field appends a row's value with its length before it.
func (c *columnEncoder) field(dst []byte, row int) ([]byte, error) {
	if c.isConstant {
		return append(dst, c.constant...), nil
	}
	i := c.index(row)
	if i < 0 {
		return append(dst, nullLength...), nil
	}
	at := len(dst)
	dst, err := c.append(append(dst, 0, 0, 0, 0), c.values, i)
	if err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, nil
}

// batch writes the batch's rows and returns how many it wrote. It flushes on the way; a failed write shows in the writer.
func (r *rowEncoder) batch(w *writer, b *vector.Batch) (rows int, e *pgerr.Error) {
	if e := r.load(b); e != nil {
		return 0, e
	}
	columns := uint16(len(r.columns))
	for n := range b.Rows() {
		row := b.Row(n)
		buf, start := beginMessage(w.buf, 'D')
		buf = binary.BigEndian.AppendUint16(buf, columns)
		for i := range r.columns {
			var err error
			if buf, err = r.columns[i].field(buf, row); err != nil {
				w.buf = buf[:start-1]
				return n, valueFault(err)
			}
			if len(buf)-start > maxRowBytes {
				w.buf = buf[:start-1]
				return n, pgerr.Newf(pgerr.ProgramLimitExceeded, "row is longer than %d bytes", maxRowBytes)
			}
		}
		w.buf = endMessage(buf, start)
		if _ = w.full(); w.failed() {
			return n, nil
		}
	}
	return b.Rows(), nil
}

// valueFault is the error of a value that has no form in the format asked for.
func valueFault(err error) *pgerr.Error {
	if e := pgerr.As(err); e != nil {
		return e
	}
	return pgerr.Internal("value cannot be encoded: %w", err)
}
