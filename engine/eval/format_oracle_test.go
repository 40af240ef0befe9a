package eval_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/eval"
)

// formatGrammar makes patterns and values for to_char and its kin at random.
type formatGrammar struct{ rnd *rand.Rand }

func (g *formatGrammar) pick(words ...string) string { return words[g.rnd.IntN(len(words))] }

func (g *formatGrammar) numberPattern() string {
	var b strings.Builder
	b.WriteString(g.pick("", "", "", "FM", "S", "SG", "MI", "PL", "L", "B", "$", "RN", "V", "x"))
	digits := func() {
		for range g.rnd.IntN(5) {
			b.WriteString(g.pick("9", "0", "9", "99", "09", ",", "G", "9"))
		}
	}
	digits()
	if g.rnd.IntN(2) == 0 {
		b.WriteString(g.pick(".", "D", ".", "V"))
		digits()
	}
	b.WriteString(g.pick("", "", "", "S", "MI", "PL", "SG", "PR", "th", "TH", "L", "EEEE", " ", "FM", "\"q\"", "rn", "%", "ä"))
	if g.rnd.IntN(8) == 0 {
		digits()
	}
	return b.String()
}

func (g *formatGrammar) number(kind string) string {
	switch kind {
	case "int4":
		return g.pick("0", "1", "-1", "12", "-123", "4567", "99999", "-2147483648", "485", "3999", "10", "11", "113", "22")
	case "int8":
		return g.pick("0", "-1", "12", "123456789012", "-9223372036854775808", "9223372036854775807", "485", "101")
	case "float4", "float8":
		return g.pick("0", "-0", "1.5", "-0.5", "0.05", "123.456", "-9999.99", "1e10", "1e-10", "NaN", "Infinity", "-Infinity", "0.1", "99.995", "1234567.891", "1e20", "3.3333333", "485.2")
	}
	return g.pick("0", "0.00", "1.5", "-0.5", "0.05", "-0.004", "123.456", "-9999.99", "1e10", "1e-10", "NaN", "Infinity", "-Infinity", "99.995", "12345678901234567890.12345", "0.1", "10", "3.9", "-12.50", "485.5", "2.5")
}

func (g *formatGrammar) datePattern() string {
	var b strings.Builder
	for range 1 + g.rnd.IntN(6) {
		if g.rnd.IntN(8) == 0 {
			b.WriteString(g.pick("FM", "FX", "TM", "fm", "FMTM", "FMFM"))
		}
		b.WriteString(g.pick(
			"HH", "HH12", "HH24", "MI", "SS", "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "SSSS", "SSSSS", "AM", "am", "P.M.", "p.m.", "Y,YYY", "YYYY", "YYY", "YY", "Y",
			"IYYY", "IYY", "IY", "I", "BC", "ad", "B.C.", "a.d.", "MONTH", "Month", "month", "MON", "Mon", "mon", "MM", "DAY", "Day", "day", "DY", "Dy", "dy", "DDD", "IDDD", "DD", "D", "ID",
			"W", "WW", "IW", "CC", "J", "Q", "RM", "rm", "TZ", "tz", "TZH", "TZM", "OF", "yyyy", "hh24", "mi"))
		if g.rnd.IntN(8) == 0 {
			b.WriteString(g.pick("th", "TH", "SP", "thTH", "SPth"))
		}
		b.WriteString(g.pick("", "", "-", " ", ":", "/", ".", ", ", "T", "\"of\"", "\\\"", "  ", "x", "ä", "--"))
	}
	return b.String()
}

func (g *formatGrammar) instant() string {
	if g.rnd.IntN(12) == 0 {
		return g.pick("infinity", "-infinity", "0044-03-15 10:00:00 BC", "0001-01-01 00:00:00", "12345-06-07 08:09:10", "4713-01-01 00:00:00 BC", "0099-12-31 23:59:59")
	}
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d.%06d", g.rnd.IntN(3)*400+1400+g.rnd.IntN(300), 1+g.rnd.IntN(12), 1+g.rnd.IntN(28), g.rnd.IntN(24), g.rnd.IntN(60), g.rnd.IntN(60),
		[]int{0, 5, 120000, 999999, 123456}[g.rnd.IntN(5)])
}

// readable is a pattern that to_timestamp may read back, and a text for it, at times damaged.
func (g *formatGrammar) readable() (pattern, text string) {
	year := 1 + g.rnd.IntN(2400)
	parts := [][2]string{
		{"YYYY", fmt.Sprintf("%04d", year)},
		{"YYYY", strconv.Itoa(year)},
		{"YY", fmt.Sprintf("%02d", year%100)},
		{"YYY", fmt.Sprintf("%03d", year%1000)},
		{"Y,YYY", "1,999"},
		{"MM", fmt.Sprintf("%02d", 1+g.rnd.IntN(13))},
		{"MM", strconv.Itoa(1 + g.rnd.IntN(12))},
		{"Mon", g.pick("Jan", "feb", "MAR", "Sept")},
		{"Month", g.pick("January", "february", "MAY", "Ma")},
		{"DD", fmt.Sprintf("%02d", 1+g.rnd.IntN(31))},
		{"DD", strconv.Itoa(g.rnd.IntN(33))},
		{"DDD", strconv.Itoa(g.rnd.IntN(370))},
		{"HH24", strconv.Itoa(g.rnd.IntN(26))},
		{"HH12", strconv.Itoa(g.rnd.IntN(14))},
		{"HH", "7"},
		{"MI", strconv.Itoa(g.rnd.IntN(62))},
		{"SS", strconv.Itoa(g.rnd.IntN(62))},
		{"MS", g.pick("1", "12", "123", "1234")},
		{"US", g.pick("1", "123456", "000001")},
		{"FF3", "123"},
		{"AM", g.pick("AM", "pm", "P.M.", "x")},
		{"p.m.", g.pick("a.m.", "PM")},
		{"BC", g.pick("BC", "ad", "B.C.")},
		{"Day", g.pick("Monday", "Tues", "friday")},
		{"Dy", g.pick("Mon", "fri")},
		{"J", "2451187"},
		{"Q", "2"},
		{"CC", "20"},
		{"WW", "7"},
		{"W", "2"},
		{"IYYY", "2020"},
		{"IW", "5"},
		{"ID", "3"},
		{"IDDD", "100"},
		{"D", "2"},
		{"SSSS", strconv.Itoa(g.rnd.IntN(90000))},
		{"RM", g.pick("IV", "xii", "I ")},
		{"TZH:TZM", g.pick("+01:30", "-08:00", "05:00")},
		{"TZ", "UTC"},
		{"OF", "+01"},
	}
	n := 1 + g.rnd.IntN(5)
	for i := range n {
		p := parts[g.rnd.IntN(len(parts))]
		if g.rnd.IntN(10) == 0 {
			pattern += g.pick("FM", "FX", "TM")
		}
		pattern += p[0]
		text += p[1]
		if g.rnd.IntN(12) == 0 {
			pattern += "th"
			text += g.pick("th", "", "st")
		}
		if i < n-1 {
			sep := g.pick("-", " ", ":", "/", "", "T", "  ", "\"at\"")
			pattern += sep
			if g.rnd.IntN(5) == 0 {
				sep = g.pick("-", " ", ".", "", "x")
			}
			text += strings.Trim(sep, "\"")
		}
	}
	if g.rnd.IntN(10) == 0 {
		text = g.pick(" ", "", "+", "-") + text + g.pick("", " ", "z", "1")
	}
	return pattern, text
}

// TestFormatsAgainstPostgreSQL compares to_char, to_number, to_date and to_timestamp of generated patterns and values.
func TestFormatsAgainstPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	conn := connectOracle(t)
	ctx := &eval.Ctx{Env: newTestEnv("Europe/Berlin")}
	seed, count := uint64(1), 6000
	if s := os.Getenv("ODATAGRES_EVAL_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		count = 40000
	}
	g := &formatGrammar{rnd: rand.New(rand.NewPCG(seed, 11))}
	only := os.Getenv("ODATAGRES_EVAL_ONLY")
	var sqls []string
	var ours []func() string
	add := func(kernel, call string, args, types []string) {
		if only != "" && only != kernel {
			return
		}
		list := make([]string, len(args))
		for i := range args {
			list[i] = quoted(args[i]) + "::" + types[i]
		}
		sqls = append(sqls, fmt.Sprintf("select case when x is null then 'n' else 'v' || concat(x) end from (select %s(%s) as x) s", call, strings.Join(list, ", ")))
		ours = append(ours, func() string { return callByName(t, ctx, kernel, args...) })
	}
	for range count {
		switch k := g.rnd.IntN(10); {
		case k < 3:
			kind := g.pick("int4", "int8", "float4", "float8", "numeric")
			add(kind+"_to_char", "to_char", []string{g.number(kind), g.numberPattern()}, []string{kind, "text"})
		case k == 3:
			text := g.pick(g.number("numeric"), g.pick("1,234", "<12>", "12-", "+5", "$3", "1 2", "12th", "-1,2.5", " 7", "x1", ".5", "1e3"))
			add("numeric_to_number", "to_number", []string{text, g.numberPattern()}, []string{"text", "text"})
		case k < 6:
			kind := g.pick("timestamp", "timestamptz")
			add(kind+"_to_char", "to_char", []string{g.instant(), g.datePattern()}, []string{kind, "text"})
		case k == 6:
			add("interval_to_char", "to_char", []string{g.pick("1 year 2 mons 3 days 04:05:06.789", "-1 day", "100 hours", "15 mons 40 days", "0", "-04:05:06.7", "-2 years -3 mons"), g.datePattern()}, []string{"interval", "text"})
		default:
			pattern, text := g.readable()
			kernel := g.pick("to_timestamp", "to_date")
			add(kernel, kernel, []string{text, pattern}, []string{"text", "text"})
		}
	}
	failed, valid := map[string]int{}, 0
	for i, want := range askOracle(t, conn, sqls) {
		if want[0] == 'v' {
			valid++
		}
		if got := ours[i](); got != want {
			kernel, _, _ := strings.Cut(sqls[i][75:], "(")
			if failed[kernel]++; failed[kernel] <= 8 {
				t.Errorf("%s\n  got  %q\n  want %q", sqls[i][75:len(sqls[i])-8], got, want)
			}
		}
	}
	t.Logf("%d calls, %d with a value, differences %v", len(sqls), valid, failed)
	if valid < len(sqls)/4 {
		t.Fatalf("only %d of %d calls have a value", valid, len(sqls))
	}
}
