package system

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func null() sqltype.Value                                     { return sqltype.NullValue() }
func text(s string) sqltype.Value                             { return sqltype.Text(s) }
func oid(o uint32) sqltype.Value                              { return sqltype.Int(int64(o)) }
func number[I int | int16 | int32 | int64](i I) sqltype.Value { return sqltype.Int(int64(i)) }
func boolean(b bool) sqltype.Value                            { return sqltype.Bool(b) }

// char is a "char"; 0 is its empty value.
func char(c byte) sqltype.Value { return sqltype.Text(string([]byte{c})) }

// textOrNull takes "" for null.
func textOrNull(s string) sqltype.Value {
	if s == "" {
		return null()
	}
	return text(s)
}

func yesNo(b bool) sqltype.Value {
	if b {
		return text("YES")
	}
	return text("NO")
}

// instant is a timestamptz; the zero time is null.
func instant(t time.Time) sqltype.Value {
	if t.IsZero() {
		return null()
	}
	us, ok := sqltype.TimestampFromTime(t)
	if !ok {
		return null()
	}
	return sqltype.Int(us)
}

// key is the unsigned number of a lookup's value.
func key(v sqltype.Value) uint32 { return uint32(v.I) }

// arrayValue makes an array of one dimension in PostgreSQL's binary form, which is how array values are held; lower is 1 for
// arrays and 0 for int2vector and oidvector.
func arrayValue(elem uint32, lower int32, items [][]byte) sqltype.Value {
	b := make([]byte, 0, 20+16*len(items))
	if len(items) == 0 && lower == 1 {
		b = binary.BigEndian.AppendUint32(b, 0)
		b = binary.BigEndian.AppendUint32(b, 0)
		return text(string(binary.BigEndian.AppendUint32(b, elem)))
	}
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, elem)
	b = binary.BigEndian.AppendUint32(b, uint32(len(items)))
	b = binary.BigEndian.AppendUint32(b, uint32(lower))
	for _, it := range items {
		b = binary.BigEndian.AppendUint32(b, uint32(len(it)))
		b = append(b, it...)
	}
	return text(string(b))
}

func int2Items(nums []int16) [][]byte {
	items := make([][]byte, len(nums))
	for i, n := range nums {
		items[i] = binary.BigEndian.AppendUint16(nil, uint16(n))
	}
	return items
}

func oidItems(oids []uint32) [][]byte {
	items := make([][]byte, len(oids))
	for i, o := range oids {
		items[i] = binary.BigEndian.AppendUint32(nil, o)
	}
	return items
}

func int2Array(nums []int16) sqltype.Value { return arrayValue(sqltype.OIDInt2, 1, int2Items(nums)) }

func int2Vector(nums []int16) sqltype.Value { return arrayValue(sqltype.OIDInt2, 0, int2Items(nums)) }
func oidArray(oids []uint32) sqltype.Value  { return arrayValue(sqltype.OIDOID, 1, oidItems(oids)) }
func oidVector(oids []uint32) sqltype.Value { return arrayValue(sqltype.OIDOID, 0, oidItems(oids)) }

func stringArray(elem uint32, ss []string) sqltype.Value {
	items := make([][]byte, len(ss))
	for i, s := range ss {
		items[i] = []byte(s)
	}
	return arrayValue(elem, 1, items)
}

// aclArray is an access list; nil is null, the default.
func aclArray(s *catalog.Snapshot, acl []catalog.ACLItem) sqltype.Value {
	if acl == nil {
		return null()
	}
	ss := make([]string, len(acl))
	for i, it := range acl {
		ss[i] = s.FormatACLItem(it)
	}
	return stringArray(sqltype.OIDACLItem, ss)
}

// zero is the value of a counter: 0 for numbers, null for everything else.
func zero(t sqltype.Type) sqltype.Value {
	switch t.OID {
	case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDFloat8, sqltype.OIDNumeric:
		return sqltype.Value{}
	}
	return null()
}

// hiddenNumbers are the attribute numbers of the hidden columns in the order in which package catalog appends them.
func hiddenNumbers() []int16 { return []int16{-1, -2, -3, -4, -5, -6} }

// hiddenValue is a system column of the n-th row: rows of the catalogs are as initdb leaves them, made by the first
// transaction and never changed.
func hiddenValue(table uint32, place int, n int64) sqltype.Value {
	switch hiddenNumbers()[place] {
	case -1: // ctid: held as block and offset
		const perPage = 100
		b := binary.BigEndian.AppendUint32(nil, uint32((n-1)/perPage))
		return text(string(binary.BigEndian.AppendUint16(b, uint16((n-1)%perPage+1))))
	case -2: // xmin
		return sqltype.Int(1)
	case -6: // tableoid
		return oid(table)
	}
	return sqltype.Int(0)
}

func utoa(u uint32) string { return strconv.FormatUint(uint64(u), 10) }
