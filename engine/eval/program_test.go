package eval_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// The files in testdata hold expressions in a notation of their own, so that this package needs no binder:
//
//	eval
//	a int4: 1 2 null
//	(int4pl a '1'::int4)
//	----
//	2
//	3
//	null
//
// A list calls a function by name over exactly its arguments' types, or is one of: and, or, not, case, casearg, coalesce, nullif,
// isnull, notnull, istrue, distinct, any, all, array, row, field, sub, slice, io, cast, greatest, least. Every case runs over flat
// columns, over dictionaries, and over a selection that leaves rows out; all must agree. An error line ends the rows.

type sexpr struct {
	atom string
	list []sexpr
}

func parseSexpr(s string) (sexpr, string, error) {
	s = strings.TrimLeft(s, " \n\t")
	if s == "" {
		return sexpr{}, "", fmt.Errorf("expression ends early")
	}
	if s[0] == '(' {
		var l []sexpr
		s = s[1:]
		for {
			s = strings.TrimLeft(s, " \n\t")
			if strings.HasPrefix(s, ")") {
				return sexpr{list: l}, s[1:], nil
			}
			e, rest, err := parseSexpr(s)
			if err != nil {
				return sexpr{}, "", err
			}
			l, s = append(l, e), rest
		}
	}
	i := 0
	if s[0] == '\'' {
		for i = 1; i < len(s) && s[i] != '\''; i++ {
		}
	}
	for i < len(s) && !strings.ContainsRune(" ()\n\t", rune(s[i])) {
		i++
	}
	return sexpr{atom: s[:i]}, s[i:], nil
}

// builder makes plan expressions.
type builder struct{ cols map[string]*plan.ColRef }

func typeNamed(name string) (sqltype.Type, error) {
	i, ok := sqltype.ByName(name)
	if !ok {
		return sqltype.Type{}, fmt.Errorf("no type %q", name)
	}
	return sqltype.Of(i.OID), nil
}

func (b *builder) build(e sexpr) (plan.Expr, error) {
	if e.atom != "" {
		if c, ok := b.cols[e.atom]; ok {
			return c, nil
		}
		text, name, ok := strings.Cut(strings.TrimPrefix(e.atom, "'"), "'::")
		if !ok {
			return nil, fmt.Errorf("no column or constant: %s", e.atom)
		}
		t, err := typeNamed(name)
		if err != nil {
			return nil, err
		}
		if text == "null" {
			return &plan.Const{T: t, Value: sqltype.NullValue()}, nil
		}
		v, err := sqltype.ParseText(t, text, nil)
		return &plan.Const{T: t, Value: v}, err
	}
	head := e.list[0].atom
	switch head {
	case "case-value":
		t, err := typeNamed(e.list[1].atom)
		return &plan.CaseValue{T: t}, err
	case "cast", "io":
		t, err := typeNamed(e.list[1].atom)
		if err != nil {
			return nil, err
		}
		a, err := b.build(e.list[2])
		m := plan.CastRelabel
		if head == "io" {
			m = plan.CastIO
		}
		return &plan.Cast{Arg: a, T: t, Method: m, Explicit: true}, err
	}
	var fixed string
	rest := e.list[1:]
	if head == "any" || head == "all" || head == "field" {
		fixed, rest = rest[0].atom, rest[1:]
	}
	args := make([]plan.Expr, len(rest))
	for i, x := range rest {
		a, err := b.build(x)
		if err != nil {
			return nil, err
		}
		args[i] = a
	}
	return special2(head, fixed, args)
}

func operator(name string, l, r sqltype.Type) (*builtin.Function, error) {
	op := builtin.Load().OperatorOf(name, l.OID, r.OID)
	if op == nil {
		return nil, fmt.Errorf("no operator %s %s %s", l, name, r)
	}
	return builtin.Load().FunctionByOID(op.Function), nil
}

func special2(head, fixed string, a []plan.Expr) (plan.Expr, error) {
	switch head {
	case "and":
		return &plan.Logic{Op: plan.And, Args: a}, nil
	case "or":
		return &plan.Logic{Op: plan.Or, Args: a}, nil
	case "not":
		return &plan.Not{Arg: a[0]}, nil
	case "isnull", "notnull":
		return &plan.NullTest{Arg: a[0], Not: head == "notnull", Row: a[0].Type().OID == sqltype.OIDRecord}, nil
	case "istrue":
		return &plan.BoolTest{Arg: a[0], Kind: plan.IsTrue}, nil
	case "distinct":
		eq, err := operator("=", a[0].Type(), a[1].Type())
		return &plan.DistinctTest{Left: a[0], Right: a[1], Eq: eq}, err
	case "case", "casearg":
		c := &plan.Case{T: a[len(a)-1].Type(), Else: a[len(a)-1]}
		if head == "casearg" {
			c.Arg, a = a[0], a[1:]
		}
		for i := 0; i+1 < len(a); i += 2 {
			c.Whens = append(c.Whens, plan.When{Cond: a[i], Result: a[i+1]})
		}
		return c, nil
	case "coalesce":
		return &plan.Coalesce{Args: a, T: a[0].Type()}, nil
	case "greatest", "least":
		return &plan.MinMax{Args: a, T: a[0].Type(), Least: head == "least"}, nil
	case "nullif":
		eq, err := operator("=", a[0].Type(), a[1].Type())
		test := &plan.Call{Fn: eq, T: sqltype.Of(sqltype.OIDBool), Args: []plan.Expr{&plan.CaseValue{T: a[0].Type()}, a[1]}}
		return &plan.NullIf{Left: a[0], Right: a[1], Test: test, T: a[0].Type()}, err
	case "any", "all":
		fn, err := operator(fixed, a[0].Type(), sqltype.Of(sqltype.ElemOf(a[1].Type().OID)))
		return &plan.ArrayOp{Left: a[0], Array: a[1], Fn: fn, Op: fixed, All: head == "all"}, err
	case "array":
		nested := a[0].Type().Info().IsArray
		t := a[0].Type()
		if !nested {
			t = sqltype.Of(sqltype.ArrayOf(t.OID))
		}
		return &plan.ArrayExpr{Elems: a, T: t, Nested: nested}, nil
	case "row":
		return &plan.RowExpr{Fields: a, T: sqltype.Of(sqltype.OIDRecord), Names: []string{"f1", "f2", "f3"}[:len(a)]}, nil
	case "field":
		return &plan.Field{Arg: a[0], Index: int(fixed[0] - '1'), T: sqltype.Of(sqltype.OIDInt4)}, nil
	case "sub":
		return &plan.Subscript{Arg: a[0], Upper: a[1:], T: sqltype.Of(sqltype.ElemOf(a[0].Type().OID))}, nil
	case "slice":
		return &plan.Subscript{Arg: a[0], Lower: a[1:2], Upper: a[2:], Slice: true, T: a[0].Type()}, nil
	}
	for _, f := range builtin.Load().FunctionsNamed(head) {
		if len(f.Args) != len(a) || f.Kind != 'f' {
			continue
		}
		ok := true
		for i := range a {
			ok = ok && (f.Args[i] == a[i].Type().OID || concrete(f.Args[i], 0) != f.Args[i])
		}
		if ok {
			t := sqltype.Of(f.Result)
			if t.OID == 2277 || t.OID == 5078 {
				t = a[0].Type()
			}
			return &plan.Call{Fn: f, Args: a, T: t}, nil
		}
	}
	return nil, fmt.Errorf("no function %s over these types", head)
}

type testColumn struct {
	ref *plan.ColRef
	vec *vector.Vector
}

func parseColumn(line string, id plan.ColID) (testColumn, error) {
	head, body, _ := strings.Cut(line, ":")
	name, typ, _ := strings.Cut(strings.TrimSpace(head), " ")
	t, err := typeNamed(strings.TrimSpace(typ))
	if err != nil {
		return testColumn{}, err
	}
	words := strings.Fields(body)
	v := vector.NewFlat(t, len(words))
	for i, w := range words {
		if w == "null" {
			v.SetNull(i)
			continue
		}
		val, err := sqltype.ParseText(t, strings.Trim(w, "'"), nil)
		if err != nil {
			return testColumn{}, err
		}
		v.SetValue(i, val)
	}
	v.Finish()
	return testColumn{&plan.ColRef{ID: id, T: t, Name: name}, v}, nil
}

// asDictionary is the same column as codes into a dictionary.
func asDictionary(v *vector.Vector, id uint64) *vector.Vector {
	d := &vector.Dict{ID: id, Values: vector.New(v.Type)}
	out := vector.NewDictionary(v.Type, d)
	out.N = v.N
	index := map[string]int32{}
	for i := range v.N {
		if v.IsNull(i) {
			out.Codes = append(out.Codes, -1)
			continue
		}
		key := fmt.Sprint(v.Value(i))
		code, ok := index[key]
		if !ok {
			code = int32(d.Values.N)
			index[key] = code
			d.Values.AppendRow(v, i)
		}
		out.Codes = append(out.Codes, code)
	}
	return out
}

// spread puts the rows at every third place of a longer column.
func spread(v *vector.Vector) *vector.Vector {
	out := vector.NewFlat(v.Type, v.N*3+1)
	for i := range v.N {
		out.SetRow(i*3+1, v, i)
	}
	out.Finish()
	return out
}

// runRows evaluates twice, because programs keep state, and prints the rows.
func runRows(p *eval.Program, b *vector.Batch, env *testEnv) string {
	var out string
	for range 2 {
		var s strings.Builder
		v, n, err := p.Eval(&eval.Ctx{Env: env}, b)
		for i := range n {
			r := b.Row(i)
			if v.IsNull(r) {
				s.WriteString("null\n")
				continue
			}
			s.Write(sqltype.AppendText(nil, p.Type(), v.Value(r), env))
			s.WriteByte('\n')
		}
		if err != nil {
			fmt.Fprintf(&s, "error %s: %s\n", pgerr.CodeOf(err), err)
		} else if n != b.Rows() {
			s.WriteString("rows are missing without an error\n")
		}
		if out != "" && out != s.String() {
			return "the second run differs:\n" + out + s.String()
		}
		out = s.String()
	}
	return out
}

func evalCase(input string, env *testEnv) (string, error) {
	lines := strings.Split(strings.TrimSpace(input), "\n")
	b := builder{cols: map[string]*plan.ColRef{}}
	layout := eval.Layout{Cols: map[plan.ColID]int{}}
	var cols []testColumn
	for !strings.HasPrefix(lines[0], "(") && strings.Contains(lines[0], ":") && !strings.HasPrefix(lines[0], "'") {
		c, err := parseColumn(lines[0], plan.ColID(len(cols)+1))
		if err != nil {
			return "", err
		}
		layout.Cols[c.ref.ID] = len(cols)
		b.cols[c.ref.Name] = c.ref
		cols, lines = append(cols, c), lines[1:]
	}
	tree, _, err := parseSexpr(strings.Join(lines, "\n"))
	if err != nil {
		return "", err
	}
	e, err := b.build(tree)
	if err != nil {
		return "", err
	}
	n := 1
	if len(cols) > 0 {
		n = cols[0].vec.N
	}
	flat := &vector.Batch{N: n}
	dict := &vector.Batch{N: n}
	sparse := &vector.Batch{N: n*3 + 1, Sel: []int32{}}
	for i, c := range cols {
		flat.Cols = append(flat.Cols, c.vec)
		dict.Cols = append(dict.Cols, asDictionary(c.vec, uint64(100+i)))
		sparse.Cols = append(sparse.Cols, spread(c.vec))
	}
	for i := range n {
		sparse.Sel = append(sparse.Sel, int32(i*3+1))
	}
	var results []string
	for _, batch := range []*vector.Batch{flat, dict, sparse} {
		p, err := eval.Compile(e, layout, eval.Options{})
		if err != nil {
			return "compile " + string(pgerr.CodeOf(err)) + ": " + err.Error() + "\n", nil
		}
		results = append(results, runRows(p, batch, env))
	}
	if results[1] != results[0] || results[2] != results[0] {
		return "", fmt.Errorf("forms disagree:\nflat\n%s\ndictionary\n%s\nselection\n%s", results[0], results[1], results[2])
	}
	return results[0], nil
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			out, err := evalCase(d.Input, newTestEnv("Europe/Berlin"))
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			return out
		})
	})
}
