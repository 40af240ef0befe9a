package wire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// appendValue appends row i of the flat vector v, which is not null, in one type's text or binary form. One is chosen per column
// when an execution begins, so that no value passes through an interface.
type appendValue func(dst []byte, v *vector.Vector, i int) ([]byte, error)

// textEncoder chooses the text form of a type. The types that make up most results have a loop of their own here, all
// others go through sqltype.
func textEncoder(t sqltype.Type, env sqltype.Env) appendValue {
	switch t.OID {
	case sqltype.OIDBool:
		return appendBoolText
	case sqltype.OIDInt2:
		return appendInt2Text
	case sqltype.OIDInt4:
		return appendInt4Text
	case sqltype.OIDInt8, sqltype.OIDOID, sqltype.OIDXID, sqltype.OIDCID:
		return appendInt8Text
	case sqltype.OIDUUID:
		return appendUUIDText
	case sqltype.OIDBytea:
		if env.ByteaOutput() == "hex" {
			return appendHex
		}
	}
	if rawText(t.OID) || t.OID == sqltype.OIDJSONB {
		return appendRaw
	}
	if f := typedText(t, env); f != nil {
		return f
	}
	return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
		return sqltype.AppendText(dst, t, v.Value(i), env), nil
	}
}

// typedText is the text form of common types that sqltype prints, without the detour over a scalar value; nil for others.
func typedText(t sqltype.Type, env sqltype.Env) appendValue {
	switch t.OID {
	case sqltype.OIDNumeric:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			if scale := v.Scales[i]; scale <= sqltype.MaxSmallScale {
				return sqltype.AppendSmallNumeric(dst, v.I64[i], scale), nil
			}
			return sqltype.AppendNumeric(dst, v.Numeric(i)), nil
		}
	case sqltype.OIDFloat4:
		digits := env.ExtraFloatDigits()
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendFloat4(dst, float64(v.F32[i]), digits), nil
		}
	case sqltype.OIDFloat8:
		digits := env.ExtraFloatDigits()
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendFloat8(dst, v.F64[i], digits), nil
		}
	case sqltype.OIDDate:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendDate(dst, v.I32[i], env), nil
		}
	case sqltype.OIDTime:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendTime(dst, v.I64[i]), nil
		}
	case sqltype.OIDTimestamp:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendTimestamp(dst, v.I64[i], env), nil
		}
	case sqltype.OIDTimestampTZ:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendTimestampTZ(dst, v.I64[i], env), nil
		}
	case sqltype.OIDInterval:
		return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
			return sqltype.AppendInterval(dst, v.Intervals[i], env), nil
		}
	}
	return nil
}

// binaryEncoder chooses the binary form of a type.
func binaryEncoder(t sqltype.Type, env sqltype.Env) appendValue {
	info := t.Info()
	switch kind := t.Kind(); {
	case kind == sqltype.KindBool:
		return appendBoolBinary
	case kind == sqltype.KindInt16:
		return appendInt2Binary
	case kind == sqltype.KindInt32:
		return appendInt4Binary
	case kind == sqltype.KindInt64 && info.Len == 8:
		return appendInt8Binary
	case kind == sqltype.KindInt64 && info.Len == 4:
		return appendUint4Binary
	case kind == sqltype.KindFloat32:
		return appendFloat4Binary
	case kind == sqltype.KindFloat64:
		return appendFloat8Binary
	case kind == sqltype.KindUUID:
		return appendUUIDBinary
	case t.OID == sqltype.OIDBytea || rawText(t.OID):
		return appendRaw
	}
	return func(dst []byte, v *vector.Vector, i int) ([]byte, error) {
		return sqltype.AppendBinary(dst, t, v.Value(i), env)
	}
}

// rawText lists the types whose bytes are their text and, but for jsonb, their binary form.
func rawText(oid uint32) bool {
	switch oid {
	case sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDBPChar, sqltype.OIDName, sqltype.OIDUnknown, sqltype.OIDCString,
		sqltype.OIDJSON:
		return true
	}
	return false
}

func appendRaw(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return append(dst, v.Data[v.Offsets[i]:v.Offsets[i+1]]...), nil
}

func appendHex(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return hex.AppendEncode(append(dst, '\\', 'x'), v.Data[v.Offsets[i]:v.Offsets[i+1]]), nil
}

func appendBoolText(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	if v.Bools[i] {
		return append(dst, 't'), nil
	}
	return append(dst, 'f'), nil
}

func appendInt2Text(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return strconv.AppendInt(dst, int64(v.I16[i]), 10), nil
}

func appendInt4Text(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return strconv.AppendInt(dst, int64(v.I32[i]), 10), nil
}

func appendInt8Text(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return strconv.AppendInt(dst, v.I64[i], 10), nil
}

func appendUUIDText(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	u := &v.UUIDs[i]
	dst = append(hex.AppendEncode(dst, u[0:4]), '-')
	dst = append(hex.AppendEncode(dst, u[4:6]), '-')
	dst = append(hex.AppendEncode(dst, u[6:8]), '-')
	dst = append(hex.AppendEncode(dst, u[8:10]), '-')
	return hex.AppendEncode(dst, u[10:16]), nil
}

func appendBoolBinary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	if v.Bools[i] {
		return append(dst, 1), nil
	}
	return append(dst, 0), nil
}

func appendInt2Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint16(dst, uint16(v.I16[i])), nil
}

func appendInt4Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, uint32(v.I32[i])), nil
}

func appendInt8Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(v.I64[i])), nil
}

func appendUint4Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, uint32(v.I64[i])), nil
}

// PostgreSQL has one NaN, Go's math.NaN has another bit set.
const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

func appendFloat4Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	f := v.F32[i]
	if f != f {
		return binary.BigEndian.AppendUint32(dst, nan32), nil
	}
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(f)), nil
}

func appendFloat8Binary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	f := v.F64[i]
	if f != f {
		return binary.BigEndian.AppendUint64(dst, nan64), nil
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), nil
}

func appendUUIDBinary(dst []byte, v *vector.Vector, i int) ([]byte, error) {
	return append(dst, v.UUIDs[i][:]...), nil
}

// encoderOf chooses the form by the protocol's format code.
func encoderOf(t sqltype.Type, format int16, env sqltype.Env) (appendValue, *pgerr.Error) {
	switch format {
	case 0:
		return textEncoder(t, env), nil
	case 1:
		return binaryEncoder(t, env), nil
	}
	return nil, pgerr.Newf(pgerr.InvalidParameterValue, "unsupported format code: %d", format)
}
