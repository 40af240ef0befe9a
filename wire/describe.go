package wire

import (
	"encoding/binary"
	"math"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

// describe sends RowDescription. Formats nil means that all columns are text.
func (s *session) describe(columns []backend.Column, formats []int16) *pgerr.Error {
	if len(columns) > math.MaxInt16 {
		return pgerr.Newf(pgerr.TooManyColumns, "result has %d columns, more than the protocol can describe", len(columns))
	}
	s.out.buf = appendRowDescription(s.out.buf, columns, formats)
	return nil
}

// describeOrNoData is describe for what may return no rows: columns nil.
func (s *session) describeOrNoData(columns []backend.Column, formats []int16) *pgerr.Error {
	if columns == nil {
		s.out.message(&pgproto3.NoData{})
		return nil
	}
	return s.describe(columns, formats)
}

func appendRowDescription(dst []byte, columns []backend.Column, formats []int16) []byte {
	dst, start := beginMessage(dst, 'T')
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(columns)))
	for i, c := range columns {
		dst = append(dst, fieldText(c.Name)...)
		dst = append(dst, 0)
		dst = binary.BigEndian.AppendUint32(dst, c.TableOID)
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Attnum))
		dst = binary.BigEndian.AppendUint32(dst, c.Type.OID)
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Type.Info().Len))
		dst = binary.BigEndian.AppendUint32(dst, uint32(c.Type.Typmod))
		var format int16
		if formats != nil {
			format = formats[i]
		}
		dst = binary.BigEndian.AppendUint16(dst, uint16(format))
	}
	return endMessage(dst, start)
}

// beginMessage appends the type and room for the length; endMessage fills in the length.
func beginMessage(dst []byte, kind byte) (b []byte, start int) {
	return append(dst, kind, 0, 0, 0, 0), len(dst) + 1
}

func endMessage(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}
