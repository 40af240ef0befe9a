package odata

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// caseColumn makes a column of name:Kind[:option]…; options are key, notnull, null (on error), scaleN and the name of a SQL type.
func caseColumn(t *testing.T, spec string) Column {
	t.Helper()
	parts := strings.Split(spec, ":")
	typ := edm.Type{}
	for _, k := range edm.Kinds() {
		if strings.EqualFold(strings.TrimPrefix(k.Name, "Edm."), parts[1]) {
			typ = edm.Of(k.Kind)
		}
	}
	if typ.Kind == edm.KindInvalid {
		t.Fatalf("no type %s", parts[1])
	}
	if typ.Kind == edm.KindEnum {
		typ.Name = "N.Color"
		typ.Enum = &edm.EnumType{Name: "N.Color", Members: []edm.EnumMember{{Name: "Red", Value: 1}, {Name: "Blue", Value: 2}}}
	}
	c := Column{Path: strings.Split(parts[0], "/"), Edm: typ, Nullable: true}
	for _, o := range parts[2:] {
		switch {
		case o == "key":
			c.Key = true
		case o == "notnull":
			c.Nullable = false
		case o == "null":
			c.OnError = Null
		case strings.HasPrefix(o, "scale"):
			c.Edm.Facets.Precision, c.Edm.Facets.Scale = 10, int(o[5]-'0')
		default:
			info, ok := sqltype.ByName(o)
			if !ok {
				t.Fatalf("no option %s", o)
			}
			c.Type = sqltype.Of(info.OID)
		}
	}
	if c.Type.OID == 0 {
		c.Type, _ = c.Edm.SQL()
	}
	return c
}

func TestPages(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/pages", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var cols []Column
			for _, a := range d.CmdArgs {
				cols = append(cols, caseColumn(t, strings.Trim(a.String(), "()")))
			}
			body := d.Input
			if d.Cmd == "values" { // one value of the only column in each line
				return eachValue(cols, strings.Split(d.Input, "\n"))
			}
			if d.Cmd != "page" {
				t.Fatalf("unknown command %s", d.Cmd)
			}
			whole := outcome(cols, body, false)
			if pieces := outcome(cols, body, true); pieces != whole {
				t.Errorf("%s: byte by byte it is\n%s", d.Pos, pieces)
			}
			return whole
		})
	})
}

// eachValue reads every value as a page of its own, so that one that does not convert hides no other.
func eachValue(cols []Column, values []string) string {
	var b strings.Builder
	for _, v := range values {
		text := strings.TrimSpace(outcome(cols, `{"value":[{"v":`+v+`}]}`, false))
		fmt.Fprintf(&b, "%s -> %s\n", v, text)
	}
	return b.String()
}

func outcome(cols []Column, body string, pieces bool) string {
	var b strings.Builder
	src := strings.NewReader(body)
	rows, g, err := decodeAll(cols, src)
	if pieces {
		rows, g, err = decodeAll(cols, iotest.OneByteReader(strings.NewReader(body)))
	}
	b.WriteString(printRows(cols, rows))
	if g.next != "" {
		fmt.Fprintf(&b, "next %s\n", g.next)
	}
	if g.count >= 0 {
		fmt.Fprintf(&b, "count %d\n", g.count)
	}
	for _, n := range g.d.notices {
		fmt.Fprintf(&b, "notice %s: %s\n", n.Property, n.Text)
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v", err)
		if e := AsError(err); e == nil && g.describeRow() != "" {
			fmt.Fprintf(&b, " [%s]", g.describeRow())
		}
		b.WriteByte('\n')
	}
	return b.String()
}
