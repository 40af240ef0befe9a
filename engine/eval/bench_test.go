package eval_test

import (
	"fmt"
	"testing"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// benchColumns are a full batch of each common type.
func benchColumns() (map[string]*plan.ColRef, eval.Layout, *vector.Batch) {
	b := &vector.Batch{N: vector.BatchRows}
	refs, layout := map[string]*plan.ColRef{}, eval.Layout{Cols: map[plan.ColID]int{}}
	add := func(name, typ string, text func(i int) string) {
		t, err := typeNamed(typ)
		if err != nil {
			panic(err)
		}
		v := vector.New(t)
		for i := range vector.BatchRows {
			val, err := sqltype.ParseText(t, text(i), nil)
			if err != nil {
				panic(err)
			}
			v.Append(val)
		}
		v.Finish()
		id := plan.ColID(len(b.Cols) + 1)
		layout.Cols[id] = len(b.Cols)
		refs[name] = &plan.ColRef{ID: id, T: t, Name: name}
		b.Cols = append(b.Cols, v)
	}
	add("i", "int4", func(i int) string { return fmt.Sprint(i) })
	add("n", "numeric", func(i int) string { return fmt.Sprintf("%d.%02d", i, i%100) })
	add("s", "text", func(i int) string { return fmt.Sprintf("Device %d of Contoso", i) })
	add("d", "timestamp", func(i int) string { return fmt.Sprintf("2026-01-%02d 10:%02d:00", i%28+1, i%60) })
	b.Cols = append(b.Cols, asDictionary(b.Cols[2], 9))
	layout.Cols[99] = len(b.Cols) - 1
	refs["sd"] = &plan.ColRef{ID: 99, T: sqltype.Of(sqltype.OIDText), Name: "sd"}
	return refs, layout, b
}

func BenchmarkEval(b *testing.B) {
	refs, layout, batch := benchColumns()
	for name, text := range map[string]string{
		"int4 compare":    "(int4gt i '500'::int4)",
		"int4 add":        "(int4pl i '1'::int4)",
		"numeric add":     "(numeric_add n n)",
		"numeric mul":     "(numeric_mul n n)",
		"numeric compare": "(numeric_gt n '500.00'::numeric)",
		"text equal":      "(texteq s 'Device 7 of Contoso'::text)",
		"like contains":   "(textlike s '%Contoso%'::text)",
		"ilike":           "(texticlike s '%contoso%'::text)",
		"lower":           "(lower s)",
		"lower of dict":   "(lower sd)",
		"date_trunc":      "(date_trunc 'month'::text d)",
		"case":            "(case (int4gt i '500'::int4) 'high'::text 'low'::text)",
		"in list":         "(any = i '{1,5,9,100,500}'::_int4)",
		"and":             "(and (int4gt i '100'::int4) (int4lt i '900'::int4))",
	} {
		tree, _, err := parseSexpr(text)
		if err != nil {
			b.Fatal(err)
		}
		bd := builder{cols: refs}
		e, err := bd.build(tree)
		if err != nil {
			b.Fatal(err)
		}
		p, err := eval.Compile(e, layout, eval.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			ctx := &eval.Ctx{Env: newTestEnv("UTC")}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.Eval(ctx, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.BatchRows, "ns/row")
		})
	}
	b.Run("hash text", func(b *testing.B) {
		out := make([]uint64, vector.BatchRows)
		for b.Loop() {
			eval.HashColumns(batch, []int{2}, out)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.BatchRows, "ns/row")
	})
}
