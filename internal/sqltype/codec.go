package sqltype

import (
	"fmt"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// codec is the four forms of one type: PostgreSQL's typinput, typoutput, typreceive and typsend.
type codec struct {
	in   func(s string, t Type, env Env) (Value, error)
	out  func(dst []byte, v Value, t Type, env Env) []byte
	recv func(b []byte, t Type, env Env) (Value, error)
	send func(dst []byte, v Value, t Type, env Env) []byte
}

// codecOf is the one place that gives a type its codec. It is a function and not a table because arrays and records come
// back here for their elements.
func codecOf(oid uint32) (codec, bool) {
	switch oid {
	case OIDBool:
		return codec{boolIn, boolOut, boolRecv, boolSend}, true
	case OIDInt2, OIDInt4, OIDInt8:
		return codec{intIn, intOut, intRecv, intSend}, true
	case OIDOID:
		return codec{oidIn, oidOut, oidRecv, oidSend}, true
	case OIDXID, OIDCID:
		return codec{xidIn, oidOut, oidRecv, oidSend}, true
	case OIDXID8:
		return codec{xid8In, xid8Out, xid8Recv, xid8Send}, true
	case OIDRegProc, OIDRegProcedure, OIDRegOper, OIDRegOperator, OIDRegClass, OIDRegType, OIDRegRole, OIDRegNamespace,
		OIDRegConfig, OIDRegDictionary, OIDRegCollation:
		return codec{regIn, regOut, oidRecv, oidSend}, true
	case OIDFloat4, OIDFloat8:
		return codec{floatIn, floatOut, floatRecv, floatSend}, true
	case OIDNumeric:
		return codec{numericIn, numericOut, numericRecv, numericSend}, true
	case OIDText, OIDUnknown, OIDCString, OIDRefCursor:
		return codec{textIn, textOut, textRecv, textSend}, true
	case OIDVarChar:
		return codec{varcharIn, textOut, varcharRecv, textSend}, true
	case OIDBPChar:
		return codec{bpcharIn, textOut, bpcharRecv, textSend}, true
	case OIDName:
		return codec{nameIn, textOut, nameRecv, textSend}, true
	case OIDChar:
		return codec{charIn, charOut, charRecv, textSend}, true
	case OIDPGNodeTree:
		return codec{refuseIn, textOut, refuseRecv, textSend}, true
	case OIDACLItem:
		return codec{aclItemIn, textOut, textRecv, textSend}, true
	case OIDTID:
		return codec{tidIn, tidOut, tidRecv, textSend}, true
	case OIDVoid:
		return codec{voidIn, textOut, voidRecv, textSend}, true
	case OIDBytea:
		return codec{byteaIn, byteaOut, byteaRecv, textSend}, true
	case OIDUUID:
		return codec{uuidIn, uuidOut, uuidRecv, textSend}, true
	case OIDJSON:
		return codec{jsonIn, textOut, jsonRecv, textSend}, true
	case OIDJSONB:
		return codec{jsonbIn, textOut, jsonbRecv, jsonbSend}, true
	case OIDDate:
		return codec{dateIn, dateOut, dateRecv, dateSend}, true
	case OIDTime:
		return codec{timeIn, timeOut, timeRecv, timeSend}, true
	case OIDTimeTZ:
		return codec{timetzIn, timetzOut, timetzRecv, timetzSend}, true
	case OIDTimestamp, OIDTimestampTZ:
		return codec{timestampIn, timestampOut, timestampRecv, timestampSend}, true
	case OIDInterval:
		return codec{intervalIn, intervalOut, intervalRecv, intervalSend}, true
	case OIDInt2Vector, OIDOIDVector:
		return codec{vectorIn, vectorOut, vectorRecv, textSend}, true
	case OIDRecord:
		return codec{recordIn, recordOut, recordRecv, recordSend}, true
	case OIDAnyArray:
		return codec{refuseIn, arrayOut, refuseRecv, arraySend}, true
	}
	i, ok := Lookup(oid)
	switch {
	case !ok && oid != 0:
		return codec{recordIn, recordOut, recordRecv, recordSend}, true
	case ok && i.IsArray && i.Implemented:
		return codec{arrayIn, arrayOut, arrayRecv, arraySend}, true
	}
	return codec{}, false
}

// unsupportedType is the error for values of types that stand in the table for the catalog's sake alone.
func unsupportedType(t Type) error {
	if i := t.Info(); i.TypType == 'p' {
		return pgerr.Newf(pgerr.FeatureNotSupported, "cannot accept a value of type %s", i.Name)
	}
	return pgerr.Unsupported("cast the value to text", "values of type %s are not supported", FormatType(t.OID, -1))
}

func refuseIn(_ string, t Type, _ Env) (Value, error) {
	return Value{}, pgerr.Newf(pgerr.FeatureNotSupported, "cannot accept a value of type %s", FormatType(t.OID, -1))
}

func refuseRecv(_ []byte, t Type, env Env) (Value, error) { return refuseIn("", t, env) }

// ParseText reads a value from its text form, as PostgreSQL's input functions do, and applies the type's modifier.
func ParseText(t Type, s string, env Env) (Value, error) {
	c, ok := codecOf(t.OID)
	if !ok {
		return Value{}, unsupportedType(t)
	}
	if err := CheckUTF8(s); err != nil {
		return Value{}, err
	}
	return c.in(s, t, orDefault(env))
}

// AppendText appends the text form of a value that is not null.
func AppendText(dst []byte, t Type, v Value, env Env) []byte {
	c, ok := codecOf(t.OID)
	if !ok {
		return append(dst, v.S...)
	}
	return c.out(dst, v, t, orDefault(env))
}

// ParseBinary reads a value from PostgreSQL's binary form. b may be reused afterwards.
func ParseBinary(t Type, b []byte, env Env) (Value, error) {
	c, ok := codecOf(t.OID)
	if !ok {
		return Value{}, unsupportedType(t)
	}
	if name := withoutBinary(t.OID, func(i *Info) string { return i.Receive }); name != "" {
		return Value{}, pgerr.Newf(pgerr.UndefinedFunction, "no binary input function available for type %s", name)
	}
	return c.recv(b, t, orDefault(env))
}

// AppendBinary appends PostgreSQL's binary form of a value that is not null.
func AppendBinary(dst []byte, t Type, v Value, env Env) ([]byte, error) {
	c, ok := codecOf(t.OID)
	if !ok {
		return dst, unsupportedType(t)
	}
	if name := withoutBinary(t.OID, func(i *Info) string { return i.Send }); name != "" {
		return dst, pgerr.Newf(pgerr.UndefinedFunction, "no binary output function available for type %s", name)
	}
	return c.send(dst, v, t, orDefault(env)), nil
}

// withoutBinary names the type that lacks the function, the element of an array included. Internally such elements
// travel as text.
func withoutBinary(oid uint32, function func(*Info) string) string {
	i := Of(oid).Info()
	if function(i) == "-" {
		return i.SQLName
	}
	if i.IsArray {
		return withoutBinary(i.Elem, function)
	}
	return ""
}

// CheckUTF8 refuses text that PostgreSQL's encoding check refuses: bytes that are not UTF-8, and NUL.
func CheckUTF8(s string) error {
	bad := -1
	if !utf8.ValidString(s) {
		for i, r := range s {
			if r == utf8.RuneError {
				if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
					bad = i
					break
				}
			}
			if r == 0 {
				bad = i
				break
			}
		}
	} else {
		for i := 0; i < len(s); i++ {
			if s[i] == 0 {
				bad = i
				break
			}
		}
	}
	if bad < 0 {
		return nil
	}
	n := 1
	switch c := s[bad]; {
	case c >= 0xf8: // no first byte of a sequence: it stands alone
	case c >= 0xf0:
		n = 4
	case c >= 0xe0:
		n = 3
	case c >= 0xc0:
		n = 2
	}
	text := ""
	for _, c := range []byte(s[bad:min(bad+n, len(s))]) {
		text += fmt.Sprintf(" 0x%02x", c)
	}
	return pgerr.Newf(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\":%s", text)
}

func syntaxError(typ, s string) error {
	return pgerr.Newf(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: \"%s\"", typ, s)
}

func valueRange(typ, s string) error {
	return pgerr.Newf(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type %s", s, typ)
}

// wrongSize is the error of a binary value that is too short or too long for its type (pqformat.c).
func wrongSize(got, want int) error {
	if got < want {
		return pgerr.New(pgerr.ProtocolViolation, "insufficient data left in message")
	}
	return pgerr.New(pgerr.InvalidBinaryRepresentation, "incorrect binary data format in bind parameter")
}

// wrongByte is wrongSize for a value of one byte, which is read by another function (pq_getmsgbyte).
func wrongByte(got int) error {
	if got == 0 {
		return pgerr.New(pgerr.ProtocolViolation, "no data left in message")
	}
	return wrongSize(got, 1)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func trimSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
