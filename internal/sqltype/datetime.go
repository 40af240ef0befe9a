package sqltype

import (
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// The sizes of PostgreSQL's work buffers, beyond which it refuses the input.
const (
	dateRoom      = 129
	timestampRoom = 153
)

func parseDate(typ, s string, room int, timeOnly bool, env Env) (*dateState, error) {
	d := &dateState{env: env, timeOnly: timeOnly}
	pieces, err := cutPieces(s, room)
	if err == dateOK {
		err = d.read(pieces)
	}
	if err != dateOK {
		return nil, dateParseError(err, typ, s, d.badZone)
	}
	return d, nil
}

func outOfRange(what, s string) error {
	return pgerr.Newf(pgerr.DatetimeFieldOverflow, "%s out of range: \"%s\"", what, s)
}

func dateIn(s string, _ Type, env Env) (Value, error) {
	d, err := parseDate("date", s, dateRoom, false, env)
	if err != nil {
		return Value{}, err
	}
	switch d.reserved {
	case reservedLate:
		return Int(DateInfinity), nil
	case reservedEarly:
		return Int(DateNegInfinity), nil
	case reservedEpoch:
		return Int(-unixEpochDays), nil
	}
	if !validJulian(d.year, d.month) {
		return Value{}, outOfRange("date", s)
	}
	days := DaysFromCivil(d.year, d.month, d.day)
	if !ValidDate(days) {
		return Value{}, outOfRange("date", s)
	}
	return Int(days), nil
}

func timestampIn(s string, t Type, env Env) (Value, error) {
	d, err := parseDate(typeNameForErrors(t.OID), s, timestampRoom, false, env)
	if err != nil {
		return Value{}, err
	}
	var micros int64
	switch d.reserved {
	case reservedLate:
		return Int(TimestampInfinity), nil
	case reservedEarly:
		return Int(TimestampNegInfinity), nil
	case reservedEpoch:
		micros = -unixEpochDays * MicrosPerDay
	default:
		if !validJulian(d.year, d.month) {
			return Value{}, outOfRange("timestamp", s)
		}
		days := DaysFromCivil(d.year, d.month, d.day)
		if days > EndTimestamp/MicrosPerDay+1 {
			return Value{}, outOfRange("timestamp", s)
		}
		micros = days*MicrosPerDay + d.timeOfDay()
		if t.OID == OIDTimestampTZ {
			micros -= int64(d.zone) * MicrosPerSecond
		}
		if !ValidTimestamp(micros) {
			return Value{}, outOfRange("timestamp", s)
		}
	}
	return Int(FitTimestamp(micros, t.Typmod)), nil
}

// typeNameForErrors is the short name that PostgreSQL's date and time input uses in its messages.
func typeNameForErrors(oid uint32) string {
	switch oid {
	case OIDTimestampTZ:
		return "timestamp with time zone"
	case OIDTimeTZ:
		return "time with time zone"
	case OIDTimestamp:
		return "timestamp"
	case OIDTime:
		return "time"
	}
	return FormatType(oid, -1)
}

// FitTimestamp rounds microseconds half away from zero to a precision of 0 to 6 digits; a typmod of -1 leaves them.
func FitTimestamp(micros int64, typmod int32) int64 {
	if typmod < 0 || typmod > 5 || micros == TimestampInfinity || micros == TimestampNegInfinity {
		return micros
	}
	return roundMicros(micros, typmod)
}

func roundMicros(micros int64, precision int32) int64 {
	unit := pow10[6-precision]
	half := unit / 2
	if micros >= 0 {
		return (micros + half) / unit * unit
	}
	return -((-micros + half) / unit * unit)
}

func timeIn(s string, t Type, env Env) (Value, error) {
	d, err := parseDate("time", s, timestampRoom, true, env)
	if err != nil {
		return Value{}, err
	}
	return Int(FitTimestamp(d.timeOfDay(), t.Typmod)), nil
}

func timetzIn(s string, t Type, env Env) (Value, error) {
	d, err := parseDate("time with time zone", s, timestampRoom, true, env)
	if err != nil {
		return Value{}, err
	}
	return Value{Iv: Interval{Micros: FitTimestamp(d.timeOfDay(), t.Typmod), Months: int32(-d.zone)}}, nil
}

// Binary forms.

func dateRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 4 {
		return Value{}, wrongSize(len(b), 4)
	}
	days := int64(int32(binary.BigEndian.Uint32(b)))
	if days != DateInfinity && days != DateNegInfinity && !ValidDate(days) {
		return Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range")
	}
	return Int(days), nil
}

func dateSend(dst []byte, v Value, _ Type, _ Env) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(v.I))
}

func timestampRecv(b []byte, t Type, _ Env) (Value, error) {
	if len(b) != 8 {
		return Value{}, wrongSize(len(b), 8)
	}
	micros := int64(binary.BigEndian.Uint64(b))
	if micros != TimestampInfinity && micros != TimestampNegInfinity && !ValidTimestamp(micros) {
		return Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range")
	}
	return Int(FitTimestamp(micros, t.Typmod)), nil
}

func timestampSend(dst []byte, v Value, _ Type, _ Env) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v.I))
}

func timeRecv(b []byte, t Type, _ Env) (Value, error) {
	if len(b) < 8 {
		return Value{}, wrongSize(len(b), 8)
	}
	micros := int64(binary.BigEndian.Uint64(b))
	if micros < 0 || micros > MicrosPerDay { // even where more bytes follow than there should be
		return Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "time out of range")
	}
	if len(b) > 8 {
		return Value{}, wrongSize(len(b), 8)
	}
	return Int(FitTimestamp(micros, t.Typmod)), nil
}

func timeSend(dst []byte, v Value, _ Type, _ Env) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v.I))
}

func timetzRecv(b []byte, t Type, env Env) (Value, error) {
	v, err := timeRecv(b[:min(len(b), 8)], t, env)
	if err != nil {
		return Value{}, err
	}
	if len(b) < 12 {
		return Value{}, wrongSize(len(b), 12)
	}
	zone := int32(binary.BigEndian.Uint32(b[8:]))
	if zone <= -16*3600 || zone >= 16*3600 {
		return Value{}, pgerr.New(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range")
	}
	if len(b) > 12 {
		return Value{}, wrongSize(len(b), 12)
	}
	return Value{Iv: Interval{Micros: v.I, Months: zone}}, nil
}

func timetzSend(dst []byte, v Value, _ Type, _ Env) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(v.Iv.Micros))
	return binary.BigEndian.AppendUint32(dst, uint32(v.Iv.Months))
}
