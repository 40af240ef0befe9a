package simulator

import "testing"

// FuzzExpression: no text makes the parser or the evaluation fail otherwise than by an error.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"i eq 7 and not contains(s,'x''y')", "tags/any(t:t eq 'red') or rights has Sample.Types.Rights'Read,Write'", "substring(s,1,2) in ('a',null)",
		"t sub 2024-02-29T00:00:00.1234567Z lt duration'P1DT2H'", "-(i add 2) mul d divby f mod 3", "bin eq binary'AA' or g eq 22913abe-0967-40bf-97e7-d907e204c91e",
		"address/position/lat gt INF", "day add dur ge 2024-01-01 and clock lt 23:59:59.9999999", "fractionalseconds(t) eq 0.1 and $it/i eq 1e3",
	} {
		f.Add(seed)
	}
	m, set, cols := fixture()
	f.Fuzz(func(_ *testing.T, text string) {
		_ = evaluate(m, set, cols, text)
	})
}
