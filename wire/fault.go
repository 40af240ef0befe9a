package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// errorResponse gives an error PostgreSQL's fields: S V C M D H P W s t c d n.
func errorResponse(e *pgerr.Error) *pgproto3.ErrorResponse {
	severity := string(e.Severity)
	if severity == "" {
		severity = string(pgerr.SeverityError)
	}
	return &pgproto3.ErrorResponse{
		Severity:            severity,
		SeverityUnlocalized: severity,
		Code:                string(e.Code),
		Message:             fieldText(e.Message),
		Detail:              fieldText(e.Detail),
		Hint:                fieldText(e.Hint),
		Position:            int32(e.Position),
		Where:               fieldText(e.Where),
		SchemaName:          fieldText(e.Schema),
		TableName:           fieldText(e.Table),
		ColumnName:          fieldText(e.Column),
		DataTypeName:        fieldText(e.DataType),
		ConstraintName:      fieldText(e.Constraint),
	}
}

func noticeResponse(e *pgerr.Error) *pgproto3.NoticeResponse {
	n := pgproto3.NoticeResponse(*errorResponse(e))
	return &n
}

// fieldText makes a text safe as a field: a NUL would end it early and shift everything after it, and clients take bytes that
// are no UTF-8 for a broken server.
func fieldText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// checkText returns PostgreSQL's 22021 if the text is no UTF-8 or holds a NUL, naming the bytes of the character that is broken as
// report_invalid_encoding does.
func checkText(s string) *pgerr.Error {
	if validText(s) {
		return nil
	}
	i := 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			break
		}
		i += n
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range []byte(s[i:min(len(s), i+leadLength(s[i]))]) {
		b.WriteString(" 0x")
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return pgerr.Newf(pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8":%s`, b.String())
}

func validText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// leadLength is the length of a character by its first byte, as pg_utf_mblen gives it.
func leadLength(c byte) int {
	switch {
	case c&0xE0 == 0xC0:
		return 2
	case c&0xF0 == 0xE0:
		return 3
	case c&0xF8 == 0xF0:
		return 4
	}
	return 1
}
