package eval

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// The hashes here serve joins and groups inside one process; hashint4 and its kin, whose numbers clients see, are kernels.

const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xd6e8feb86659fd93
	hashNull = 0x2545f4914f6cdd1d
)

func mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^x, hashMul)
	return hi ^ lo ^ hashSeed
}

func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) ^ hashSeed
	for len(b) >= 8 {
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 |
			uint64(b[6])<<48 | uint64(b[7])<<56
		h = mix(h, x)
		b = b[8:]
	}
	var x uint64
	for i, c := range b {
		x |= uint64(c) << (8 * i)
	}
	return mix(h, x)
}

// HashColumns computes for each row that counts a hash over columns: rows that RowsEqual calls equal have equal hashes. out has
// an entry per row that counts.
func HashColumns(b *vector.Batch, cols []int, out []uint64) {
	n := b.Rows()
	for i := range n {
		out[i] = hashSeed
	}
	for _, c := range cols {
		HashVector(b.Cols[c], b.Sel, out[:n])
	}
}

// HashVector mixes a vector's rows into hashes: out[i] belongs to row sel[i], or to row i where sel is nil.
func HashVector(v *vector.Vector, sel []int32, out []uint64) {
	row := func(i int) int {
		if sel != nil {
			return int(sel[i])
		}
		return i
	}
	switch v.Form {
	case vector.Constant:
		h := hashRow(v, 0)
		for i := range out {
			out[i] = mix(out[i], h)
		}
		return
	case vector.Dictionary:
		cache := make([]uint64, v.Dict.Values.N)
		done := make([]bool, v.Dict.Values.N)
		for i := range out {
			code := v.Codes[row(i)]
			if code < 0 {
				out[i] = mix(out[i], hashNull)
				continue
			}
			if !done[code] {
				done[code], cache[code] = true, hashRow(v.Dict.Values, int(code))
			}
			out[i] = mix(out[i], cache[code])
		}
		return
	}
	if v.Valid == nil {
		switch v.Kind {
		case sqltype.KindInt32:
			for i := range out {
				out[i] = mix(out[i], mix(hashSeed, uint64(int64(v.I32[row(i)]))))
			}
			return
		case sqltype.KindInt64:
			for i := range out {
				out[i] = mix(out[i], mix(hashSeed, uint64(v.I64[row(i)])))
			}
			return
		}
	}
	for i := range out {
		out[i] = mix(out[i], hashRow(v, row(i)))
	}
}

// hashRow hashes a row of a flat or constant vector.
func hashRow(v *vector.Vector, i int) uint64 {
	if v.IsNull(i) {
		return hashNull
	}
	i = v.Index(i)
	switch v.Kind {
	case sqltype.KindBool:
		if v.Bools[i] {
			return mix(hashSeed, 1)
		}
		return mix(hashSeed, 0)
	case sqltype.KindInt16:
		return mix(hashSeed, uint64(int64(v.I16[i])))
	case sqltype.KindInt32:
		return mix(hashSeed, uint64(int64(v.I32[i])))
	case sqltype.KindInt64:
		return mix(hashSeed, uint64(v.I64[i]))
	case sqltype.KindFloat32:
		return mix(hashSeed, float64bits(float64(v.F32[i])))
	case sqltype.KindFloat64:
		return mix(hashSeed, float64bits(v.F64[i]))
	case sqltype.KindNumeric:
		return v.Numeric(i).Hash()
	case sqltype.KindUUID:
		return hashBytes(v.UUIDs[i][:])
	case sqltype.KindBytes:
		if byBytes(v.Type.OID) {
			return hashBytes(v.Bytes(i))
		}
		if v.Type.OID == sqltype.OIDBPChar {
			return hashBytes(trimBlanks(v.Bytes(i)))
		}
	}
	return sqltype.Hash(v.Type, aliasValue(v, i))
}
