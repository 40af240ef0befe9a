package sqltype

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestNumericSum compares sums with those that Add gives, term by term.
func TestNumericSum(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 8)) //nolint:gosec // not a secret
	term := func() string {
		switch r.IntN(12) {
		case 0:
			return "-" + strings.Repeat("9", 1+r.IntN(60)) + "." + strings.Repeat("7", r.IntN(60))
		case 1:
			return "0." + strings.Repeat("0", r.IntN(30)) + strconv.Itoa(r.IntN(100000))
		case 2:
			return strconv.FormatInt(r.Int64(), 10) + strings.Repeat("0", r.IntN(40))
		case 3:
			return "-9223372036854775807." + strconv.Itoa(r.IntN(1000))
		}
		return strconv.FormatFloat(r.NormFloat64()*1e6, 'f', r.IntN(20), 64)
	}
	special := []string{"NaN", "Infinity", "-Infinity"}
	for round := range 400 {
		var s NumericSum
		want := Numeric{}
		for range r.IntN(40) {
			text := term()
			if round%10 == 0 && r.IntN(8) == 0 {
				text = special[r.IntN(3)]
			}
			x, err := ParseNumeric(text)
			if err != nil {
				t.Fatal(err)
			}
			s.Add(x)
			if want, err = want.Add(x); err != nil {
				t.Fatal(err)
			}
			got, err := s.Numeric()
			if err != nil || got.String() != want.String() {
				t.Fatalf("after %s: %s instead of %s (%v)", text, got, want, err)
			}
		}
	}
	var s NumericSum
	most, err := ParseNumeric(strings.Repeat("9", 131072))
	if err != nil {
		t.Fatal(err)
	}
	s.Add(most)
	s.Add(NumericInt(1))
	if _, err := s.Numeric(); err == nil {
		t.Error("a sum of 131,073 digits is no error")
	}
	s.Add(NumericInt(-1))
	if x, err := s.Numeric(); err != nil || x.Cmp(most) != 0 {
		t.Errorf("a sum that comes back to numeric's range: %v", err)
	}
}
