package odata

import (
	"bytes"
	"math/rand/v2"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Bounds of a dictionary; a column with more is written flat from there on.
const (
	dictEntries = 256
	dictBytes   = 64 << 10
	dictTable   = 1024 // a power of two, at most a quarter full
)

// dictionary collects the distinct strings of a column. It only grows, and each batch sees a prefix of it that nobody writes.
type dictionary struct {
	id       uint64
	values   *vector.Vector
	hashes   [dictEntries]uint64
	table    [dictTable]int16 // code+1, 0 is free
	last     []byte           // raw text of the value before, with its closing quote
	lastCode int32
	snapshot *vector.Dict
}

func newDictionary(t sqltype.Type) *dictionary {
	v := vector.New(t)
	v.Offsets = append(v.Offsets, 0)
	return &dictionary{id: rand.Uint64(), values: v}
}

// code finds or adds a string; false if the dictionary is full.
func (x *dictionary) code(b []byte) (int32, bool) {
	h := mix(b)
	i := h & (dictTable - 1)
	for x.table[i] != 0 {
		c := int32(x.table[i] - 1)
		if x.hashes[c] == h && bytes.Equal(x.entry(c), b) {
			return c, true
		}
		i = (i + 1) & (dictTable - 1)
	}
	v := x.values
	if v.N == dictEntries || len(v.Data)+len(b) > dictBytes {
		return 0, false
	}
	c := int32(v.N)
	v.Data = append(v.Data, b...)
	v.Offsets = append(v.Offsets, int32(len(v.Data)))
	v.N++
	x.hashes[c], x.table[i] = h, int16(c+1)
	return c, true
}

func (x *dictionary) entry(c int32) []byte {
	return x.values.Data[x.values.Offsets[c]:x.values.Offsets[c+1]]
}

// prefix is the dictionary as it is now. Later entries are appended behind it, so it may be read while the dictionary grows.
func (x *dictionary) prefix() *vector.Dict {
	v := x.values
	if x.snapshot == nil || x.snapshot.Values.N < v.N {
		c := vector.New(v.Type)
		c.N, c.Data, c.Offsets = v.N, v.Data[:len(v.Data):len(v.Data)], v.Offsets[:v.N+1:v.N+1]
		if c.N > 0 {
			c.EndBytes(c.N - 1)
		}
		x.snapshot = &vector.Dict{ID: x.id, Values: c}
	}
	return x.snapshot
}

func readString(d *decoder, s *slot, p, row int) int {
	if x := s.dict; x != nil && len(x.last) > 0 && d.buf[p] == '"' && bytes.HasPrefix(d.buf[p+1:d.end], x.last) {
		s.vec.Codes[row] = x.lastCode
		return p + 1 + len(x.last)
	}
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	if next = d.writeText(s, row, t, next); next < 0 || s.dict == nil {
		return next
	}
	// The text of a string with escapes is not its raw text, but the raw text is as good to recognise it by.
	x := s.dict
	x.last, x.lastCode = append(x.last[:0], d.buf[p+1:next]...), s.vec.Codes[row]
	return next
}

// writeText stores a string, which SQL holds only without U+0000.
func (d *decoder) writeText(s *slot, row int, t []byte, next int) int {
	if bytes.IndexByte(t, 0) >= 0 {
		return d.invalid(s, "a string with the character U+0000, which SQL text cannot hold")
	}
	if s.dict != nil {
		if c, ok := s.dict.code(t); ok {
			s.vec.Codes[row] = c
			return next
		}
		d.abandonDict(s, row)
	}
	s.writeFlat(row, t)
	return next
}

// abandonDict makes the rows so far flat, and those to come.
func (d *decoder) abandonDict(s *slot, rows int) {
	x, codes := s.dict, s.vec.Codes
	s.dict = nil
	flat := vector.New(s.vec.Type)
	flat.Reset(d.room)
	s.vec = flat
	d.batch.Cols[s.index] = flat
	for i, c := range codes[:rows] {
		if c < 0 {
			if flat.Valid == nil {
				flat.Valid = allValid(d.room)
			}
			flat.Valid[i>>6] &^= 1 << (uint(i) & 63)
			flat.Offsets[i+1] = int32(len(flat.Data))
			continue
		}
		s.writeFlat(i, x.entry(c))
	}
}

// readEnum takes the member's name, or its number from services that send that.
func readEnum(d *decoder, s *slot, p, row int) int {
	if d.buf[p] == '"' {
		return readString(d, s, p, row)
	}
	end := d.skip(p, 4)
	if end < 0 {
		return -1
	}
	n, ok := wholeNumber(d.buf[p:end])
	if !ok {
		return d.wrong(s, p, "a member of "+s.col.Edm.Name)
	}
	if e := s.col.Edm.Enum; e != nil {
		for _, m := range e.Members {
			if m.Value == n {
				return d.writeText(s, row, []byte(m.Name), end)
			}
		}
	}
	return d.invalid(s, "%s has no member with the value %d", s.col.Edm.Name, n)
}
