package odata

import (
	"strconv"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// readers is the one place that says how a value of a kind is read.
func readers() map[edm.Kind]valueReader {
	return map[edm.Kind]valueReader{
		edm.KindBinary:         readBinary,
		edm.KindBoolean:        readBool,
		edm.KindByte:           readInt,
		edm.KindDate:           readDate,
		edm.KindDateTimeOffset: readTimestamp,
		edm.KindDecimal:        readDecimal,
		edm.KindDouble:         readDouble,
		edm.KindDuration:       readDuration,
		edm.KindGuid:           readGuid,
		edm.KindInt16:          readInt,
		edm.KindInt32:          readInt,
		edm.KindInt64:          readInt,
		edm.KindSByte:          readInt,
		edm.KindSingle:         readSingle,
		edm.KindString:         readString,
		edm.KindTimeOfDay:      readTimeOfDay,
		edm.KindGeography:      readJSON,
		edm.KindGeometry:       readJSON,
		edm.KindUntyped:        readJSON,
		edm.KindEnum:           readEnum,
		edm.KindCollection:     readJSON,
	}
}

func newSlot(c Column, index int) *slot {
	s := &slot{col: c, name: c.Path.String(), index: index, scale: -1}
	declared, ok := c.Edm.SQL()
	switch {
	case ok && declared == c.Type:
		s.read = readers()[c.Edm.Kind]
	case ok && declared.OID == c.Type.OID && c.Type.Typmod == -1:
		s.read = readers()[c.Edm.Kind]
	case c.Edm.Kind.JSON() == edm.JSONAny && (c.Type.OID == sqltype.OIDJSONB || c.Type.OID == sqltype.OIDJSON):
		s.read = readJSON
	default:
		s.read = readOther
	}
	if c.Type.Kind() == sqltype.KindBytes && c.Edm.Kind.JSON() == edm.JSONString && c.Edm.Kind != edm.KindBinary && c.Type.OID == sqltype.OIDText {
		s.dict = newDictionary(c.Type)
	}
	if c.Type.OID == sqltype.OIDNumeric && c.Type.Typmod >= 4 {
		mod := c.Type.Typmod - 4
		s.precision, s.scale = int(mod>>16&0xFFFF), int(mod&0x7FF)
	}
	switch c.Edm.Kind {
	case edm.KindByte:
		s.lo, s.hi = 0, 255
	case edm.KindSByte:
		s.lo, s.hi = -128, 127
	case edm.KindInt16:
		s.lo, s.hi = -1<<15, 1<<15-1
	case edm.KindInt32:
		s.lo, s.hi = -1<<31, 1<<31-1
	default:
		s.lo, s.hi = -1<<63, 1<<63-1
	}
	return s
}

// text reads a string's content. It is valid until the next call, and until the buffer changes.
func (d *decoder) text(s *slot, p int) (content []byte, next int) {
	if d.buf[p] != '"' {
		return nil, d.wrong(s, p, "a string")
	}
	end, escaped := d.str(p + 1)
	if end < 0 {
		return nil, -1
	}
	content = d.buf[p+1 : end]
	if escaped {
		var ok bool
		if content, ok = unescape(d.scratch[:0], content); !ok {
			return nil, d.malformed(p, "a string with half a surrogate pair")
		}
		d.scratch = content
	}
	return content, end + 1
}

// wrong fails because the value at p, which may not even be JSON, is of another sort than the column's.
func (d *decoder) wrong(s *slot, p int, want string) int {
	end := d.skip(p, 4)
	if end < 0 {
		return -1
	}
	return d.invalid(s, "%s was expected, not %s", want, sample(d.buf[p:end]))
}

// invalid fails because of the value, in words for the user.
func (d *decoder) invalid(s *slot, format string, args ...any) int {
	d.err = newValueError(s, format, args...)
	return -1
}

// sample quotes the beginning of a value for a message.
func sample(raw []byte) string {
	const most = 64
	if len(raw) <= most {
		return string(raw)
	}
	cut := most
	for cut > 0 && raw[cut]&0xC0 == 0x80 {
		cut--
	}
	return string(raw[:cut]) + "…"
}

func readBool(d *decoder, s *slot, p, row int) int {
	switch d.buf[p] {
	case 't':
		s.vec.Bools[row] = true
		return d.word(p, "true")
	case 'f':
		s.vec.Bools[row] = false
		return d.word(p, "false")
	}
	return d.wrong(s, p, "a boolean")
}

func readGuid(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	if !parseGuid(&s.vec.UUIDs[row], t) {
		return d.invalid(s, "%s is no Edm.Guid", quoted(t))
	}
	return next
}

func parseGuid(dst *[16]byte, t []byte) bool {
	if len(t) != 36 || t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-' {
		return false
	}
	at := 0
	for i := range dst {
		if t[at] == '-' {
			at++
		}
		hi, lo := hexValues[t[at]], hexValues[t[at+1]]
		if hi|lo > 15 {
			return false
		}
		dst[i] = hi<<4 | lo
		at += 2
	}
	return true
}

// hexValues is hexDigit as a table, never written.
var hexValues = func() (t [256]byte) {
	for i := range t {
		t[i] = hexDigit(byte(i))
	}
	return t
}()

// readBinary takes base64url as OData says, and plain base64, with or without padding.
func readBinary(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	v := s.vec
	from := len(v.Data)
	var ok bool
	if v.Data, ok = appendBase64(v.Data, t); !ok {
		v.Data = v.Data[:from]
		return d.invalid(s, "%s is no Edm.Binary", quoted(t))
	}
	v.Offsets[row+1] = int32(len(v.Data))
	return next
}

func appendBase64(dst, t []byte) ([]byte, bool) {
	for n := 0; n < 2 && len(t) > 0 && t[len(t)-1] == '='; n++ {
		t = t[:len(t)-1]
	}
	var acc, bits uint
	for _, c := range t {
		var v uint
		switch {
		case 'A' <= c && c <= 'Z':
			v = uint(c - 'A')
		case 'a' <= c && c <= 'z':
			v = uint(c-'a') + 26
		case '0' <= c && c <= '9':
			v = uint(c-'0') + 52
		case c == '-' || c == '+':
			v = 62
		case c == '_' || c == '/':
			v = 63
		default:
			return dst, false
		}
		acc, bits = acc<<6|v, bits+6
		if bits >= 8 {
			bits -= 8
			dst = append(dst, byte(acc>>bits))
		}
	}
	return dst, len(t)%4 != 1
}

// readOther reads a value into a type that the configuration chose: by its text, as PostgreSQL would read it.
func readOther(d *decoder, s *slot, p, row int) int {
	t, next := d.anyText(s, p)
	if next < 0 {
		return -1
	}
	if s.vec.Type.OID == sqltype.OIDText {
		return d.writeText(s, row, t, next)
	}
	v, err := sqltype.ParseText(s.vec.Type, string(t), nil)
	if err != nil {
		return d.invalid(s, "%s", err.Error())
	}
	s.write(row, v)
	return next
}

// anyText is the content of a string, or a value of another sort as it is written.
func (d *decoder) anyText(s *slot, p int) (t []byte, next int) {
	if d.buf[p] == '"' {
		return d.text(s, p)
	}
	if next = d.skip(p, 4); next < 0 {
		return nil, -1
	}
	return d.buf[p:next], next
}

// readJSON keeps any value as jsonb.
func readJSON(d *decoder, s *slot, p, row int) int {
	next := d.skip(p, 4)
	if next < 0 {
		return -1
	}
	if next-p > d.limits.ValueBytes {
		d.err = errValSize
		return -1
	}
	v, err := sqltype.ParseText(s.vec.Type, string(d.buf[p:next]), nil)
	if err != nil {
		return d.invalid(s, "%s", err.Error())
	}
	s.writeFlat(row, []byte(v.S))
	return next
}

// write stores a scalar of the vector's type.
func (s *slot) write(row int, v sqltype.Value) {
	switch s.vec.Kind {
	case sqltype.KindBytes:
		s.writeFlat(row, []byte(v.S))
	case sqltype.KindNumeric:
		s.writeNumeric(row, v.Num)
	default:
		s.vec.SetValue(row, v)
	}
}

func (s *slot) writeFlat(row int, b []byte) {
	v := s.vec
	v.Data = append(v.Data, b...)
	v.Offsets[row+1] = int32(len(v.Data))
}

func (s *slot) writeNumeric(row int, n sqltype.Numeric) {
	v := s.vec
	v.I64[row], v.Scales[row] = n.Coef, n.Scale
	if n.Scale == sqltype.ScaleOverflow {
		v.Data = append(v.Data, n.Ext...)
	}
	v.Offsets[row+1] = int32(len(v.Data))
}

func quoted(t []byte) string { return strconv.Quote(sample(t)) }
