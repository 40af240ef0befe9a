package difftest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// asText writes a value of the sample service as PostgreSQL's input takes it, for a column of the given SQL type. Fractions
// finer than a microsecond are floored here, by text, so that an error of the gateway's own flooring shows.
func asText(v any, oid uint32) (*string, error) {
	var s string
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		s = strconv.FormatBool(v)
	case int64:
		s = strconv.FormatInt(v, 10)
	case float32:
		s = floatText(float64(v), 32)
	case float64:
		s = floatText(v, 64)
	case time.Time:
		s = v.Format("2006-01-02 15:04:05.0000000")
		s = s[:len(s)-1] + "+00"
	case []byte:
		s = `\x` + hex.EncodeToString(v)
	case json.RawMessage:
		s = string(v)
	case string:
		s = v
		switch oid {
		case sqltype.OIDTime:
			s = cutFraction(v)
		case sqltype.OIDInterval:
			var err error
			if s, err = durationText(v); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("no text form for %T", v)
	}
	return &s, nil
}

func floatText(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// cutFraction leaves six digits of a second.
func cutFraction(s string) string {
	if dot := strings.IndexByte(s, '.'); dot >= 0 && len(s) > dot+7 {
		return s[:dot+7]
	}
	return s
}

// durationText turns [-]PnDTnHnMnS into days and microseconds: PostgreSQL reads no sign before P, and would round.
func durationText(s string) (string, error) {
	rest, negative := strings.CutPrefix(s, "-")
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok {
		return "", fmt.Errorf("%q is no duration", s)
	}
	dayPart, clock, _ := strings.Cut(rest, "T")
	var days int64
	var err error
	if dayPart != "" {
		if days, err = strconv.ParseInt(strings.TrimSuffix(dayPart, "D"), 10, 32); err != nil {
			return "", fmt.Errorf("%q is no duration: %w", s, err)
		}
	}
	var ticks int64 // of 100 ns
	for _, unit := range []struct {
		letter string
		ticks  int64
	}{{"H", 36e9}, {"M", 6e8}, {"S", 1e7}} {
		number, after, found := strings.Cut(clock, unit.letter)
		if !found {
			continue
		}
		whole, fraction, _ := strings.Cut(number, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			return "", fmt.Errorf("%q is no duration: %w", s, err)
		}
		f, err := strconv.ParseInt((fraction + "0000000")[:7], 10, 64)
		if err != nil {
			return "", fmt.Errorf("%q is no duration: %w", s, err)
		}
		ticks += n*unit.ticks + f
		clock = after
	}
	if negative {
		days, ticks = -days, -ticks
	}
	micros := ticks / 10
	if ticks%10 < 0 {
		micros--
	}
	return fmt.Sprintf("%d days %d microseconds", days, micros), nil
}
