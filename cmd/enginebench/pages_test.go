package enginebench

import (
	"context"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata/simulator"
)

// startPages serves the tables as an OData service does, by pages of JSON that are rendered once and kept.
func startPages(tb testing.TB, list []table) *simulator.Server {
	tb.Helper()
	var sets []simulator.Set
	for i := range list {
		sets = append(sets, list[i].set())
	}
	s, err := simulator.New(simulator.Options{NoAuth: true, Prerender: true, Sets: sets})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Start(context.Background(), "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// set is the table as the sample service takes it.
func (t *table) set() simulator.Set {
	s := simulator.Set{Name: t.name, Rows: int(t.rows)}
	for i := range t.columns {
		c := &t.columns[i]
		var d *vector.Dict
		if c.coded {
			d = c.dictionary(1)
		}
		s.Properties = append(s.Properties, simulator.Property{
			Name: c.name, Type: c.edm, Facets: c.facets, Nullable: c.nullable, Key: i == 0,
			Value: func(row int) any { return jsonValue(c.typ, c.fill(nil, d, int64(row), 1)) },
		})
	}
	return s
}

// jsonValue is the only row of a vector as the sample service takes it.
func jsonValue(t sqltype.Type, v *vector.Vector) any {
	// From 0001-01-01 to 2000-01-01, where PostgreSQL's time begins.
	const microsBefore2000 = 730_119 * 86_400_000_000
	if v.IsNull(0) {
		return nil
	}
	x := v.Value(0)
	switch t.OID {
	case sqltype.OIDText:
		return strings.Clone(x.S)
	case sqltype.OIDNumeric:
		return string(sqltype.AppendText(nil, t, x, nil))
	case sqltype.OIDTimestampTZ:
		return (x.I + microsBefore2000) * 10
	default:
		return x.I
	}
}

// rowsRead is how many rows the service gave since its requests were forgotten.
func rowsRead(s *simulator.Server) int64 {
	var n int64
	for _, r := range s.Requests() {
		n += int64(r.Rows)
	}
	return n
}
