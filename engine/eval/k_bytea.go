package eval

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func substrBytes(open bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		length := int64(0)
		if !open {
			length = a[2].I
		}
		skip, take, err := substrSpan(a[1].I, length, open)
		s := a[0].S
		if err != nil || take == 0 || skip >= len(s) {
			return sqltype.Text(""), err
		}
		return sqltype.Text(s[skip:min(skip+take, len(s))]), nil
	}
}

func overlayBytes(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	length, start, s := int64(len(a[1].S)), a[2].I, a[0].S
	if len(a) > 3 {
		length = a[3].I
	}
	if start <= 0 {
		return sqltype.Value{}, errNegativeLength()
	}
	rest := start + length
	if rest > math.MaxInt32 || rest < math.MinInt32 {
		return sqltype.Value{}, errInt4Range()
	}
	tail := s
	if rest > 1 {
		tail = s[min(int(rest-1), len(s)):]
	}
	return sqltype.Text(s[:min(int(start-1), len(s))] + a[1].S + tail), nil
}

func errIndex(i int64, n int64) error {
	return pgerr.Newf(pgerr.ArraySubscriptError, "index %d out of valid range, 0..%d", i, n-1)
}

// bitOrByte makes get_byte, get_bit, set_byte and set_bit.
func bitOrByte(name string, bit, set bool) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		s, i := a[0].S, a[1].I
		limit := int64(len(s))
		if bit {
			limit *= 8
		}
		if i < 0 || i >= limit {
			return sqltype.Value{}, errIndex(i, limit)
		}
		switch {
		case !set && !bit:
			return sqltype.Int(int64(s[i])), nil
		case !set:
			return sqltype.Int(int64(s[i/8] >> (i % 8) & 1)), nil
		}
		b := []byte(s)
		switch {
		case !bit:
			b[i] = byte(a[2].I)
		case a[2].I == 1:
			b[i/8] |= 1 << (i % 8)
		case a[2].I == 0:
			b[i/8] &^= 1 << (i % 8)
		default:
			return sqltype.Value{}, invalid("new bit must be 0 or 1")
		}
		return sqltype.Text(string(b)), nil
	})
}

func trimBytes(left, right bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		s, set := a[0].S, a[1].S
		for left && s != "" && strings.IndexByte(set, s[0]) >= 0 {
			s = s[1:]
		}
		for right && s != "" && strings.IndexByte(set, s[len(s)-1]) >= 0 {
			s = s[:len(s)-1]
		}
		return sqltype.Text(s), nil
	}
}

func digest(name string, sum func(s string) []byte, text bool) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		d := sum(a[0].S)
		if text {
			return sqltype.Text(hex.EncodeToString(d)), nil
		}
		return sqltype.Text(string(d)), nil
	})
}

func errEncodingName(side, name string) error {
	return invalid("invalid %s encoding name \"%s\"", side, name)
}

func convertFrom(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	e, ok, err := findEncoding(a[1].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	if !ok {
		return sqltype.Value{}, errEncodingName("source", a[1].S)
	}
	s, err := e.decode(a[0].S)
	return sqltype.Text(s), err
}

func convertTo(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	e, ok, err := findEncoding(a[1].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	if !ok {
		return sqltype.Value{}, errEncodingName("destination", a[1].S)
	}
	s, err := e.encode(a[0].S)
	return sqltype.Text(s), err
}

func byteaKernels() []Kernel {
	md := func(s string) []byte { d := md5.Sum([]byte(s)); return d[:] }
	return []Kernel{
		scalar("byteacat", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) { return sqltype.Text(a[0].S + a[1].S), nil }),
		scalar("bytea_substr", substrBytes(false)), scalar("bytea_substr_no_len", substrBytes(true)),
		scalar("byteaoverlay", overlayBytes), scalar("byteaoverlay_no_len", overlayBytes),
		scalar("byteapos", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(strings.Index(a[0].S, a[1].S) + 1)), nil
		}),
		bitOrByte("byteaGetByte", false, false), bitOrByte("byteaGetBit", true, false),
		bitOrByte("byteaSetByte", false, true), bitOrByte("byteaSetBit", true, true),
		scalar("bytea_bit_count", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n := 0
			for i := 0; i < len(a[0].S); i++ {
				n += bits.OnesCount8(a[0].S[i])
			}
			return sqltype.Int(int64(n)), nil
		}),
		scalar("byteatrim", trimBytes(true, true)), scalar("bytealtrim", trimBytes(true, false)), scalar("byteartrim", trimBytes(false, true)),
		digest("md5_text", md, true), digest("md5_bytea", md, true),
		digest("sha224_bytea", func(s string) []byte { d := sha256.Sum224([]byte(s)); return d[:] }, false),
		digest("sha256_bytea", func(s string) []byte { d := sha256.Sum256([]byte(s)); return d[:] }, false),
		digest("sha384_bytea", func(s string) []byte { d := sha512.Sum384([]byte(s)); return d[:] }, false),
		digest("sha512_bytea", func(s string) []byte { d := sha512.Sum512([]byte(s)); return d[:] }, false),
		scalar("binary_encode", encodeBytes), scalar("binary_decode", decodeBytes),
		scalar("pg_convert_from", convertFrom), scalar("pg_convert_to", convertTo),
		scalar("length_in_encoding", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			e, ok, err := findEncoding(a[1].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			if !ok {
				return sqltype.Value{}, invalid("invalid encoding name \"%s\"", a[1].S)
			}
			if e.oneByte() || e.name == "SQL_ASCII" {
				return sqltype.Int(int64(len(a[0].S))), e.verify(a[0].S)
			}
			s, err := e.decode(a[0].S)
			return sqltype.Int(int64(runeCount([]byte(s)))), err
		}),
		scalar("gen_random_uuid", func(*Call, []sqltype.Value) (sqltype.Value, error) {
			var u [16]byte
			if _, err := rand.Read(u[:]); err != nil {
				return sqltype.Value{}, pgerr.Internal("could not generate random values: %w", err)
			}
			u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
			return sqltype.Text(string(u[:])), nil
		}),
	}
}

// encoding converts between UTF-8 and a client encoding.
type encoding struct {
	name  string
	table *charmap.Charmap // of encodings of one byte a character; nil for UTF-8, SQL_ASCII and LATIN1
}

// findEncoding finds an encoding by its name. PostgreSQL knows encodings of several bytes a character that are refused here.
func findEncoding(name string) (encoding, bool, error) {
	n := encodingNumber(name)
	if n < 0 {
		return encoding{}, false, nil
	}
	e := encoding{name: encodingNames()[n]}
	switch e.name {
	case "UTF8", "SQL_ASCII", "LATIN1":
		return e, true, nil
	}
	if e.table = charmaps()[e.name]; e.table == nil {
		return e, false, pgerr.Unsupported("Use UTF8 or an encoding of one byte a character.", "encoding %s is not supported", e.name)
	}
	return e, true, nil
}

func (e encoding) oneByte() bool { return e.table != nil || e.name == "LATIN1" }

// char is the character of a byte; false where the encoding has none. The tables of Windows' encodings fill their gaps with
// control characters, PostgreSQL's do not.
func (e encoding) char(b byte) (rune, bool) {
	if e.table == nil {
		return rune(b), true
	}
	r := e.table.DecodeByte(b)
	if r == utf8.RuneError || strings.HasPrefix(e.name, "WIN") && r >= 0x80 && r < 0xa0 {
		return 0, false
	}
	return r, true
}

func (e encoding) byteOf(r rune) (byte, bool) {
	if e.table == nil {
		return byte(r), r < 0x100
	}
	b, ok := e.table.EncodeRune(r)
	if !ok {
		return 0, false
	}
	back, ok := e.char(b)
	return b, ok && back == r
}

func (e encoding) decode(s string) (string, error) {
	if !e.oneByte() {
		return s, sqltype.CheckUTF8(s)
	}
	if err := e.verify(s); err != nil {
		return "", err
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		r, ok := e.char(s[i])
		if !ok {
			return "", pgerr.Newf(pgerr.UntranslatableCharacter, "character with byte sequence 0x%02x in encoding \"%s\" has no equivalent in encoding \"UTF8\"", s[i], e.name)
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// verify refuses what no text of an encoding of one byte a character holds.
func (e encoding) verify(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return pgerr.Newf(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"%s\": 0x00", e.name)
	}
	return nil
}

func (e encoding) encode(s string) (string, error) {
	if !e.oneByte() {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := e.byteOf(r)
		if !ok {
			text := ""
			for _, c := range []byte(string(r)) {
				text += " 0x" + hex.EncodeToString([]byte{c})
			}
			return "", pgerr.Newf(pgerr.UntranslatableCharacter, "character with byte sequence%s in encoding \"UTF8\" has no equivalent in encoding \"%s\"", text, e.name)
		}
		out = append(out, b)
	}
	return string(out), nil
}
