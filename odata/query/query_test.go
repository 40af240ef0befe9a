package query

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

func str(s string) Expr             { return &Literal{edm.Of(edm.KindString), sqltype.Text(s)} }
func num(n int64) Expr              { return &Literal{edm.Of(edm.KindInt64), sqltype.Int(n)} }
func prop(p ...string) Expr         { return &Property{Path: p} }
func bin(o Op, l, r Expr) Expr      { return &Binary{o, l, r} }
func ptr(n int64) *int64            { return &n }
func call(n string, a ...Expr) Expr { return &Func{n, a} }

func TestURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{EntitySet: "devices"}, "devices"},
		{
			Query{
				EntitySet: "devicePropertyHistories", Custom: []Option{{"api-version", "v1.0"}},
				Filter: bin(Ge, prop("dateKey"), num(20261101)), Select: []Path{{"dateKey"}, {"deviceKey"}, {"osVersion"}},
			},
			"devicePropertyHistories?api-version=v1.0&$filter=dateKey%20ge%2020261101&$select=dateKey,deviceKey,osVersion",
		},
		{
			Query{
				EntitySet: "x", Filter: bin(Eq, prop("a", "b"), str("O'Neil / 50% & #1+1=2? \"é\" [x]{y}\n\\")),
				OrderBy: []Order{{Path{"a", "b"}, true}, {Path{"c"}, false}}, Top: ptr(5), Skip: ptr(10), Count: CountInline, Select: []Path{{"a", "b"}},
			},
			"x?$filter=a/b%20eq%20'O''Neil%20%2F%2050%25%20%26%20%231%2B1%3D2%3F%20%22%C3%A9%22%20%5Bx%5D%7By%7D%0A%5C'&$select=a/b&$orderby=a/b%20desc,c&$top=5&$skip=10&$count=true",
		},
		{Query{EntitySet: "x", Filter: bin(Eq, prop("a"), num(1)), Select: []Path{{"a"}}, Top: ptr(1), Count: CountOnly}, "x/$count?$filter=a%20eq%201"},
		{Query{EntitySet: "käse?/x", Custom: []Option{{"a&b", "c=d e"}}}, "k%C3%A4se%3F%2Fx?a%26b=c%3Dd%20e"},
		{Query{EntitySet: "x", Filter: bin(Ge, prop("t"), &Literal{edm.Of(edm.KindDateTimeOffset), sqltype.Int(0)})}, "x?$filter=t%20ge%202000-01-01T00:00:00Z"},
	} {
		got, err := c.q.Relative()
		if err != nil || got != c.want {
			t.Errorf("%q\nwant %q (%v)", got, c.want, err)
			continue
		}
		full, err := c.q.URL("https://host/root/")
		if err != nil || full != "https://host/root/"+c.want {
			t.Errorf("%q, %v", full, err)
		}
		if n, err := c.q.Len("https://host/root"); n != len(full) || err != nil {
			t.Errorf("length %d, %v", n, err)
		}
		u, err := url.Parse(full)
		if err != nil || u.String() != full {
			t.Errorf("%q is not the text that is sent: %q, %v", full, u, err)
		}
	}
	for _, q := range []Query{
		{},
		{EntitySet: "x", Filter: bin(Eq, prop(), num(1))},
		{EntitySet: "x", Filter: &Binary{Op: 200, Left: num(1), Right: num(2)}},
		{EntitySet: "x", Filter: &Literal{edm.Of(edm.KindByte), sqltype.Int(300)}},
		{EntitySet: "x", Select: []Path{{}}},
	} {
		if s, err := q.Relative(); err == nil {
			t.Errorf("%q was printed", s)
		}
	}
}

func TestFilterText(t *testing.T) {
	t.Parallel()
	a, b, c := bin(Eq, prop("a"), num(1)), bin(Ne, prop("b"), Null()), bin(Lt, prop("c"), str("x"))
	for _, x := range []struct {
		e    Expr
		want string
	}{
		{AndAll(a, b, c), "a eq 1 and b ne null and c lt 'x'"},
		{OrAll(a, AndAll(b, c)), "a eq 1 or b ne null and c lt 'x'"},
		{AndAll(OrAll(a, b), c), "(a eq 1 or b ne null) and c lt 'x'"},
		{bin(And, a, bin(And, b, c)), "a eq 1 and (b ne null and c lt 'x')"},
		{&Not{call("contains", prop("a"), str("x"))}, "not contains(a,'x')"},
		{&Not{a}, "not (a eq 1)"},
		{bin(Eq, &Not{a}, &Literal{edm.Of(edm.KindBoolean), sqltype.Bool(true)}), "not (a eq 1) eq true"},
		{bin(Eq, a, b), "(a eq 1) eq (b ne null)"},
		{&In{prop("a"), []Expr{num(1), num(-2)}}, "a in (1,-2)"},
		{bin(Eq, &In{prop("a"), []Expr{num(1)}}, Null()), "(a in (1)) eq null"},
		{bin(Gt, bin(Mul, bin(Add, prop("a"), num(1)), num(-2)), bin(Sub, num(1), bin(Sub, num(2), num(3)))), "(a add 1) mul -2 gt 1 sub (2 sub 3)"},
	} {
		if got := FilterText(x.e); got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
		back, err := parseFilter(x.want)
		if err != nil || !reflect.DeepEqual(strip(back), strip(x.e)) {
			t.Errorf("%q is read as %s (%v)", x.want, FilterText(back), err)
		}
	}
	if got := AndAll(nil, nil); got != nil {
		t.Errorf("%v", got)
	}
	if got := Conjuncts(AndAll(a, b, c)); len(got) != 3 || got[0] != a || got[2] != c {
		t.Errorf("%v", got)
	}
	if n := Nodes(AndAll(a, &In{prop("x"), []Expr{num(1), num(2)}})); n != 8 {
		t.Errorf("%d nodes", n)
	}
}

func TestRenameProperties(t *testing.T) {
	t.Parallel()
	e := AndAll(bin(Ge, prop("dateKey"), num(1)), &Not{call("contains", prop("x"), str("dateKey"))}, &In{prop("dateKey"), []Expr{num(1)}})
	got := RenameProperties(e, func(p Path) Path {
		if p.String() == "dateKey" {
			return Path{"DateKey"}
		}
		return p
	})
	if want := "DateKey ge 1 and not contains(x,'dateKey') and DateKey in (1)"; FilterText(got) != want {
		t.Errorf("%q", FilterText(got))
	}
	if same := RenameProperties(e, func(p Path) Path { return p }); same != e {
		t.Error("an unchanged expression was copied")
	}
}

func TestWithCustom(t *testing.T) {
	t.Parallel()
	q := Query{Custom: []Option{{"api-version", "v1.0"}, {"x", "1"}}}
	got := q.WithCustom(Option{"API-Version", "beta"}, Option{"y", "2"}).Custom
	if fmt.Sprint(got) != "[{API-Version beta} {x 1} {y 2}]" || q.Custom[0].Value != "v1.0" {
		t.Errorf("%v, %v", got, q.Custom)
	}
}

// strip takes types away, which do not show in text.
func strip(e Expr) Expr {
	switch e := e.(type) {
	case *Binary:
		return &Binary{e.Op, strip(e.Left), strip(e.Right)}
	case *Not:
		return &Not{strip(e.Arg)}
	case *Func:
		return &Func{e.Name, stripAll(e.Args)}
	case *In:
		return &In{strip(e.Arg), stripAll(e.List)}
	case *Property:
		return &Property{Path: e.Path}
	}
	return e
}

func stripAll(es []Expr) []Expr {
	var out []Expr
	for _, e := range es {
		out = append(out, strip(e))
	}
	return out
}

// generate makes a random expression; text is where the fuzzer's bytes go.
func generate(r *rand.Rand, text string, depth int) Expr {
	if depth <= 0 {
		switch r.IntN(5) {
		case 0:
			return prop("p" + fmt.Sprint(r.IntN(3)))
		case 1:
			return prop("a", "käse_1")
		case 2:
			return num(r.Int64N(1000) - 500)
		case 3:
			return Null()
		}
		return str(text)
	}
	next := func() Expr { return generate(r, text, depth-1-r.IntN(2)) }
	switch r.IntN(8) {
	case 0:
		return &Not{next()}
	case 1:
		return call("contains", next(), next())
	case 2:
		return &In{next(), []Expr{next(), next()}}
	}
	return bin(Op(1+r.IntN(int(opCount)-1)), next(), next())
}

// FuzzURL: what is printed is read back as what was meant, from a URL that net/url takes apart as intended.
func FuzzURL(f *testing.F) {
	f.Add(uint64(1), 3, "O'Neil")
	f.Add(uint64(2), 4, "%27 or 1 eq 1&$top=1#\x01\x7f\xff ü + / ?;,()")
	f.Fuzz(func(t *testing.T, seed uint64, depth int, text string) {
		text = strings.ReplaceAll(text, "\x00", "")
		e := generate(rand.New(rand.NewPCG(seed, 1)), text, depth%6)
		q := Query{EntitySet: "set", Filter: e, Top: ptr(7)}
		s, err := q.URL("http://h/r")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []byte(s) {
			if c <= ' ' || c >= 0x7F || strings.IndexByte(`"<>\^{|}`+"`", c) >= 0 {
				t.Fatalf("%q in %q", c, s)
			}
		}
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		v, err := url.ParseQuery(u.RawQuery)
		if err != nil || len(v) != 2 || v.Get("$top") != "7" || u.Path != "/r/set" || u.Fragment != "" {
			t.Fatalf("%q: %v, %v", s, v, err)
		}
		got := v.Get("$filter")
		if got != FilterText(e) {
			t.Fatalf("decoded %q, want %q", got, FilterText(e))
		}
		back, err := parseFilter(got)
		if err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if !reflect.DeepEqual(strip(back), strip(e)) {
			t.Fatalf("%q is read as %q", got, FilterText(back))
		}
	})
}
