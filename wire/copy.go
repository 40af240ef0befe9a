package wire

import (
	"context"
	"encoding/binary"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

// copyWriter is the data format of a COPY TO STDOUT. The file's parts are message bodies of CopyData, cut as PostgreSQL
// cuts them: one per row, and one for a text header.
type copyWriter interface {
	// header appends what comes before the first row. whole says that it is a CopyData of its own.
	header(dst []byte) (b []byte, whole bool)
	// row appends a row of the batch that the columns are loaded with.
	row(dst []byte, columns []columnEncoder, row int) ([]byte, error)
	// trailer appends what comes after the last row.
	trailer(dst []byte) []byte
}

// copyOut runs a COPY TO STDOUT: CopyOutResponse, the data and CopyDone.
func (s *session) copyOut(ctx context.Context, p backend.Portal) (rows int64, e *pgerr.Error) {
	columns, format := p.Columns(), p.Copy()
	var w copyWriter
	var formats []int16
	switch format.Format {
	case "binary":
		w = copyBinary{}
		formats = binaryFormats(len(columns))
	case "csv":
		w = &copyCSV{format: format, names: columns}
	default:
		w = &copyText{format: format, names: columns}
	}
	if e := s.rows.reset(columns, formats, s.backend.Env()); e != nil {
		return 0, e
	}
	s.out.message(copyOutResponse(len(columns), formats))
	// A binary header travels with the first row (or the trailer), so it waits.
	pending, whole := w.header(nil)
	if whole {
		s.out.buf = appendCopyData(s.out.buf, pending)
		pending = nil
	}
	for {
		b, e := s.nextBatch(ctx, p, 0)
		if e != nil {
			return rows, e
		}
		if b == nil {
			break
		}
		if e := s.rows.load(b); e != nil {
			return rows, e
		}
		n, e := s.copyRows(w, b, pending)
		rows += int64(n)
		if e != nil {
			return rows, e
		}
		if n > 0 {
			pending = nil
		}
	}
	if last := w.trailer(pending); len(last) > 0 {
		s.out.buf = appendCopyData(s.out.buf, last)
	}
	s.out.message(&pgproto3.CopyDone{})
	return rows, nil
}

func (s *session) copyRows(w copyWriter, b *vector.Batch, pending []byte) (rows int, e *pgerr.Error) {
	for n := range b.Rows() {
		buf, start := beginMessage(s.out.buf, 'd')
		buf = append(buf, pending...)
		pending = nil
		buf, err := w.row(buf, s.rows.columns, b.Row(n))
		if err != nil {
			s.out.buf = buf[:start-1]
			return n, valueFault(err)
		}
		if len(buf)-start > maxRowBytes {
			s.out.buf = buf[:start-1]
			return n, pgerr.Newf(pgerr.ProgramLimitExceeded, "row is longer than %d bytes", maxRowBytes)
		}
		s.out.buf = endMessage(buf, start)
		if s.out.full() != nil {
			return n, s.lost()
		}
	}
	return b.Rows(), nil
}

func binaryFormats(n int) []int16 {
	formats := make([]int16, n)
	for i := range formats {
		formats[i] = 1
	}
	return formats
}

func copyOutResponse(columns int, formats []int16) *pgproto3.CopyOutResponse {
	r := &pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, columns)}
	if formats != nil {
		r.OverallFormat = 1
		for i := range r.ColumnFormatCodes {
			r.ColumnFormatCodes[i] = 1
		}
	}
	return r
}

func appendCopyData(dst, data []byte) []byte {
	dst, start := beginMessage(dst, 'd')
	return endMessage(append(dst, data...), start)
}

// text appends the value as text without a length; null says that it has none.
func (c *columnEncoder) text(dst []byte, row int) (b []byte, null bool, err error) {
	if c.isConstant {
		if string(c.constant) == nullLength {
			return dst, true, nil
		}
		return append(dst, c.constant[4:]...), false, nil
	}
	i := c.index(row)
	if i < 0 {
		return dst, true, nil
	}
	dst, err = c.append(dst, c.values, i)
	return dst, false, err
}

// copyBinary is COPY's binary format (PostgreSQL documentation, COPY, "Binary Format").
type copyBinary struct{}

func (copyBinary) header(dst []byte) ([]byte, bool) {
	dst = append(dst, "PGCOPY\n\xff\r\n\x00"...)
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0), false // flags, length of the extension
}

func (copyBinary) row(dst []byte, columns []columnEncoder, row int) ([]byte, error) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(columns)))
	for i := range columns {
		var err error
		if dst, err = columns[i].field(dst, row); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (copyBinary) trailer(dst []byte) []byte { return append(dst, 0xff, 0xff) }
