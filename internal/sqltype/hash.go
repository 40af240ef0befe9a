package sqltype

import "math"

// hashInt mixes 64 bits (the finalizer of splitmix64).
func hashInt(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hashString is FNV-1a over eight bytes at a time, mixed at the end. It must not differ between runs, because spilled
// partitions are told apart by it.
func hashString(s string) uint64 {
	h := uint64(14695981039346656037) ^ uint64(len(s))
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ w) * 1099511628211
		h ^= h >> 29
		s = s[8:]
	}
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return hashInt(h)
}

// HashInt is the hash that Hash uses for integers, for kernels over vectors; so are HashFloat, HashText and Numeric.Hash.
func HashInt(i int64) uint64 { return hashInt(uint64(i) + 0x9e3779b97f4a7c15) }

// HashFloat gives -0 and 0, and all NaNs, one hash.
func HashFloat(f float64) uint64 {
	switch {
	case f == 0:
		f = 0
	case f != f:
		return hashInt(0x7ff8000000000001)
	}
	return hashInt(math.Float64bits(f))
}

// HashText hashes bytes.
func HashText(s string) uint64 { return hashString(s) }

// HashInterval is equal for intervals of equal length.
func HashInterval(iv Interval) uint64 {
	hi, lo := span(iv)
	return hashInt(lo ^ hashInt(uint64(hi)))
}

// Hash is equal for values that Compare calls equal.
func Hash(t Type, v Value) uint64 {
	if v.Null {
		return 0x6e756c6c
	}
	switch t.Kind() {
	case KindBool, KindInt16, KindInt32, KindInt64:
		return HashInt(v.I)
	case KindFloat32, KindFloat64:
		return HashFloat(v.F)
	case KindNumeric:
		return v.Num.Hash()
	case KindInterval:
		if t.OID == OIDTimeTZ {
			return hashInt(uint64(v.Iv.Micros) ^ hashInt(uint64(v.Iv.Months)))
		}
		return HashInterval(v.Iv)
	}
	switch t.OID {
	case OIDBPChar:
		return hashString(TrimBPChar(v.S))
	case OIDJSONB:
		if j, err := ParseJSONB(v.S); err == nil {
			return j.hash()
		}
		return hashString(v.S)
	}
	i, ok := Lookup(t.OID)
	switch {
	case (!ok || t.OID == OIDRecord) && (ok || !HoldsArray(v.S)):
		if r, err := DecodeRecord(v.S); err == nil {
			h := uint64(len(r.Fields))
			for _, f := range r.Fields {
				h = hashInt(h*31 + Hash(Of(f.OID), f.Value))
			}
			return h
		}
	case !ok || i.IsArray || t.OID == OIDAnyArray || t.OID == OIDInt2Vector || t.OID == OIDOIDVector:
		if a, err := DecodeArray(v.S); err == nil {
			h := uint64(len(a.Elems))
			for _, e := range a.Elems {
				h = hashInt(h*31 + Hash(Of(a.ElemOID), e))
			}
			return h
		}
	}
	return hashString(v.S)
}
