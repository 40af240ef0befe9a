package edm

import "github.com/odatagres/odatagres/internal/sqltype"

// JSONForm is how values of a kind stand in JSON (OData JSON Format 4.01 section 7.1). Numbers may come as strings whatever
// was asked for, so readers take both.
type JSONForm uint8

// The forms.
const (
	JSONNone   JSONForm = iota // no value in JSON
	JSONBool                   // true, false
	JSONNumber                 // a number, or its text as a string; INF, -INF and NaN as strings
	JSONString                 // a string
	JSONAny                    // any value, kept as JSON
)

// KindInfo is a row of the table that ties Edm, SQL, JSON and URLs together.
type KindInfo struct {
	Kind Kind
	Name string // Edm name, or a word for kinds that have none
	OID  uint32 // SQL type; 0: gives no column of its own
	JSON JSONForm
	// literal appends the URL literal of a value that is not null. Nil: only null can be written.
	literal func(dst []byte, t Type, v sqltype.Value) ([]byte, error)
}

// Kinds is the table, one row for each kind in the order of the constants.
func Kinds() []KindInfo {
	all := make([]KindInfo, len(kinds))
	copy(all, kinds[:])
	return all
}

// kinds is indexed by Kind and never written.
var kinds = kindTable()

func kindTable() [kindCount]KindInfo {
	rows := []KindInfo{
		{KindInvalid, "(invalid)", 0, JSONNone, nil},
		{KindBinary, "Edm.Binary", sqltype.OIDBytea, JSONString, binaryLiteral},
		{KindBoolean, "Edm.Boolean", sqltype.OIDBool, JSONBool, boolLiteral},
		{KindByte, "Edm.Byte", sqltype.OIDInt2, JSONNumber, intLiteral(0, 255)},
		{KindDate, "Edm.Date", sqltype.OIDDate, JSONString, dateLiteral},
		{KindDateTimeOffset, "Edm.DateTimeOffset", sqltype.OIDTimestampTZ, JSONString, timestampLiteral},
		{KindDecimal, "Edm.Decimal", sqltype.OIDNumeric, JSONNumber, decimalLiteral},
		{KindDouble, "Edm.Double", sqltype.OIDFloat8, JSONNumber, floatLiteral(64)},
		{KindDuration, "Edm.Duration", sqltype.OIDInterval, JSONString, durationLiteral},
		{KindGuid, "Edm.Guid", sqltype.OIDUUID, JSONString, guidLiteral},
		{KindInt16, "Edm.Int16", sqltype.OIDInt2, JSONNumber, intLiteral(-1<<15, 1<<15-1)},
		{KindInt32, "Edm.Int32", sqltype.OIDInt4, JSONNumber, intLiteral(-1<<31, 1<<31-1)},
		{KindInt64, "Edm.Int64", sqltype.OIDInt8, JSONNumber, intLiteral(-1<<63, 1<<63-1)},
		{KindSByte, "Edm.SByte", sqltype.OIDInt2, JSONNumber, intLiteral(-128, 127)},
		{KindSingle, "Edm.Single", sqltype.OIDFloat4, JSONNumber, floatLiteral(32)},
		{KindStream, "Edm.Stream", 0, JSONNone, nil},
		{KindString, "Edm.String", sqltype.OIDText, JSONString, stringLiteral},
		{KindTimeOfDay, "Edm.TimeOfDay", sqltype.OIDTime, JSONString, timeLiteral},
		{KindGeography, "Edm.Geography", sqltype.OIDJSONB, JSONAny, nil},
		{KindGeometry, "Edm.Geometry", sqltype.OIDJSONB, JSONAny, nil},
		{KindUntyped, "Edm.Untyped", sqltype.OIDJSONB, JSONAny, nil},
		{KindEnum, "enumeration", sqltype.OIDText, JSONString, enumLiteral},
		{KindComplex, "complex", 0, JSONNone, nil},
		{KindCollection, "collection", sqltype.OIDJSONB, JSONAny, nil},
	}
	var t [kindCount]KindInfo
	for _, r := range rows {
		t[r.Kind] = r
	}
	return t
}

func (k Kind) info() *KindInfo {
	if k >= kindCount {
		return &kinds[KindInvalid]
	}
	return &kinds[k]
}

// JSON is the form of the kind's values in JSON.
func (k Kind) JSON() JSONForm { return k.info().JSON }

// primitives are the names that a Type attribute may use, and what they are. Subtypes of geography and geometry differ in
// nothing that matters here.
func primitives() map[string]Kind {
	m := map[string]Kind{
		"Edm.PrimitiveType": KindUntyped,
		"Edm.ComplexType":   KindUntyped,
		"Edm.EntityType":    KindUntyped,
	}
	for _, r := range kinds {
		if len(r.Name) > 4 && r.Name[:4] == "Edm." {
			m[r.Name] = r.Kind
		}
	}
	for _, shape := range []string{"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "Collection"} {
		m["Edm.Geography"+shape] = KindGeography
		m["Edm.Geometry"+shape] = KindGeometry
	}
	return m
}
