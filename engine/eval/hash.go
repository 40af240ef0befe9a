package eval

import (
	"encoding/binary"
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
		h = mix(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var x uint64
	switch n := len(b); {
	case n >= 4:
		x = uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*(n-4))
	case n > 0:
		x = uint64(b[0]) | uint64(b[n/2])<<(8*(n/2)) | uint64(b[n-1])<<(8*(n-1))
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
	if sel == nil {
		sel = rowsUpTo(len(out))
	}
	sel = sel[:len(out)]
	switch {
	case v.Form == vector.Constant:
		h := hashRow(v, 0)
		for i := range out {
			out[i] = mix(out[i], h)
		}
		return
	case v.Form == vector.Dictionary:
		hashCodes(v, sel, out)
		return
	case v.Valid == nil && hashFlat(v, sel, out):
		return
	}
	for i, r := range sel {
		out[i] = mix(out[i], hashRow(v, int(r)))
	}
}

// hashCodes hashes entries, each when it is first met.
func hashCodes(v *vector.Vector, sel []int32, out []uint64) {
	cache, done := make([]uint64, v.Dict.Values.N), make([]bool, v.Dict.Values.N)
	for i, r := range sel {
		code := v.Codes[r]
		if code < 0 {
			out[i] = mix(out[i], hashNull)
			continue
		}
		if !done[code] {
			done[code], cache[code] = true, hashRow(v.Dict.Values, int(code))
		}
		out[i] = mix(out[i], cache[code])
	}
}

// hashFlat hashes rows none of which is null by a loop for their kind; false if there is none.
func hashFlat(v *vector.Vector, sel []int32, out []uint64) bool {
	switch v.Kind {
	case sqltype.KindInt16:
		hashInts(v.I16, sel, out)
	case sqltype.KindInt32:
		hashInts(v.I32, sel, out)
	case sqltype.KindInt64:
		hashInts(v.I64, sel, out)
	case sqltype.KindFloat64:
		for i, r := range sel {
			out[i] = mix(out[i], mix(hashSeed, float64bits(v.F64[r])))
		}
	case sqltype.KindNumeric:
		for i, r := range sel {
			h, ok := sqltype.HashSmall(v.I64[r], v.Scales[r])
			if !ok {
				h = v.Numeric(int(r)).Hash()
			}
			out[i] = mix(out[i], h)
		}
	case sqltype.KindBytes:
		if !byBytes(v.Type.OID) {
			return false
		}
		for i, r := range sel {
			out[i] = mix(out[i], hashBytes(v.Data[v.Offsets[r]:v.Offsets[r+1]]))
		}
	default:
		return false
	}
	return true
}

func hashInts[T integer](d []T, sel []int32, out []uint64) {
	for i, r := range sel {
		out[i] = mix(out[i], mix(hashSeed, uint64(int64(d[r]))))
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
