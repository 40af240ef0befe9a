package sqltype

//go:generate go run ./typegen

// Info is a row of pg_type with what this server adds: the physical kind of the values and whether they have a codec.
type Info struct {
	OID         uint32
	Name        string // typname
	SQLName     string // as format_type prints it without a modifier
	Len         int16
	ByVal       bool
	TypType     byte // b base, p pseudo, r range, m multirange
	Category    byte
	Preferred   bool
	Delim       byte
	Align       byte
	Storage     byte
	Elem        uint32 // typelem: also set for types that can be subscripted but are no arrays, as name and point
	Array       uint32 // typarray
	Collation   uint32
	Kind        Kind
	Implemented bool // false: the catalog shows the type, but it has no values here
	IsArray     bool // a true array type, with PostgreSQL's array format

	Input, Output, Receive, Send, ModIn, ModOut, Analyze, Subscript string // functions, "-" where there is none
}

// placeholder stands for OIDs outside the table: row types of user tables and the types of other catalogs.
var placeholder = Info{
	Name: "???", SQLName: "???", Len: -1, TypType: 'c', Category: 'C', Delim: ',', Align: 'd', Storage: 'x', Kind: KindBytes,
	Input: "record_in", Output: "record_out", Receive: "record_recv", Send: "record_send", ModIn: "-", ModOut: "-",
	Analyze: "-", Subscript: "-",
}

// maxTableOID bounds the direct index; every type OID of pg_catalog in PostgreSQL 15 that the table holds lies below.
const maxTableOID = 6200

var (
	typeIndex = indexTypes()
	typeNames = nameTypes()
)

func indexTypes() *[maxTableOID]*Info {
	idx := new([maxTableOID]*Info)
	for i := range typeTable {
		idx[typeTable[i].OID] = &typeTable[i]
	}
	return idx
}

func nameTypes() map[string]*Info {
	m := make(map[string]*Info, len(typeTable))
	for i := range typeTable {
		m[typeTable[i].Name] = &typeTable[i]
	}
	return m
}

// Lookup returns the type's properties. They must not be changed.
func Lookup(oid uint32) (*Info, bool) {
	if oid >= maxTableOID || typeIndex[oid] == nil {
		return nil, false
	}
	return typeIndex[oid], true
}

// ByName returns the type of pg_catalog that has the typname.
func ByName(name string) (*Info, bool) {
	i, ok := typeNames[name]
	return i, ok
}

// All returns every type of the table in the order of OIDs.
func All() []*Info {
	all := make([]*Info, len(typeTable))
	for i := range typeTable {
		all[i] = &typeTable[i]
	}
	return all
}

// ArrayOf returns the array type over an element type, or 0 where there is none.
func ArrayOf(oid uint32) uint32 {
	if i, ok := Lookup(oid); ok {
		return i.Array
	}
	return 0
}

// ElemOf returns the element type of a true array type, of int2vector and of oidvector, or 0.
func ElemOf(oid uint32) uint32 {
	i, ok := Lookup(oid)
	if ok && (i.IsArray || oid == OIDInt2Vector || oid == OIDOIDVector) {
		return i.Elem
	}
	return 0
}

// Info returns the type's properties; never nil. For an OID outside the table they describe a row type named ???, which
// is what PostgreSQL's format_type prints for it.
func (t Type) Info() *Info {
	if i, ok := Lookup(t.OID); ok {
		return i
	}
	return &placeholder
}

// Kind returns the physical representation of the type's values.
func (t Type) Kind() Kind {
	if t.OID < maxTableOID && typeIndex[t.OID] != nil {
		return typeIndex[t.OID].Kind
	}
	return KindBytes
}
