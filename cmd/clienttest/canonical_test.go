package clienttest

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// null is the canonical form of NULL, which no value of the warehouse has.
const null = "∅"

// canonical makes one text of the ways in which clients print equal values: PostgreSQL's text, Java's, Python's.
func canonical(oid uint32, value []byte) string {
	if value == nil {
		return null
	}
	text := string(value)
	switch oid {
	case pgtype.BoolOID:
		switch strings.ToLower(text) {
		case "t", "true", "1":
			return "true"
		case "f", "false", "0":
			return "false"
		}
	case pgtype.UUIDOID:
		return strings.ToLower(text)
	case pgtype.Float4OID, pgtype.Float8OID:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(f, 'g', 15, 64)
		}
	case pgtype.NumericOID:
		if r, ok := new(big.Rat).SetString(text); ok {
			return r.RatString()
		}
	case pgtype.TimestamptzOID, pgtype.TimestampOID:
		for _, layout := range []string{
			"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07",
			"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999-07:00",
			"2006-01-02T15:04:05.999999999Z", "2006-01-02T15:04:05.999999999",
		} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC().Format("2006-01-02 15:04:05.999999")
			}
		}
	}
	return text
}
