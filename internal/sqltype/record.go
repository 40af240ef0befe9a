package sqltype

import (
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Field is one column of a record.
type Field struct {
	OID   uint32
	Value Value
}

// Record is an opened row value.
type Record struct{ Fields []Field }

// DecodeRecord opens the record in a Value's S.
func DecodeRecord(s string) (Record, error) { return decodeRecord([]byte(s)) }

func decodeRecord(b []byte) (Record, error) {
	var r Record
	if len(b) < 4 {
		return r, wrongSize(len(b), 4)
	}
	n := int32(binary.BigEndian.Uint32(b))
	b = b[4:]
	if n < 0 || int(n) > len(b)/8 {
		return r, pgerr.Newf(pgerr.DatatypeMismatch, "wrong number of columns: %d, expected %d", n, len(b)/8)
	}
	r.Fields = make([]Field, n)
	for i := range r.Fields {
		if len(b) < 8 {
			return r, wrongSize(len(b), 8)
		}
		oid := binary.BigEndian.Uint32(b)
		c, ok := codecOf(oid)
		if !ok {
			return r, unsupportedType(Of(oid))
		}
		v, rest, err := decodeItem(b[4:], Of(oid), trusted(Of(oid), c))
		if err != nil {
			return r, err
		}
		r.Fields[i], b = Field{oid, v}, rest
	}
	if len(b) != 0 {
		return r, wrongSize(1, 0)
	}
	return r, nil
}

// Encode closes a record into the form of a Value's S.
func (r Record) Encode() string {
	dst := binary.BigEndian.AppendUint32(nil, uint32(len(r.Fields)))
	for _, f := range r.Fields {
		dst = binary.BigEndian.AppendUint32(dst, f.OID)
		c, ok := codecOf(f.OID)
		if !ok {
			c = codec{send: textSend}
		}
		dst = appendItem(dst, f.Value, Of(f.OID), c)
	}
	return string(dst)
}

// EncodeRecord closes a record into a Value.
func EncodeRecord(r Record) Value { return Text(r.Encode()) }

// AppendRecord appends the text form of a record.
func AppendRecord(dst []byte, r Record, env Env) []byte {
	env = orDefault(env)
	dst = append(dst, '(')
	var buf []byte
	for i, f := range r.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		if f.Value.Null {
			continue
		}
		c, ok := codecOf(f.OID)
		if !ok {
			c = codec{out: textOut}
		}
		buf = c.out(buf[:0], f.Value, Of(f.OID), env)
		dst = quoteField(dst, buf)
	}
	return append(dst, ')')
}

func quoteField(dst, text []byte) []byte {
	need := len(text) == 0
	for _, c := range text {
		if c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || isSpace(c) {
			need = true
			break
		}
	}
	if !need {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func anonymous() error {
	return pgerr.New(pgerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
}

func recordIn(string, Type, Env) (Value, error) { return Value{}, anonymous() }

func recordRecv([]byte, Type, Env) (Value, error) { return Value{}, anonymous() }

// HoldsArray tells an array of a relation's rows from such a row. Neither's type is listed, and only the array begins with a
// number of dimensions and flags: where those flags stand a record has the type of its first field, which is never 0 or 1.
func HoldsArray(s string) bool {
	return len(s) >= 12 && s[4] == 0 && s[5] == 0 && s[6] == 0 && s[7] <= 1
}

func recordOut(dst []byte, v Value, t Type, env Env) []byte {
	if t.OID != OIDRecord && HoldsArray(v.S) {
		return arrayOut(dst, v, t, env)
	}
	r, err := DecodeRecord(v.S)
	if err != nil {
		return append(dst, '(', ')')
	}
	return AppendRecord(dst, r, env)
}

func recordSend(dst []byte, v Value, _ Type, _ Env) []byte { return append(dst, v.S...) }
