package eval_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// columnForm is a form in which the rows of a call's arguments may come.
type columnForm struct {
	name     string
	constant int // the argument that is a constant; -1 none
	dict     bool
	spread   bool // rows lie apart, and a selection lists them
	part     bool // a selection leaves out most rows
}

// rowOutcome is what a function gives for a row.
type rowOutcome struct {
	text string
	err  error
}

func oneRow(ctx *eval.Ctx, c *differentialCase, args []sqltype.Value) rowOutcome {
	call, err := eval.NewCallFunction(c.fn, c.types, c.result)
	if err != nil {
		return rowOutcome{err: err}
	}
	v, err := call.Call(ctx, args...)
	if err != nil {
		return rowOutcome{err: err}
	}
	return rowOutcome{text: showValue(ctx, c.result, v)}
}

func showValue(ctx *eval.Ctx, t sqltype.Type, v sqltype.Value) string {
	if v.Null {
		return "null"
	}
	return "v" + string(sqltype.AppendText(nil, t, v, ctx.Env))
}

// TestColumnsGiveWhatRowsGive runs every scalar kernel over columns of many rows in every form, and expects of each row what the function
// gives when it is called for that row alone. The calls for one row are compared with PostgreSQL elsewhere.
func TestColumnsGiveWhatRowsGive(t *testing.T) {
	t.Parallel()
	ctx := &eval.Ctx{Env: newTestEnv("Europe/Berlin")}
	// These compute with thousands of digits, by the same adapter as the other functions of numbers.
	slow := map[string]bool{"numeric_power": true, "numeric_ln": true, "numeric_exp": true, "numeric_log": true, "log10_numeric": true}
	compared := 0
	for _, f := range builtin.Load().AllFunctions() {
		if f.Kind != 'f' || f.RetSet || f.Volatile == 'v' || f.Kernel == "" || f.Namespace != builtin.PgCatalog || f.Variadic != 0 ||
			!eval.HasKernel(f.KernelName()) || skipKernel(f.KernelName()) || slow[f.KernelName()] {
			continue
		}
		byTypes := map[string][]differentialCase{}
		var order []string
		for _, c := range casesOf(f, 14) {
			key := fmt.Sprint(c.types)
			if byTypes[key] == nil {
				order = append(order, key)
			}
			byTypes[key] = append(byTypes[key], c)
		}
		for _, key := range order {
			compared += compareColumns(t, ctx, byTypes[key])
		}
	}
	t.Logf("%d rows compared", compared)
	if compared < 100_000 {
		t.Errorf("only %d rows were compared", compared)
	}
}

func compareColumns(t *testing.T, ctx *eval.Ctx, cases []differentialCase) int {
	t.Helper()
	first := &cases[0]
	if len(first.types) == 0 {
		return 0
	}
	forms := []columnForm{
		{name: "flat", constant: -1},
		{name: "dictionary", constant: -1, dict: true},
		{name: "spread", constant: -1, spread: true},
		{name: "part", constant: -1, part: true},
	}
	for i := range first.types {
		if len(first.types) > 1 {
			forms = append(forms, columnForm{name: fmt.Sprintf("constant %d", i+1), constant: i})
			forms = append(forms, columnForm{name: fmt.Sprintf("constant %d, dictionary", i+1), constant: i, dict: true})
		}
	}
	compared := 0
	for _, form := range forms {
		for _, nulls := range []bool{false, true} {
			var rows [][]sqltype.Value
			for i, c := range cases {
				args := slices.Clone(c.values)
				if nulls && i%5 == 2 {
					args[i%len(args)] = sqltype.NullValue()
				}
				if form.constant >= 0 {
					args[form.constant] = cases[len(cases)/2].values[form.constant]
				}
				rows = append(rows, args)
			}
			outcomes := make([]rowOutcome, len(rows))
			for i, args := range rows {
				outcomes[i] = oneRow(ctx, first, args)
			}
			// Once with the rows in error, which end the batch, and once without them.
			compared += compareBatch(t, ctx, first, form, rows, outcomes)
			var good [][]sqltype.Value
			var goodOutcomes []rowOutcome
			for i, o := range outcomes {
				if o.err == nil {
					good, goodOutcomes = append(good, rows[i]), append(goodOutcomes, o)
				}
			}
			if len(good) > 0 && len(good) < len(rows) {
				compared += compareBatch(t, ctx, first, form, good, goodOutcomes)
			}
		}
	}
	return compared
}

// columnsOf lays rows out in a form; place gives a row's place in the columns.
func columnsOf(c *differentialCase, form columnForm, rows [][]sqltype.Value) (b *vector.Batch, args []plan.Expr, layout eval.Layout, place func(int) int) {
	step := 1
	if form.spread {
		step = 3
	}
	if form.part {
		step = 9
	}
	b = &vector.Batch{N: len(rows) * step}
	layout = eval.Layout{Cols: map[plan.ColID]int{}}
	for i, typ := range c.types {
		if i == form.constant {
			args = append(args, &plan.Const{T: typ, Value: rows[0][i]})
			continue
		}
		v := vector.New(typ)
		for _, row := range rows {
			for range step - 1 {
				v.Append(rows[0][i])
			}
			v.Append(row[i])
		}
		v.Finish()
		if form.dict {
			v = asDictionary(v, uint64(1000+i))
		}
		id := plan.ColID(i + 1)
		layout.Cols[id] = len(b.Cols)
		args = append(args, &plan.ColRef{ID: id, T: typ, Name: fmt.Sprint("a", i)})
		b.Cols = append(b.Cols, v)
	}
	if step > 1 {
		for i := range rows {
			b.Sel = append(b.Sel, int32(i*step+step-1))
		}
	}
	return b, args, layout, func(i int) int { return i*step + step - 1 }
}

func compareBatch(t *testing.T, ctx *eval.Ctx, c *differentialCase, form columnForm, rows [][]sqltype.Value, outcomes []rowOutcome) int {
	t.Helper()
	b, args, layout, place := columnsOf(c, form, rows)
	p, err := eval.Compile(&plan.Call{Fn: c.fn, Args: args, T: c.result}, layout, eval.Options{})
	if err != nil {
		t.Errorf("%s: %v", c.fn.KernelName(), err)
		return 0
	}
	good := slices.IndexFunc(outcomes, func(o rowOutcome) bool { return o.err != nil })
	if good < 0 {
		good = len(outcomes)
	}
	for range 2 { // what a program keeps from one batch to the next must not show
		v, n, err := p.Eval(ctx, b)
		switch {
		case n != good:
			t.Errorf("%s, %s: %d rows have a value, want %d (%v)", c.fn.KernelName(), form.name, n, good, err)
			return 0
		case (err == nil) != (good == len(outcomes)),
			err != nil && (pgerr.CodeOf(err) != pgerr.CodeOf(outcomes[good].err) || err.Error() != outcomes[good].err.Error()):
			t.Errorf("%s, %s: row %d: error %v, want %v", c.fn.KernelName(), form.name, good, err, outcomes[min(good, len(outcomes)-1)].err)
			return 0
		}
		for i := range n {
			if got := showValue(ctx, c.result, v.Value(place(i))); got != outcomes[i].text {
				t.Errorf("%s, %s: row %d of %s: got %q, want %q", c.fn.KernelName(), form.name, i, showArgs(ctx, c, rows[i]), got, outcomes[i].text)
				return 0
			}
		}
	}
	return good
}

func showArgs(ctx *eval.Ctx, c *differentialCase, args []sqltype.Value) string {
	var parts []string
	for i, a := range args {
		parts = append(parts, showValue(ctx, c.types[i], a))
	}
	return fmt.Sprint(parts)
}
