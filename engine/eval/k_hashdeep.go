package eval

import (
	"encoding/binary"
	"math/bits"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// hasher computes a type's hash; with seed it is the extended function's, else the 32 bits of the plain one.
type hasher func(v sqltype.Value, seed uint64, seeded bool) (uint64, error)

// plainHash makes a hasher of a function whose plain form is its low half with seed 0.
func plainHash(of func(v sqltype.Value, seed uint64) uint64) hasher {
	return func(v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
		h := of(v, seed)
		if !seeded {
			h = uint64(uint32(h))
		}
		return h, nil
	}
}

func hashNumber(v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
	h, zero := pgHashNumeric(v.Num, seed)
	switch {
	case zero:
		h = seed - 1
		if !seeded {
			h = uint64(^uint32(0))
		}
	case !seeded:
		h = uint64(uint32(h))
	}
	return h, nil
}

// hashInterval hashes the length in microseconds, of which 64 bits count (interval_hash).
func hashInterval(v sqltype.Value, seed uint64) uint64 {
	days := int64(v.Iv.Months)*30 + int64(v.Iv.Days)
	return pgHashInt64(days*sqltype.MicrosPerDay+v.Iv.Micros, seed)
}

// hashTimeTZ mixes time and zone (timetz_hash).
func hashTimeTZ(v sqltype.Value, seed uint64) uint64 {
	return pgHashInt64(v.Iv.Micros, seed) ^ pgHashUint32(uint32(v.Iv.Months), seed)
}

// hashOIDVector hashes the numbers as they lie in memory (hashoidvector).
func hashOIDVector(v sqltype.Value, seed uint64) uint64 {
	vals, err := arrayValues(v.S)
	if err != nil {
		return 0
	}
	var k []byte
	for _, o := range vals {
		k = binary.LittleEndian.AppendUint32(k, uint32(o.I))
	}
	return pgHashBytes(k, seed)
}

// hashArray is hash_array: 31 times the hash so far and the element's, nulls counting 0.
func hashArray(v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
	arr, err := sqltype.DecodeArray(v.S)
	if err != nil {
		return 0, err
	}
	of, err := hasherOf(arr.ElemOID)
	if err != nil {
		return 0, err
	}
	h := uint64(1)
	for _, e := range arr.Elems {
		if h, err = hashNext(h, of, e, seed, seeded); err != nil {
			return 0, err
		}
	}
	return h, nil
}

func hashNext(h uint64, of hasher, v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
	x := uint64(0)
	if !v.Null {
		var err error
		if x, err = of(v, seed, seeded); err != nil {
			return 0, err
		}
	}
	h = h<<5 - h + x
	if !seeded {
		h = uint64(uint32(h))
	}
	return h, nil
}

// hashRecord is hash_record, which begins with 0.
func hashRecord(v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
	rec, err := sqltype.DecodeRecord(v.S)
	if err != nil {
		return 0, err
	}
	h := uint64(0)
	for _, f := range rec.Fields {
		of, err := hasherOf(f.OID)
		if err != nil {
			return 0, err
		}
		if h, err = hashNext(h, of, f.Value, seed, seeded); err != nil {
			return 0, err
		}
	}
	return h, nil
}

// The marks that an array and an object leave in the hash of a jsonb (JB_FARRAY, JB_FOBJECT).
const (
	jsonbArrayMark  = 0x40000000
	jsonbObjectMark = 0x20000000
)

// hashJSONB is jsonb_hash: every scalar and key turns the hash by a bit and mixes itself in.
func hashJSONB(v sqltype.Value, seed uint64, seeded bool) (uint64, error) {
	doc, err := sqltype.ParseJSONB(v.S)
	if err != nil {
		return 0, err
	}
	if !isScalar(&doc) && len(doc.Elems) == 0 {
		return seed, nil
	}
	h := uint64(0)
	mix := func(x uint64) {
		if seeded {
			h = h<<1&0xfffffffefffffffe | h>>31&0x100000001
			h ^= x
			return
		}
		h = uint64(bits.RotateLeft32(uint32(h), 1) ^ uint32(x))
	}
	mark := func(m uint64) {
		if seeded {
			m |= m << 32
		}
		h ^= m
	}
	text := func(s string) { mix(pgHashBytes([]byte(s), seed)) }
	var walk func(v *json) error
	walk = func(v *json) error {
		switch v.Kind {
		case sqltype.JSONNull:
			mix(seed + 1)
		case sqltype.JSONString:
			text(v.String)
		case sqltype.JSONNumber:
			x, err := hashNumber(sqltype.Num(v.Number), seed, seeded)
			if err != nil {
				return err
			}
			mix(x)
		case sqltype.JSONBool:
			x := uint64(4)
			if v.Bool {
				x = 2
			}
			if seeded && seed != 0 {
				x = pgHashUint32(uint32(sqltype.Bool(v.Bool).I), seed)
			}
			mix(x)
		case sqltype.JSONArray, sqltype.JSONObject:
			if mark(jsonbArrayMark); v.Kind == sqltype.JSONObject {
				mark(jsonbArrayMark | jsonbObjectMark) // takes the array's mark back
			}
			for i := range v.Elems {
				if v.Kind == sqltype.JSONObject {
					text(v.Keys[i])
				}
				if err := walk(&v.Elems[i]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if isScalar(&doc) { // held as an array of one
		mark(jsonbArrayMark)
	}
	err = walk(&doc)
	return h, err
}

// hasherOf finds the hash function of a type's default operator class.
func hasherOf(oid uint32) (hasher, error) {
	switch oid {
	case sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDOID, sqltype.OIDDate, sqltype.OIDXID, sqltype.OIDCID, sqltype.OIDRegClass, sqltype.OIDRegType,
		sqltype.OIDRegProc, sqltype.OIDRegProcedure, sqltype.OIDRegOper, sqltype.OIDRegOperator, sqltype.OIDRegRole, sqltype.OIDRegNamespace,
		sqltype.OIDRegCollation, sqltype.OIDRegConfig, sqltype.OIDRegDictionary:
		return plainHash(func(v sqltype.Value, seed uint64) uint64 { return pgHashUint32(uint32(v.I), seed) }), nil
	case sqltype.OIDInt8, sqltype.OIDTime, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ, sqltype.OIDXID8:
		return plainHash(func(v sqltype.Value, seed uint64) uint64 { return pgHashInt64(v.I, seed) }), nil
	case sqltype.OIDFloat4, sqltype.OIDFloat8:
		return plainHash(func(v sqltype.Value, seed uint64) uint64 { return pgHashFloat(v.F, seed) }), nil
	case sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDName, sqltype.OIDBytea, sqltype.OIDUUID:
		return plainHash(func(v sqltype.Value, seed uint64) uint64 { return pgHashBytes([]byte(v.S), seed) }), nil
	case sqltype.OIDBPChar:
		return plainHash(func(v sqltype.Value, seed uint64) uint64 { return pgHashBytes([]byte(sqltype.TrimBPChar(v.S)), seed) }), nil
	case sqltype.OIDChar:
		return plainHash(hashChar), nil
	case sqltype.OIDNumeric:
		return hashNumber, nil
	case sqltype.OIDInterval:
		return plainHash(hashInterval), nil
	case sqltype.OIDTimeTZ:
		return plainHash(hashTimeTZ), nil
	case sqltype.OIDOIDVector:
		return plainHash(hashOIDVector), nil
	case sqltype.OIDJSONB:
		return hashJSONB, nil
	case sqltype.OIDRecord:
		return hashRecord, nil
	}
	i, ok := sqltype.Lookup(oid)
	switch {
	case !ok && oid != 0:
		return hashRecord, nil
	case ok && i.IsArray:
		return hashArray, nil
	}
	return nil, pgerr.Newf(pgerr.UndefinedFunction, "could not identify a hash function for type %s", sqltype.FormatType(oid, -1))
}

func hashChar(v sqltype.Value, seed uint64) uint64 {
	c := int8(0)
	if v.S != "" {
		c = int8(v.S[0])
	}
	return pgHashUint32(uint32(int32(c)), seed)
}

func deepHashKernels() []Kernel {
	var ks []Kernel
	add := func(name, extended string, of hasher) {
		ks = append(ks,
			scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
				h, err := of(a[0], 0, false)
				return sqltype.Int(int64(int32(uint32(h)))), err
			}),
			scalar(extended, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
				h, err := of(a[0], uint64(a[1].I), true)
				return sqltype.Int(int64(h)), err
			}))
	}
	add("hash_array", "hash_array_extended", hashArray)
	add("hash_record", "hash_record_extended", hashRecord)
	add("jsonb_hash", "jsonb_hash_extended", hashJSONB)
	add("interval_hash", "interval_hash_extended", plainHash(hashInterval))
	add("timetz_hash", "timetz_hash_extended", plainHash(hashTimeTZ))
	add("hashoidvector", "hashoidvectorextended", plainHash(hashOIDVector))
	return ks
}
