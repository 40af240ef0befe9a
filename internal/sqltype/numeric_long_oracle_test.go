package sqltype_test

import (
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// TestLongNumbersAreTheOracles compares numbers of many thousand digits, up to where the format ends. Results are compared in full.
func TestLongNumbersAreTheOracles(t *testing.T) {
	t.Parallel()
	rep := strings.Repeat
	long := []string{
		"1." + rep("7", 16000), "0." + rep("0", 15000) + "1", "1." + rep("0", 900) + "1", "0." + rep("9", 700), "-12345." + rep("3", 16000), "3", "0.5", "100000",
		rep("7", 120000) + "." + rep("3", 1000), "1" + rep("0", 120000), "1." + rep("0", 16000), "1." + rep("8", 300), "2." + rep("0", 150) + "3", rep("123456789", 40), "-0." + rep("5", 1200),
	}
	type num = sqltype.Numeric
	for _, c := range []struct {
		expr string
		ours func(a, b num) string
	}{
		{"a + b", func(a, b num) string { return numText(a.Add(b)) }},
		{"a * b", func(a, b num) string { return numText(a.Mul(b)) }},
		{"-a", func(a, _ num) string { return a.Neg().String() }},
		{"trim_scale(a)", func(a, _ num) string { return a.TrimScale().String() }},
		{"round(a, 2)", func(a, _ num) string { return numText(a.Round(2)) }},
		{"ceil(a)", func(a, _ num) string { return numText(a.Ceil()) }},
		{"ln(a)", func(a, _ num) string { return numText(a.Ln()) }},
		{"exp(a)", func(a, _ num) string { return numText(a.Exp()) }},
		{"sqrt(a)", func(a, _ num) string { return numText(a.Sqrt()) }},
		{"case when abs(b) < 1000 then log(b, abs(a)) end", func(a, b num) string {
			if b.Abs().Cmp(sqltype.NumericInt(1000)) >= 0 {
				return "null"
			}
			return numText(a.Abs().Log(b))
		}},
		{"case when abs(b) < 10 then power(abs(a), b) end", func(a, b num) string {
			if b.Abs().Cmp(sqltype.NumericInt(10)) >= 0 {
				return "null"
			}
			return numText(a.Abs().Power(b))
		}},
		{"(a < b)::int::text || (a = b)::int || (a > b)::int", func(a, b num) string {
			c := a.Cmp(b)
			if c == 0 && a.Hash() != b.Hash() {
				return "equal numbers with different hashes"
			}
			return [3]string{"100", "010", "001"}[c+1]
		}},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, tryCompute)
			var as, bs []string
			for i, a := range long {
				for j := range 3 {
					as, bs = append(as, a), append(bs, long[(i*4+j*3)%len(long)])
				}
			}
			for i, want := range compute(t, conn, c.expr, "numeric", as, bs) {
				a, errA := sqltype.ParseNumeric(as[i])
				b, errB := sqltype.ParseNumeric(bs[i])
				if errA != nil || errB != nil {
					t.Fatal(errA, errB)
				}
				if got := c.ours(a, b); got != want {
					at := 0
					for at < min(len(got), len(want)) && got[at] == want[at] {
						at++
					}
					t.Errorf("a=%.30s… (%d) b=%.30s… (%d): differ at %d\n got %.60s (%d)\nwant %.60s (%d)", as[i], len(as[i]), bs[i], len(bs[i]), at, got[max(at-10, 0):], len(got), want[max(at-10, 0):], len(want))
				}
			}
		})
	}
}
