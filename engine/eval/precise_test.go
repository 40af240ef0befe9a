package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPreciseFunctions compares what is computed in pairs of floats with the same in big floats.
func TestPreciseFunctions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // not a secret
	values := []float64{1, 2, 3, 10, 0.5, 0.1, 1 - 0x1p-53, 1 + 0x1p-52, 1.5, 7, 100, 1e-9, 1e300, 0x1p-1022, 5e-324, 0x1p-1021, math.MaxFloat64, math.Sqrt2, math.Sqrt2 / 2, math.E}
	for range 400 {
		values = append(values, r.Float64(), r.Float64()*1000, math.Ldexp(1+r.Float64(), r.IntN(2040)-1020), float64(r.IntN(1<<30)), 1+(r.Float64()-0.5)*0x1p-20)
	}
	fast := 0
	for _, x := range values {
		check := func(name string, y pair, want float64) {
			got, ok := y.rounded()
			if !ok {
				return
			}
			fast++
			if got != want {
				t.Errorf("%s of %x: %x instead of %x", name, x, got, want)
			}
		}
		if x >= leastNormal && x != 1 {
			check("log", logPair(x), toFloat(bigLog(newBig(x))))
		}
		for _, e := range []float64{x, -x, x * 1e-3, -math.Log(x + 1)} {
			if math.Abs(e) < 700 && e != 0 {
				check("exp", pair{e, 0}.exp(), toFloat(bigExp(newBig(e))))
			}
		}
		b := math.Round(r.Float64()*8-4) + []float64{0, 0.5, 0.37}[r.IntN(3)]
		if x >= leastNormal && x != 1 && b != 0 {
			l := bigLog(newBig(x))
			if f, _ := l.Mul(l, newBig(b)).Float64(); math.Abs(f) < 700 {
				check("power", logPair(x).by(b).exp(), toFloat(bigExp(l)))
			}
		}
	}
	if n := 6 * len(values); fast < n/2 {
		t.Errorf("%d of at most %d values are computed in pairs", fast, n)
	}
}

func BenchmarkPrecise(b *testing.B) {
	for name, f := range map[string]func(x float64) float64{
		"exp": preciseExp, "log": preciseLog, "log10": glibcLog10, "cbrt": preciseCbrt, "pow": func(x float64) float64 { return precisePow(x, 0.37) },
	} {
		b.Run(name, func(b *testing.B) {
			x := 1.0
			for b.Loop() {
				x += 0.001
				if f(x) == 0 {
					b.Fatal("no result")
				}
			}
		})
	}
}
