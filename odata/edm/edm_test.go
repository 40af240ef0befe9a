package edm

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// wrap makes a document of the content of one schema, for cases in which the frame does not matter.
func wrap(s string) string {
	return `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="N" Alias="A" xmlns="http://docs.oasis-open.org/odata/ns/edm">
` + s + `
</Schema></edmx:DataServices></edmx:Edmx>`
}

func TestCSDL(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/csdl", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			doc := d.Input
			switch d.Cmd {
			case "document":
			case "schema":
				doc = wrap(d.Input)
			default:
				t.Fatalf("unknown command %s", d.Cmd)
			}
			if d.HasArg("bom") {
				doc = "\xEF\xBB\xBF" + doc
			}
			m, err := Parse([]byte(doc))
			if err != nil {
				return err.Error() + "\n"
			}
			return describeModel(m)
		})
	})
}

func describeModel(m *Model) string {
	var b strings.Builder
	for _, s := range m.Sets {
		kind := "set"
		if s.Singleton {
			kind = "singleton"
		}
		fmt.Fprintf(&b, "%s %s: %s", kind, s.Name, s.TypeName)
		if d := s.Description(); d != "" {
			fmt.Fprintf(&b, " -- %s", d)
		}
		b.WriteByte('\n')
		for _, c := range s.Columns() {
			describeColumn(&b, c)
		}
		if s.Type != nil {
			for _, n := range s.Type.AllNavigations() {
				fmt.Fprintf(&b, "  -> %s %s collection=%v", n.Name, n.TypeName, n.Collection)
				for _, c := range n.Constraints {
					fmt.Fprintf(&b, " (%s = %s)", c.Property, c.Referenced)
				}
				b.WriteByte('\n')
			}
		}
		for _, x := range s.Bindings {
			fmt.Fprintf(&b, "  binding %s to %s\n", x.Path, x.Target)
		}
		for _, a := range s.Annotations {
			fmt.Fprintf(&b, "  @%s#%s = %s%s\n", a.Term, a.Qualifier, a.Value, strings.Join(strings.Fields(a.XML), " "))
		}
	}
	for _, p := range m.Problems {
		fmt.Fprintf(&b, "problem, line %d: %s\n", p.Line, p.Text)
	}
	return b.String()
}

func describeColumn(b *strings.Builder, c Column) {
	st, ok := c.Type.SQL()
	sql := "(none)"
	if ok {
		sql = sqltype.FormatType(st.OID, st.Typmod)
	}
	fmt.Fprintf(b, "  %s [%s] %s %s", c.Name, strings.Join(c.Path, "/"), c.Type.Name, sql)
	if !c.Nullable {
		b.WriteString(" not null")
	}
	if c.KeyPos > 0 {
		fmt.Fprintf(b, " key%d", c.KeyPos)
	}
	if c.Description != "" {
		fmt.Fprintf(b, " -- %s", c.Description)
	}
	b.WriteByte('\n')
}

func TestKindsAreComplete(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for i, k := range Kinds() {
		if int(k.Kind) != i || k.Name == "" || names[k.Name] {
			t.Errorf("row %d: kind %d, name %q", i, k.Kind, k.Name)
		}
		names[k.Name] = true
		info, ok := sqltype.Lookup(k.OID)
		if k.OID != 0 && (!ok || !info.Implemented) {
			t.Errorf("%s: SQL type %d has no values", k.Name, k.OID)
		}
		if (k.JSON == JSONNone) != (k.OID == 0) {
			t.Errorf("%s: a column needs values in JSON, and values a column", k.Name)
		}
		if (k.literal == nil) == (k.JSON != JSONNone && k.JSON != JSONAny) {
			t.Errorf("%s: literal %v, JSON %d", k.Name, k.literal != nil, k.JSON)
		}
		if strings.HasPrefix(k.Name, "Edm.") && edmNames[k.Name] != k.Kind {
			t.Errorf("%s is not found by its name", k.Name)
		}
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	color := Type{Kind: KindEnum, Name: "N.Color", Enum: &EnumType{Name: "N.Color", Members: []EnumMember{{"Red", 0}, {"Blue", 1}}}}
	flags := Type{Kind: KindEnum, Name: "N.F", Enum: &EnumType{Name: "N.F", IsFlags: true, Members: []EnumMember{{"A", 1}, {"B", 2}}}}
	sql := func(k Kind, text string) sqltype.Value {
		st, _ := Of(k).SQL()
		v, err := sqltype.ParseText(st, text, nil)
		if err != nil {
			t.Fatalf("%s %q: %v", k, text, err)
		}
		return v
	}
	for _, c := range []struct {
		typ  Type
		text string
		want string // empty: no literal
	}{
		{Of(KindString), "O'Neil /é&", "'O''Neil /é&'"},
		{Of(KindString), "", "''"},
		{Of(KindBoolean), "true", "true"},
		{Of(KindByte), "255", "255"},
		{Of(KindByte), "256", ""},
		{Of(KindByte), "-1", ""},
		{Of(KindSByte), "-128", "-128"},
		{Of(KindSByte), "128", ""},
		{Of(KindInt16), "-32768", "-32768"},
		{Of(KindInt32), "20261101", "20261101"},
		{Of(KindInt64), "-9223372036854775808", "-9223372036854775808"},
		{Of(KindDecimal), "34.950", "34.95"},
		{Of(KindDecimal), "-0.05", "-0.05"},
		{Of(KindDecimal), "100", "100"},
		{Of(KindDecimal), "1e30", "1000000000000000000000000000000"},
		{Of(KindDecimal), "-123456789012345678901234.5678", "-123456789012345678901234.5678"},
		{Of(KindDecimal), "0.00000000000000000000000000012", "0.00000000000000000000000000012"},
		{Of(KindDecimal), "NaN", ""},
		{Of(KindDecimal), "Infinity", ""},
		{Of(KindDouble), "0.5", "0.5"},
		{Of(KindDouble), "1e-10", "0.0000000001"},
		{Of(KindDouble), "1.5e300", "1.5e300"},
		{Of(KindDouble), "-0", "0"},
		{Of(KindDouble), "NaN", ""},
		{Of(KindDouble), "Infinity", ""},
		{Of(KindSingle), "0.1", "0.1"},
		{Of(KindDate), "2024-02-29", "2024-02-29"},
		{Of(KindDate), "0001-01-01", "0001-01-01"},
		{Of(KindDate), "9999-12-31", "9999-12-31"},
		{Of(KindDate), "10000-01-01", ""},
		{Of(KindDate), "0001-12-31 BC", ""},
		{Of(KindDate), "infinity", ""},
		{Of(KindDateTimeOffset), "2024-02-29 23:59:59.123456+02", "2024-02-29T21:59:59.123456Z"},
		{Of(KindDateTimeOffset), "1969-12-31 23:59:59.5+00", "1969-12-31T23:59:59.5Z"},
		{Of(KindDateTimeOffset), "9999-12-31 23:59:59.999999+00", "9999-12-31T23:59:59.999999Z"},
		{Of(KindDateTimeOffset), "10000-01-01 00:00:00+00", ""},
		{Of(KindDateTimeOffset), "-infinity", ""},
		{Of(KindTimeOfDay), "07:59:59.5", "07:59:59.5"},
		{Of(KindTimeOfDay), "00:00", "00:00:00"},
		{Of(KindTimeOfDay), "24:00:00", ""},
		{Of(KindDuration), "1 day 02:30:00", "duration'P1DT2H30M'"},
		{Of(KindDuration), "-00:00:01.5", "duration'-PT1.5S'"},
		{Of(KindDuration), "1 day -1 hour", "duration'PT23H'"},
		{Of(KindDuration), "0", "duration'PT0S'"},
		{Of(KindDuration), "1 mon", ""},
		{Of(KindGuid), "0123ABCD-0000-0000-0000-000000000001", "0123abcd-0000-0000-0000-000000000001"},
		{Of(KindBinary), `\x4f446174`, "binary'T0RhdA'"},
		{color, "Red", "N.Color'Red'"},
		{color, "Green", ""},
		{color, "red", ""},
		{flags, "A, B", "N.F'A,B'"},
	} {
		v := sqltype.Text(c.text)
		if c.typ.Kind != KindEnum {
			v = sql(c.typ.Kind, c.text)
		}
		got, err := Literal(c.typ, v)
		switch {
		case c.want == "" && !errors.Is(err, ErrNoLiteral):
			t.Errorf("%s %q: %q, %v", c.typ.Name, c.text, got, err)
		case c.want != "" && (err != nil || got != c.want):
			t.Errorf("%s %q: %q, want %q (%v)", c.typ.Name, c.text, got, c.want, err)
		}
	}
	if got, err := Literal(Of(KindInt32), sqltype.NullValue()); got != "null" || err != nil {
		t.Errorf("null: %q, %v", got, err)
	}
	if _, err := Literal(Of(KindUntyped), sqltype.Text("1")); !errors.Is(err, ErrNoLiteral) {
		t.Errorf("Untyped: %v", err)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	doc := wrap(`<EntityType Name="T"><Property Name="käse" Type="Edm.Int32"/></EntityType><EntityContainer Name="C"><EntitySet Name="S" EntityType="N.T"/></EntityContainer>`)
	utf16 := []byte{0xFF, 0xFE}
	for _, c := range doc {
		utf16 = append(utf16, byte(c), byte(c>>8))
	}
	latin := []byte(`<?xml version="1.0" encoding="iso-8859-1"?>`)
	for _, c := range doc {
		latin = append(latin, byte(c))
	}
	for name, raw := range map[string][]byte{
		"bom": []byte("\xEF\xBB\xBF" + doc), "utf-16": utf16, "latin 1": latin,
		"declared utf-16, sent utf-8": []byte(`<?xml version="1.0" encoding="utf-16"?>` + doc),
	} {
		m, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if cols := m.Set("S").Columns(); len(cols) != 1 || cols[0].Name != "käse" {
			t.Errorf("%s: %v", name, cols)
		}
	}
	if _, err := Parse([]byte(strings.Replace(doc, "ä", "\xE4", 1))); err == nil {
		t.Error("invalid UTF-8 was accepted")
	}
	if _, err := Read(strings.NewReader(doc), 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("limit: %v", err)
	}
}

// TestHostile: documents made to exhaust memory or the stack end with an error or a bounded model.
func TestHostile(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<a>", 100000)
	if _, err := Parse([]byte(wrap(deep))); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Errorf("depth: %v", err)
	}
	if _, err := Parse([]byte(wrap("<Annotations Target='x'>" + strings.Repeat("<Annotation Term='a'>", 100000)))); err == nil {
		t.Error("nested annotations were accepted")
	}
	// A complex type of two members of the next type, 30 levels deep: 2^30 columns.
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, `<ComplexType Name="C%d"><Property Name="a" Type="N.C%d"/><Property Name="b" Type="N.C%d"/></ComplexType>`, i, i+1, i+1)
	}
	b.WriteString(`<ComplexType Name="C30"><Property Name="x" Type="Edm.Int32"/></ComplexType>
<EntityType Name="T"><Property Name="c" Type="N.C0"/></EntityType><EntityContainer Name="C"><EntitySet Name="S" EntityType="N.T"/></EntityContainer>`)
	m, err := Parse([]byte(wrap(b.String())))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Set("S").Columns()); n == 0 || n > maxColumns {
		t.Errorf("%d columns", n)
	}
	for _, cut := range []int{1, 50, 200, 400} {
		doc := wrap(b.String())
		if _, err := Parse([]byte(doc[:len(doc)-cut])); err == nil {
			t.Errorf("a document without its last %d bytes was accepted", cut)
		}
	}
}

func FuzzCSDL(f *testing.F) {
	f.Add([]byte(wrap(`<EntityType Name="T"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Int32"/></EntityType><EntityContainer Name="C"><EntitySet Name="S" EntityType="A.T"/></EntityContainer>`)))
	files, err := os.ReadDir("testdata/csdl")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range files {
		raw, err := os.ReadFile("testdata/csdl/" + e.Name())
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(raw), "----") {
			if i := strings.Index(part, "<"); i >= 0 {
				f.Add([]byte(wrap(part[i:])))
				f.Add([]byte(part[i:]))
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		again, err := Parse(raw)
		if err != nil || describeModel(m) != describeModel(again) {
			t.Fatal("the same document gives two models")
		}
		for _, s := range m.Sets {
			for _, c := range s.Columns() {
				if _, ok := c.Type.SQL(); !ok || len(c.Path) == 0 || c.Name == "" {
					t.Fatalf("column %+v of %s", c, s.Name)
				}
			}
		}
	})
}
