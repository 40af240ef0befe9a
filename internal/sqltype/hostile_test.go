package sqltype_test

import (
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// TestHostileInputIsRefused reads texts that are made to exhaust a stack or memory; each must end in a coded error.
func TestHostileInputIsRefused(t *testing.T) {
	t.Parallel()
	const long = 1 << 20
	for _, c := range []struct {
		oid  uint32
		text string
		code pgerr.Code
	}{
		{sqltype.OIDJSON, strings.Repeat("[", long), pgerr.StatementTooComplex},
		{sqltype.OIDJSONB, strings.Repeat(`{"a":`, long), pgerr.StatementTooComplex},
		{sqltype.OIDJSONB, "[" + strings.Repeat("1e131071,", long/8) + "1]", pgerr.ProgramLimitExceeded},
		{sqltype.OIDNumeric, "1e999999999", pgerr.NumericValueOutOfRange},
		{sqltype.OIDNumeric, strings.Repeat("9", long), pgerr.NumericValueOutOfRange},
		{sqltype.OIDTextArray, strings.Repeat("{", long), pgerr.ProgramLimitExceeded},
		{sqltype.OIDInt4Array, "[1:134217728]={1}", pgerr.InvalidTextRepresentation},
		{sqltype.OIDTimestampTZ, strings.Repeat("1 ", long), pgerr.InvalidDatetimeFormat},
		{sqltype.OIDInterval, strings.Repeat("1 ", long), pgerr.InvalidDatetimeFormat},
		{sqltype.OIDFloat8, "1e" + strings.Repeat("9", long), pgerr.NumericValueOutOfRange},
	} {
		typ := sqltype.Of(c.oid)
		if _, err := sqltype.ParseText(typ, c.text, nil); pgerr.CodeOf(err) != c.code || err == nil {
			t.Errorf("%s %.20s…: %.80v", typ, c.text, err)
		}
	}
	nested := "\x00\x00\x00\x01\x00\x00\x08\xc9\x00\x00\x00\x00"
	if _, err := sqltype.ParseBinary(sqltype.Of(sqltype.OIDRecord), []byte(strings.Repeat(nested, long/12)), nil); pgerr.CodeOf(err) != pgerr.FeatureNotSupported {
		t.Errorf("records from outside: %v", err)
	}
	huge := "\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x19" + strings.Repeat("\x00\x00\x00\x40\x00\x00\x00\x01", 6)
	if _, err := sqltype.ParseBinary(sqltype.Of(sqltype.OIDTextArray), []byte(huge), nil); pgerr.CodeOf(err) != pgerr.ProgramLimitExceeded {
		t.Errorf("an array of 2^36 elements: %v", err)
	}
}
