package eval_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// TestSelectAgreesWithEval compares, over random conditions some of whose rows are in error, the rows that Select picks with those of
// which Eval says true.
func TestSelectAgreesWithEval(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 5))
	types := map[string]string{"i": "int4", "b": "bool", "s": "text"}
	texts := []string{"abc", "", "x", "abab", "zab"}
	refs, layout := map[string]*plan.ColRef{}, eval.Layout{Cols: map[plan.ColID]int{}}
	var flat []*vector.Vector
	for at, name := range []string{"i", "b", "s"} {
		typ, err := typeNamed(types[name])
		if err != nil {
			t.Fatal(err)
		}
		v := vector.New(typ)
		for range 200 {
			val := sqltype.Value{I: rnd.Int64N(5), S: texts[rnd.IntN(len(texts))]}
			if name == "b" {
				val.I &= 1
			}
			val.Null = rnd.IntN(6) == 0
			v.Append(val)
		}
		v.Finish()
		refs[name] = &plan.ColRef{ID: plan.ColID(at), T: typ, Name: name}
		layout.Cols[plan.ColID(at)] = at
		flat = append(flat, v)
	}
	leaves := []string{
		"b", "(int4gt i '2'::int4)", "(int4eq (int4div '4'::int4 i) '2'::int4)", "(textlike s '%ab%'::text)", "(isnull s)", "'t'::bool", "'null'::bool",
		"(int4eq (int4mod i '2'::int4) '0'::int4)", "(any = i '{1,null,3}'::_int4)", "(texteq s 'abc'::text)",
	}
	var tree func(depth int) string
	tree = func(depth int) string {
		if depth == 0 || rnd.IntN(4) == 0 {
			return leaves[rnd.IntN(len(leaves))]
		}
		switch rnd.IntN(5) {
		case 0:
			return "(not " + tree(depth-1) + ")"
		case 1:
			return "(or " + tree(depth-1) + " " + tree(depth-1) + ")"
		}
		return "(and " + tree(depth-1) + " " + tree(depth-1) + " " + tree(depth-1) + ")"
	}
	failed, some := 0, 0
	for round := range 3000 {
		text := tree(3)
		x, _, err := parseSexpr(text)
		if err != nil {
			t.Fatal(err)
		}
		e, err := (&builder{cols: refs}).build(x)
		if err != nil {
			t.Fatal(text, err)
		}
		b := &vector.Batch{Cols: slices.Clone(flat), N: 200}
		if round%3 == 1 {
			b.Cols[2] = asDictionary(flat[2], 77)
		}
		if round%2 == 1 {
			for i := range b.N {
				if rnd.IntN(3) > 0 {
					b.Sel = append(b.Sel, int32(i))
				}
			}
		}
		ctx := &eval.Ctx{Env: newTestEnv("UTC")}
		p, err := eval.Compile(e, layout, eval.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q, _ := eval.Compile(e, layout, eval.Options{})
		v, n, err := p.Eval(ctx, b)
		var want []int32
		for i := range n {
			if r := b.Row(i); !v.IsNull(r) && v.Value(r).I != 0 {
				want = append(want, int32(r))
			}
		}
		got, n2, err2 := q.Select(ctx, b, nil)
		if n2 != n || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() || !slices.Equal(got, want) {
			t.Fatalf("%s: Select gives %v (%d, %v), Eval %v (%d, %v)", text, got, n2, err2, want, n, err)
		}
		if err != nil {
			failed++
		}
		if len(want) > 0 {
			some++
		}
	}
	if failed < 300 || some < 1000 {
		t.Errorf("%d conditions failed and %d held for some row", failed, some)
	}
}
