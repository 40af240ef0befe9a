package eval_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// benchColumns are a full batch of each common type. Names that end in n have nulls in every eighth row.
func benchColumns() (map[string]*plan.ColRef, eval.Layout, *vector.Batch) {
	b := &vector.Batch{N: vector.BatchRows}
	refs, layout := map[string]*plan.ColRef{}, eval.Layout{Cols: map[plan.ColID]int{}}
	put := func(name string, v *vector.Vector) {
		id := plan.ColID(len(b.Cols) + 1)
		layout.Cols[id] = len(b.Cols)
		refs[name] = &plan.ColRef{ID: id, T: v.Type, Name: name}
		b.Cols = append(b.Cols, v)
	}
	add := func(name, typ string, text func(i int) string) *vector.Vector {
		t, err := typeNamed(typ)
		if err != nil {
			panic(err)
		}
		v, holes := vector.New(t), vector.New(t)
		for i := range vector.BatchRows {
			val, err := sqltype.ParseText(t, text(i), nil)
			if err != nil {
				panic(err)
			}
			v.Append(val)
			if i%8 == 3 {
				val = sqltype.NullValue()
			}
			holes.Append(val)
		}
		v.Finish()
		holes.Finish()
		put(name, v)
		put(name+"n", holes)
		return v
	}
	scatter := func(i int) int { return i * 2654435761 % 1000003 }
	add("i", "int4", func(i int) string { return fmt.Sprint(i) })
	add("b", "int8", func(i int) string { return fmt.Sprint(scatter(i)) })
	add("f", "float8", func(i int) string { return fmt.Sprintf("%d.5", scatter(i)) })
	add("n", "numeric", func(i int) string { return fmt.Sprintf("%d.%02d", i, i%100) })
	s := add("s", "text", func(i int) string { return fmt.Sprintf("Device %d of Contoso", i) })
	kind := add("k", "text", func(i int) string { return []string{"Windows", "iOS", "Android", "macOS"}[i%4] })
	add("digits", "text", func(i int) string { return fmt.Sprint(scatter(i)) })
	add("d", "timestamp", func(i int) string { return fmt.Sprintf("20%02d-%02d-%02d 10:%02d:00", 16+i%10, i%12+1, i%28+1, i%60) })
	add("z", "timestamptz", func(i int) string {
		return fmt.Sprintf("20%02d-%02d-%02d 10:%02d:00+00", 16+i%10, i%12+1, i%28+1, i%60)
	})
	add("day", "date", func(i int) string { return fmt.Sprintf("20%02d-%02d-%02d", 16+i%10, i%12+1, i%28+1) })
	put("sd", asDictionary(s, 9))
	put("kd", asDictionary(kind, 10))
	return refs, layout, b
}

// benchExprs are expressions that questions of a report are made of, by what they show.
var benchExprs = [][2]string{
	{"int4 compare", "(int4gt i '500'::int4)"},
	{"int4 compare, nulls", "(int4gt in '500'::int4)"},
	{"int8 compare columns", "(int8lt b b)"},
	{"int4 add", "(int4pl i '1'::int4)"},
	{"int4 add, nulls", "(int4pl in in)"},
	{"int4 mul", "(int4mul i '3'::int4)"},
	{"int4 mod", "(int4mod i '7'::int4)"},
	{"int8 add", "(int8pl b '1'::int8)"},
	{"int8 mul", "(int8mul b '3'::int8)"},
	{"int8 div", "(int8div b '10'::int8)"},
	{"float8 compare", "(float8gt f '500'::float8)"},
	{"float8 add", "(float8pl f f)"},
	{"float8 mul", "(float8mul f '1.1'::float8)"},
	{"numeric add", "(numeric_add n n)"},
	{"numeric sub scales", "(numeric_sub n '1.5'::numeric)"},
	{"numeric mul", "(numeric_mul n n)"},
	{"numeric div", "(numeric_div n '7'::numeric)"},
	{"numeric compare", "(numeric_gt n '500.00'::numeric)"},
	{"numeric compare scales", "(numeric_gt n '500'::numeric)"},
	{"numeric round", "(round n '1'::int4)"},
	{"numeric of int4", "(numeric i)"},
	{"int4 of numeric", "(int4 n)"},
	{"float8 of numeric", "(float8 n)"},
	{"text equal", "(texteq s 'Device 7 of Contoso'::text)"},
	{"text equal short", "(texteq k 'iOS'::text)"},
	{"text less", "(text_lt s 'Device 7 of Contoso'::text)"},
	{"like contains, all", "(textlike s '%Contoso%'::text)"},
	{"like contains, few", "(textlike s '%99 of%'::text)"},
	{"like prefix", "(textlike s 'Device 9%'::text)"},
	{"like exact", "(textlike k 'iOS'::text)"},
	{"like general", "(textlike s 'Dev%9_of%so'::text)"},
	{"ilike", "(texticlike s '%contoso%'::text)"},
	{"regex literal", "(textregexeq s '99 of'::text)"},
	{"regex anchored", "(textregexeq s '^Device [0-9]+ of'::text)"},
	{"regex class", "(textregexeq s '[0-9]{3} of'::text)"},
	{"regex none", "(textregexeq s 'x[0-9]+y'::text)"},
	{"regex alternatives", "(textregexeq k 'iOS|Android'::text)"},
	{"regex fold", "(texticregexeq s 'CONTOSO$'::text)"},
	{"lower", "(lower s)"},
	{"upper", "(upper s)"},
	{"length", "(length s)"},
	{"substr", "(substr s '8'::int4 '3'::int4)"},
	{"concat", "(textcat s k)"},
	{"replace", "(replace s 'Contoso'::text 'X'::text)"},
	{"btrim", "(btrim s)"},
	{"split_part", "(split_part s ' '::text '2'::int4)"},
	{"strpos", "(strpos s 'of'::text)"},
	{"left", "(left s '3'::int4)"},
	{"date_trunc day", "(date_trunc 'day'::text d)"},
	{"date_trunc month", "(date_trunc 'month'::text d)"},
	{"date_trunc hour", "(date_trunc 'hour'::text d)"},
	{"date_trunc day, zone", "(date_trunc 'day'::text z)"},
	{"date_trunc month, zone", "(date_trunc 'month'::text z)"},
	{"date_trunc hour, zone", "(date_trunc 'hour'::text z)"},
	{"extract year", "(extract 'year'::text d)"},
	{"extract hour", "(extract 'hour'::text d)"},
	{"extract month, zone", "(extract 'month'::text z)"},
	{"extract year of date", "(extract 'year'::text day)"},
	{"date_part dow", "(date_part 'dow'::text d)"},
	{"date of timestamp", "(date d)"},
	{"date of timestamptz", "(date z)"},
	{"timestamptz less", "(timestamptz_lt z '2020-01-01'::timestamptz)"},
	{"date minus date", "(date_mi day '2020-01-01'::date)"},
	{"int4 to text", "(io text i)"},
	{"int8 to text", "(io text b)"},
	{"text to int4", "(io int4 digits)"},
	{"text to numeric", "(io numeric digits)"},
	{"date to text", "(io text day)"},
	{"numeric to text", "(io text n)"},
	{"case", "(case (int4gt i '500'::int4) 'high'::text 'low'::text)"},
	{"case of ints", "(case (int4gt i '500'::int4) i '0'::int4)"},
	{"case arg", "(casearg k (texteq (case-value text) 'iOS'::text) '1'::int4 (texteq (case-value text) 'Android'::text) '2'::int4 '3'::int4)"},
	{"coalesce", "(coalesce in '0'::int4)"},
	{"coalesce text", "(coalesce sn ''::text)"},
	{"nullif", "(nullif i '5'::int4)"},
	{"greatest", "(greatest i '5'::int4)"},
	{"is null", "(isnull sn)"},
	{"in list", "(any = i '{1,5,9,100,500}'::_int4)"},
	{"in long list", "(any = b '{1,5,9,100,500,1000,1001,1002,1003,1004,1005,1006,1007,1008,1009,1010,1011,1012}'::_int8)"},
	{"in list of text", "(any = k '{iOS,macOS,tvOS}'::_text)"},
	{"between", "(and (int4ge i '100'::int4) (int4le i '900'::int4))"},
	{"or", "(or (int4gt i '900'::int4) (int4lt i '100'::int4))"},
	{"not", "(not (int4gt i '900'::int4))"},
	{"dict: equal", "(texteq kd 'iOS'::text)"},
	{"dict: like", "(textlike kd '%OS%'::text)"},
	{"dict: lower", "(lower kd)"},
	{"dict: with column", "(textcat kd s)"},
}

// processorTime is the time that this thread has had so far. Elapsed time says little on a machine that others use.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	const thread = 1 // RUSAGE_THREAD
	runtime.LockOSThread()
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perRow(b *testing.B, began time.Duration) {
	b.Helper()
	b.ReportMetric(float64(processorTime(b)-began)/float64(b.N)/vector.BatchRows, "ns/row")
}

func BenchmarkEval(b *testing.B) {
	refs, layout, batch := benchColumns()
	for _, c := range benchExprs {
		tree, _, err := parseSexpr(c[1])
		if err != nil {
			b.Fatal(err)
		}
		bd := builder{cols: refs}
		e, err := bd.build(tree)
		if err != nil {
			b.Fatal(c[1], err)
		}
		p, err := eval.Compile(e, layout, eval.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c[0], func(b *testing.B) {
			ctx := &eval.Ctx{Env: newTestEnv("Europe/Berlin")}
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				if _, _, err := p.Eval(ctx, batch); err != nil {
					b.Fatal(err)
				}
			}
			perRow(b, began)
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	refs, layout, batch := benchColumns()
	for _, c := range [][2]string{
		{"int4", "(int4gt i '500'::int4)"},
		{"int8, scattered", "(int8gt b '500000'::int8)"},
		{"nulls", "(int8gt bn '500000'::int8)"},
		{"and", "(and (int8gt b '500000'::int8) (int4lt i '900'::int4))"},
		{"like", "(textlike s '%99 of%'::text)"},
		{"dict", "(textlike kd '%OS%'::text)"},
		{"is not null", "(notnull sn)"},
	} {
		tree, _, err := parseSexpr(c[1])
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
		b.Run(c[0], func(b *testing.B) {
			ctx := &eval.Ctx{Env: newTestEnv("UTC")}
			b.ReportAllocs()
			var dst []int32
			began := processorTime(b)
			for b.Loop() {
				if dst, _, err = p.Select(ctx, batch, dst); err != nil {
					b.Fatal(err)
				}
			}
			perRow(b, began)
		})
	}
}

func BenchmarkHash(b *testing.B) {
	refs, layout, batch := benchColumns()
	out := make([]uint64, vector.BatchRows)
	for _, name := range []string{"i", "in", "b", "f", "n", "s", "sn", "k", "z", "sd", "kd"} {
		col := layout.Cols[refs[name].ID]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				eval.HashColumns(batch, []int{col}, out)
			}
			perRow(b, began)
		})
	}
}
