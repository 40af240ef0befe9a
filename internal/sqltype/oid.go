package sqltype

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// strtoul is C's with base 10: it takes blanks and a sign, wraps negative numbers around, and returns what follows; without
// digits nothing is taken.
func strtoul(s string) (n uint64, rest string, over bool) {
	d := s
	for d != "" && isSpace(d[0]) {
		d = d[1:]
	}
	head := digitsHead(d)
	digits := strings.TrimLeft(head, "+-")
	if digits == "" {
		return 0, s, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if head[0] == '-' {
		n = -n
	}
	return n, d[len(head):], err != nil
}

// fits32 takes unsigned 32-bit numbers, and negative numbers down to the least int4, which wrap around.
func fits32(n uint64) bool { return n <= math.MaxUint32 || n >= 1<<64-1<<31 }

// oidHead reads one number; other text may follow it.
func oidHead(s string) (n int64, rest string, err error) {
	u, rest, over := strtoul(s)
	switch {
	case len(rest) == len(s):
		return 0, s, syntaxError("oid", s)
	case over:
		return 0, s, valueRange("oid", s)
	}
	if !fits32(u) {
		err = valueRange("oid", s)
	}
	return int64(uint32(u)), rest, err
}

func oidIn(s string, _ Type, _ Env) (Value, error) {
	n, rest, err := oidHead(s)
	if len(rest) != len(s) && trimSpace(rest) != "" {
		return Value{}, syntaxError("oid", s)
	}
	return Int(n), err
}

func oidOut(dst []byte, v Value, _ Type, _ Env) []byte {
	return strconv.AppendUint(dst, uint64(uint32(v.I)), 10)
}

func oidRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 4 {
		return Value{}, wrongSize(len(b), 4)
	}
	return Int(int64(binary.BigEndian.Uint32(b))), nil
}

func oidSend(dst []byte, v Value, _ Type, _ Env) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(v.I))
}

// cNumber reads as much of a C number (decimal, octal, hexadecimal) as there is, as strtoul with base 0 does; xid input
// has no other check in PostgreSQL 15.
func cNumber(s string) uint64 {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	base := uint64(10)
	switch {
	case len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && strings.IndexByte("0123456789abcdefABCDEF", s[2]) >= 0:
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	n := uint64(0)
	for k := 0; k < len(s); k++ {
		d, err := strconv.ParseUint(s[k:k+1], int(base), 8)
		if err != nil {
			break
		}
		if n > (math.MaxUint64-d)/base {
			return math.MaxUint64
		}
		n = n*base + d
	}
	if neg {
		n = -n
	}
	return n
}

func xidIn(s string, _ Type, _ Env) (Value, error) { return Int(int64(uint32(cNumber(s)))), nil }

func xid8In(s string, _ Type, _ Env) (Value, error) { return Int(int64(cNumber(s))), nil }

func xid8Out(dst []byte, v Value, _ Type, _ Env) []byte {
	return strconv.AppendUint(dst, uint64(v.I), 10)
}

func xid8Recv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 8 {
		return Value{}, wrongSize(len(b), 8)
	}
	return Int(int64(binary.BigEndian.Uint64(b))), nil
}

func xid8Send(dst []byte, v Value, _ Type, _ Env) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v.I))
}

// regIn reads a number or "-" itself and asks the session about everything else.
func regIn(s string, t Type, env Env) (Value, error) {
	if s == "-" {
		return Int(0), nil
	}
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return oidIn(s, t, env)
	}
	oid, err := env.RegIn(t.OID, s)
	if err != nil {
		return Value{}, err
	}
	return Int(int64(oid)), nil
}

func regOut(dst []byte, v Value, t Type, env Env) []byte {
	if name, ok := env.RegOut(t.OID, uint32(v.I)); ok {
		return append(dst, name...)
	}
	if v.I == 0 {
		return append(dst, '-')
	}
	return oidOut(dst, v, t, env)
}

// A tid is held as its binary form: the block and the offset, big-endian.

func tidIn(s string, _ Type, _ Env) (Value, error) {
	var parts []string
	for i := 0; i < len(s) && len(parts) < 2 && s[i] != ')'; i++ {
		if s[i] == ',' || s[i] == '(' && len(parts) == 0 {
			parts = append(parts, s[i+1:])
		}
	}
	if len(parts) < 2 {
		return Value{}, syntaxError("tid", s)
	}
	block, afterBlock, overBlock := strtoul(parts[0])
	offset, afterOffset, overOffset := strtoul(parts[1])
	if overBlock || overOffset || !strings.HasPrefix(afterBlock, ",") || !strings.HasPrefix(afterOffset, ")") ||
		!fits32(block) || offset > math.MaxUint16 {
		return Value{}, syntaxError("tid", s)
	}
	raw := binary.BigEndian.AppendUint32(nil, uint32(block))
	return Text(string(binary.BigEndian.AppendUint16(raw, uint16(offset)))), nil
}

func tidOut(dst []byte, v Value, _ Type, _ Env) []byte {
	if len(v.S) != 6 {
		return append(dst, "(0,0)"...)
	}
	dst = append(dst, '(')
	dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint32([]byte(v.S))), 10)
	dst = append(dst, ',')
	dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16([]byte(v.S[4:]))), 10)
	return append(dst, ')')
}

func tidRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 6 {
		return Value{}, wrongSize(len(b), 6)
	}
	return Text(string(b)), nil
}

// aclItemIn keeps the text as it is: access rights are shown, never computed with.
func aclItemIn(s string, _ Type, _ Env) (Value, error) {
	if !strings.Contains(s, "=") {
		return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "missing \"=\" sign")
	}
	return Text(s), nil
}

func voidIn(string, Type, Env) (Value, error) { return Text(""), nil }

func voidRecv([]byte, Type, Env) (Value, error) { return Text(""), nil }
