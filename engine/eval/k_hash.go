package eval

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// The hash functions that clients can call (hashtext and its kin) give PostgreSQL's numbers: Bob Jenkins's hash as hashfn.c has it.

const jenkinsInit = 0x9e3779b9 + 3923095

func jenkinsMix(a, b, c uint32) (uint32, uint32, uint32) {
	for _, k := range [6]int{4, 6, 8, 16, 19, 4} {
		a -= c
		a ^= bits.RotateLeft32(c, k)
		c += b
		a, b, c = b, c, a // the three take turns
	}
	return a, b, c
}

func jenkinsFinal(a, b, c uint32) (uint32, uint32) {
	c ^= b
	c -= bits.RotateLeft32(b, 14)
	a ^= c
	a -= bits.RotateLeft32(c, 11)
	b ^= a
	b -= bits.RotateLeft32(a, 25)
	c ^= b
	c -= bits.RotateLeft32(b, 16)
	a ^= c
	a -= bits.RotateLeft32(c, 4)
	b ^= a
	b -= bits.RotateLeft32(a, 14)
	c ^= b
	c -= bits.RotateLeft32(b, 24)
	return b, c
}

func jenkinsSeed(n int, seed uint64) (a, b, c uint32) {
	a = jenkinsInit + uint32(n)
	b, c = a, a
	if seed != 0 {
		a, b, c = jenkinsMix(a+uint32(seed>>32), b+uint32(seed), c)
	}
	return a, b, c
}

// pgHashBytes is hash_bytes_extended; its low 32 bits with seed 0 are hash_bytes.
func pgHashBytes(k []byte, seed uint64) uint64 {
	a, b, c := jenkinsSeed(len(k), seed)
	for len(k) >= 12 {
		a, b, c = jenkinsMix(a+binary.LittleEndian.Uint32(k), b+binary.LittleEndian.Uint32(k[4:]), c+binary.LittleEndian.Uint32(k[8:]))
		k = k[12:]
	}
	for i, x := range k {
		switch {
		case i < 4:
			a += uint32(x) << (8 * i)
		case i < 8:
			b += uint32(x) << (8 * (i - 4))
		default:
			c += uint32(x) << (8 * (i - 7)) // the lowest byte of c is the length's
		}
	}
	hi, lo := jenkinsFinal(a, b, c)
	return uint64(hi)<<32 | uint64(lo)
}

func pgHashUint32(k uint32, seed uint64) uint64 {
	a, b, c := jenkinsSeed(4, seed)
	hi, lo := jenkinsFinal(a+k, b, c)
	return uint64(hi)<<32 | uint64(lo)
}

func pgHashInt64(v int64, seed uint64) uint64 {
	lo, hi := uint32(v), uint32(v>>32)
	if v < 0 {
		hi = ^hi
	}
	return pgHashUint32(lo^hi, seed)
}

func pgHashFloat(f float64, seed uint64) uint64 {
	switch {
	case f == 0:
		return seed
	case math.IsNaN(f):
		f = math.Float64frombits(0x7ff8000000000000)
	}
	return pgHashBytes(binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), seed)
}

// pgHashNumeric hashes the base-10000 digits and the weight, which equal numbers share whatever their scale. zero is its result for 0.
func pgHashNumeric(n sqltype.Numeric, seed uint64) (h uint64, zero bool) {
	if n.IsSpecial() {
		return seed, false
	}
	b := sqltype.AppendNumericBinary(nil, n)
	weight := int16(binary.BigEndian.Uint16(b[2:]))
	digits := b[8:]
	for len(digits) > 0 && digits[0] == 0 && digits[1] == 0 {
		digits = digits[2:]
		weight--
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 && digits[len(digits)-2] == 0 {
		digits = digits[:len(digits)-2]
	}
	if len(digits) == 0 {
		return 0, true
	}
	k := make([]byte, len(digits))
	for i := 0; i < len(digits); i += 2 {
		k[i], k[i+1] = digits[i+1], digits[i]
	}
	return pgHashBytes(k, seed) ^ uint64(int64(weight)), false
}

// hashPair makes a hash function and its extended form with a seed.
func hashPair(name, extended string, of func(v sqltype.Value, seed uint64) uint64) []Kernel {
	return []Kernel{
		scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(int32(uint32(of(a[0], 0))))), nil
		}),
		scalar(extended, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(of(a[0], uint64(a[1].I)))), nil
		}),
	}
}

func hashKernels() []Kernel {
	var ks []Kernel
	add := func(name string, of func(v sqltype.Value, seed uint64) uint64) {
		extended := name + "extended"
		if name[len(name)-5:] == "_hash" {
			extended = name + "_extended"
		}
		ks = append(ks, hashPair(name, extended, of)...)
	}
	asInt32 := func(v sqltype.Value, seed uint64) uint64 { return pgHashUint32(uint32(v.I), seed) }
	asInt64 := func(v sqltype.Value, seed uint64) uint64 { return pgHashInt64(v.I, seed) }
	asFloat := func(v sqltype.Value, seed uint64) uint64 { return pgHashFloat(v.F, seed) }
	asBytes := func(v sqltype.Value, seed uint64) uint64 { return pgHashBytes([]byte(v.S), seed) }
	add("hashint2", asInt32)
	add("hashint4", asInt32)
	add("hashoid", asInt32)
	add("hashint8", asInt64)
	add("hashfloat4", asFloat)
	add("hashfloat8", asFloat)
	add("hashtext", asBytes)
	add("hashname", asBytes)
	add("hashbpchar", func(v sqltype.Value, seed uint64) uint64 { return pgHashBytes([]byte(sqltype.TrimBPChar(v.S)), seed) })
	add("hashchar", hashChar)
	add("uuid_hash", asBytes)
	add("time_hash", asInt64)
	add("timestamp_hash", asInt64)
	return append(ks,
		scalar("hash_numeric", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			h, zero := pgHashNumeric(a[0].Num, 0)
			if zero {
				return sqltype.Int(-1), nil
			}
			return sqltype.Int(int64(int32(uint32(h)))), nil
		}),
		scalar("hash_numeric_extended", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			seed := uint64(a[1].I)
			h, zero := pgHashNumeric(a[0].Num, seed)
			if zero {
				return sqltype.Int(int64(seed) - 1), nil
			}
			return sqltype.Int(int64(h)), nil
		}),
	)
}
