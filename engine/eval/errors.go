package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func errDivisionByZero() error { return pgerr.New(pgerr.DivisionByZero, "division by zero") }

func errInt2Range() error { return sqltype.IntRange(sqltype.OIDInt2) }
func errInt4Range() error { return sqltype.IntRange(sqltype.OIDInt4) }
func errInt8Range() error { return sqltype.IntRange(sqltype.OIDInt8) }

func errFloatOverflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
}

func errFloatUnderflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: underflow")
}

func errInputRange() error { return pgerr.New(pgerr.NumericValueOutOfRange, "input is out of range") }

func errTimestampRange() error {
	return pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range")
}
func errDateRange() error { return pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range") }
func errIntervalRange() error {
	return pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
}

func errRecordTypes(a, b uint32, col int) error {
	return pgerr.Newf(pgerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d",
		sqltype.FormatType(a, -1), sqltype.FormatType(b, -1), col)
}

func errRecordWidth() error {
	return pgerr.New(pgerr.DatatypeMismatch, "cannot compare record types with different numbers of columns")
}

func errSubquery() error { return pgerr.Internal("a subquery where none can run") }

// invalid is 22023.
func invalid(format string, args ...any) *pgerr.Error {
	return pgerr.Newf(pgerr.InvalidParameterValue, format, args...)
}

func errOIDRange() error { return pgerr.New(pgerr.NumericValueOutOfRange, "OID out of range") }
