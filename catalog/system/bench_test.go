package system_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// large is a model as large as the largest that are public: 400 sets of 45 properties.
func large(t testing.TB) *catalog.Snapshot {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
		<Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm">`)
	var sets strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, `<EntityType Name="T%d"><Key><PropertyRef Name="P0"/></Key>`, i)
		for p := range 45 {
			fmt.Fprintf(&b, `<Property Name="P%d" Type="Edm.String"/>`, p)
		}
		b.WriteString(`</EntityType>`)
		fmt.Fprintf(&sets, `<EntitySet Name="S%d" EntityType="N.T%d"/>`, i, i)
	}
	b.WriteString(`<EntityContainer Name="C">` + sets.String() + `</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	m, err := edm.Parse([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalog.Build(catalog.Options{
		Database: "d", System: system.Definitions(), Users: []catalog.User{{Name: "u", AllServices: true}},
		Services: []catalog.Service{{Schema: "big", Model: m}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkForUser(b *testing.B) {
	s := large(b)
	b.ResetTimer()
	for range b.N {
		if s.ForUser("nobody") == s {
			b.Fatal("everything is seen")
		}
	}
}

func benchScan(b *testing.B, relation, lookup string, value func(s *catalog.Snapshot) sqltype.Value) {
	s := large(b)
	schema, name, _ := strings.Cut(relation, ".")
	r := s.Relation(schema, name)
	var want []int
	for i := range r.Columns {
		want = append(want, i)
	}
	var l *catalog.Lookup
	if lookup != "" {
		l = &catalog.Lookup{Column: r.Column(lookup), Values: []sqltype.Value{value(s)}}
	}
	rows := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		err := r.System.Scan(context.Background(), env{s, "u", nil}, want, l, func([]sqltype.Value) error {
			rows++
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
}

func BenchmarkInformationSchemaColumns(b *testing.B) {
	benchScan(b, "information_schema.columns", "", nil)
}

func BenchmarkAttributes(b *testing.B) { benchScan(b, "pg_catalog.pg_attribute", "", nil) }

func BenchmarkAttributesOfOneTable(b *testing.B) {
	benchScan(b, "pg_catalog.pg_attribute", "attrelid", func(s *catalog.Snapshot) sqltype.Value {
		return sqltype.Int(int64(s.Relation("big", "S7").OID))
	})
}

func BenchmarkProcByName(b *testing.B) {
	benchScan(b, "pg_catalog.pg_proc", "proname", func(*catalog.Snapshot) sqltype.Value { return sqltype.Text("array_recv") })
}

func BenchmarkTypes(b *testing.B) { benchScan(b, "pg_catalog.pg_type", "", nil) }

func BenchmarkColumnsOfOneTable(b *testing.B) {
	benchScan(b, "information_schema.columns", "table_name", func(*catalog.Snapshot) sqltype.Value { return sqltype.Text("S7") })
}
