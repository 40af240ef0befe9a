package odata

import (
	"slices"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// batchBytes is how many bytes of text a batch holds before it is handed up with fewer rows than it could have.
const batchBytes = 1 << 20

func allValid(rows int) []uint64 {
	v := make([]uint64, (rows+63)/64)
	for i := range v {
		v[i] = ^uint64(0)
	}
	return v
}

// begin starts a batch: one that came back, or a new one.
func (d *decoder) begin(b *vector.Batch) {
	if b == nil {
		b = &vector.Batch{Cols: make([]*vector.Vector, len(d.slots))}
		for i, s := range d.slots {
			b.Cols[i] = vector.New(s.col.Type)
		}
	}
	d.batch, d.rows, d.large = b, 0, false
	d.room = d.usual
	if b.N > 0 { // used before: the vectors have grown already
		d.room = max(d.room, min(vector.BatchRows, roomOf(b)))
	}
	b.N = 0
	for i, s := range d.slots {
		s.vec = b.Cols[i]
		s.vec.Reset(0)
		s.open(d.room)
		if s.dict == nil && cap(s.vec.Data) < s.usual {
			s.vec.Data = make([]byte, 0, s.usual)
		}
	}
}

// roomOf is the number of rows that every vector of a used batch holds without growing.
func roomOf(b *vector.Batch) int {
	room := vector.BatchRows
	for _, v := range b.Cols {
		switch v.Kind {
		default:
			if v.Form == vector.Dictionary {
				room = min(room, cap(v.Codes))
			} else {
				room = min(room, cap(v.Offsets)-1)
			}
		case sqltype.KindBool:
			room = min(room, cap(v.Bools))
		case sqltype.KindInt16:
			room = min(room, cap(v.I16))
		case sqltype.KindInt32:
			room = min(room, cap(v.I32))
		case sqltype.KindInt64:
			room = min(room, cap(v.I64))
		case sqltype.KindFloat32:
			room = min(room, cap(v.F32))
		case sqltype.KindFloat64:
			room = min(room, cap(v.F64))
		case sqltype.KindInterval:
			room = min(room, cap(v.Intervals))
		case sqltype.KindUUID:
			room = min(room, cap(v.UUIDs))
		}
	}
	return room
}

// open gives the slot's vector room for n rows, keeping what it holds.
func (s *slot) open(n int) {
	v := s.vec
	if s.dict != nil {
		v.Form, v.Codes = vector.Dictionary, extend(v.Codes, n)
		return
	}
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools = extend(v.Bools, n)
	case sqltype.KindInt16:
		v.I16 = extend(v.I16, n)
	case sqltype.KindInt32:
		v.I32 = extend(v.I32, n)
	case sqltype.KindInt64:
		v.I64 = extend(v.I64, n)
	case sqltype.KindFloat32:
		v.F32 = extend(v.F32, n)
	case sqltype.KindFloat64:
		v.F64 = extend(v.F64, n)
	case sqltype.KindInterval:
		v.Intervals = extend(v.Intervals, n)
	case sqltype.KindUUID:
		v.UUIDs = extend(v.UUIDs, n)
	case sqltype.KindNumeric:
		v.I64, v.Scales, v.Offsets = extend(v.I64, n), extend(v.Scales, n), extend(v.Offsets, n+1)
	default:
		v.Offsets = extend(v.Offsets, n+1)
	}
	for v.Valid != nil && len(v.Valid) < (n+63)/64 {
		v.Valid = append(v.Valid, ^uint64(0))
	}
}

func extend[T any](s []T, n int) []T {
	if n > len(s) {
		s = slices.Grow(s, n-len(s))
	}
	return s[:n]
}

func (d *decoder) grow() {
	d.room = min(vector.BatchRows, max(vector.InitialRows, 2*d.room))
	for _, s := range d.slots {
		s.open(d.room)
	}
}

// full reports whether the batch should be handed up.
func (d *decoder) full() bool {
	if d.rows == vector.BatchRows {
		return true
	}
	// Counting bytes for every row would cost more than it saves, and 63 ordinary rows too many do no harm.
	return (d.large || d.rows&63 == 0) && d.bytes() >= batchBytes
}

func (d *decoder) bytes() int {
	n := 0
	for _, s := range d.slots {
		n += len(s.vec.Data)
	}
	return n
}

// seal gives the batch its length, so that it can be read.
func (d *decoder) seal() *vector.Batch {
	n := d.rows
	d.batch.N = n
	whole := d.full()
	if whole {
		d.usual = max(d.usual, d.room)
	}
	for _, s := range d.slots {
		v := s.vec
		if whole && s.dict == nil {
			s.usual = len(v.Data) + len(v.Data)/8
		}
		s.open(n)
		v.N = n
		if s.dict != nil {
			v.Dict = s.dict.prefix()
			v.Valid = nil
		} else if vector.HasBytes(v.Kind) && n > 0 {
			v.EndBytes(n - 1)
		}
	}
	return d.batch
}

// reopen goes on with a sealed batch that nobody took.
func (d *decoder) reopen() {
	for _, s := range d.slots {
		s.open(d.room)
	}
}
