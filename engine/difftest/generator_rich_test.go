package difftest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

// richColumn is a column of the tables that hold values of every type. OData has no twin for many of PostgreSQL's types: their
// values travel as text, and statements cast them.
type richColumn struct {
	name string
	edm  string // of the property
	oid  uint32 // of the value
	cast string // the SQL type to cast the column to, with its modifier; "" where the column has the type by itself
	wild bool   // holds extremes
}

func (c richColumn) expr() string {
	if c.cast == "" {
		return c.name
	}
	return c.name + "::" + c.cast
}

// richColumns has for each type a column with extremes, and for many a tame one.
func richColumns() []richColumn {
	out := []richColumn{
		{name: "id", edm: "Int32", oid: tInt4},
		{name: "grp", edm: "Int16", oid: tInt2},
		{name: "ref", edm: "Int32", oid: tInt4},
		{name: "b", edm: "Boolean", oid: tBool},
		{name: "i2", edm: "Int16", oid: tInt2, wild: true},
		{name: "i4", edm: "Int32", oid: tInt4, wild: true},
		{name: "i8", edm: "Int64", oid: tInt8, wild: true},
		{name: "n2", edm: "Int16", oid: tInt2},
		{name: "n4", edm: "Int32", oid: tInt4},
		{name: "n8", edm: "Int64", oid: tInt8},
		{name: "f4", edm: "Single", oid: tFloat4, wild: true},
		{name: "f8", edm: "Double", oid: tFloat8, wild: true},
		{name: "d4", edm: "Single", oid: tFloat4},
		{name: "d8", edm: "Double", oid: tFloat8},
		{name: "num", edm: "String", oid: tNum, cast: "numeric", wild: true},
		{name: "dec", edm: "Decimal", oid: tNum},
		{name: "n92", edm: "String", oid: tNum, cast: "numeric(9,2)"},
		{name: "t", edm: "String", oid: tText, wild: true},
		{name: "w", edm: "String", oid: tText},
		{name: "w2", edm: "String", oid: tText},
		{name: "vc", edm: "String", oid: tVar, cast: "varchar", wild: true},
		{name: "v3", edm: "String", oid: tVar, cast: "varchar(3)"},
		{name: "bp", edm: "String", oid: tBlank, cast: "char(6)", wild: true},
		{name: "nm", edm: "String", oid: tName, cast: "name"},
		{name: "ch", edm: "String", oid: tChar, cast: `"char"`},
		{name: "by", edm: "Binary", oid: tBytes, wild: true},
		{name: "u", edm: "Guid", oid: tUUID, wild: true},
		{name: "d", edm: "String", oid: tDate, cast: "date", wild: true},
		{name: "day", edm: "Date", oid: tDate},
		{name: "tm", edm: "TimeOfDay", oid: tTime},
		{name: "tz", edm: "String", oid: tTimeTZ, cast: "timetz", wild: true},
		{name: "ts", edm: "String", oid: tStamp, cast: "timestamp", wild: true},
		{name: "at0", edm: "String", oid: tStamp, cast: "timestamp(0)"},
		{name: "tst", edm: "String", oid: tStampZ, cast: "timestamptz", wild: true},
		{name: "at", edm: "DateTimeOffset", oid: tStampZ},
		{name: "iv", edm: "String", oid: tIval, cast: "interval", wild: true},
		{name: "dur", edm: "Duration", oid: tIval},
		{name: "j", edm: "String", oid: tJSON, cast: "json", wild: true},
		{name: "jb", edm: "Untyped", oid: tJSONB, wild: true},
		{name: "o", edm: "String", oid: tOID, cast: "oid", wild: true},
	}
	for _, e := range []uint32{tInt4, tInt8, tInt2, tText, tNum, tFloat8, tBool, tDate, tStampZ, tStamp, tIval, tUUID, tJSONB, tBytes, tTime, tVar} {
		a := arrayOf(e)
		out = append(out, richColumn{name: "a" + fmt.Sprint(e), edm: "String", oid: a, cast: typeName(a), wild: true})
	}
	return out
}

// richSizes are the tables of the service and their numbers of rows.
func richSizes() map[string]int { return map[string]int{"many": 320, "few": 9, "one": 1, "none": 0} }

// richValue rolls the text of a value, as PostgreSQL reads it.
func richValue(c richColumn, row int, r *rand.Rand) *string {
	var s string
	switch c.name {
	case "id":
		s = fmt.Sprint(row + 1)
		return &s
	case "grp":
		s = fmt.Sprint(r.IntN(12))
	case "ref":
		s = fmt.Sprint(1 + r.IntN(340))
	case "n2", "n4", "n8":
		s = fmt.Sprint(r.IntN(90) - 30)
	case "d4", "d8":
		s = fmt.Sprint(float64(r.IntN(2000)-500) / 16)
	case "dec":
		s = fmt.Sprintf("%d.%0*d", r.IntN(400)-100, 1+r.IntN(3), r.IntN(10))
	case "n92":
		s = fmt.Sprintf("%d.%02d", r.IntN(90000)-1000, r.IntN(100))
	case "w", "w2":
		s = []string{"alpha", "beta", "gamma", "Delta", "delta", "epsilon 7", "zeta-9", "a,b,c", "x", ""}[r.IntN(10)]
	case "day":
		s = fmt.Sprintf("20%02d-%02d-%02d", 20+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28))
	case "at":
		s = fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d.%06d+00", 9+r.IntN(3), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(3)*250000)
	case "dur":
		days, micros := r.IntN(40)-5, r.IntN(1000)*90_000_000
		if days < 0 {
			micros = 0 // a duration has one sign for all of its parts
		}
		s = fmt.Sprintf("%d days %d microseconds", days, micros)
	default:
		tame, wild := literals(c.oid)
		if c.edm == "Untyped" {
			tame, wild = tame[:len(tame)-1], wild[1:] // a bare null is NULL; a member twice is no JSON that services send
		}
		list := tame
		if c.wild && len(wild) > 0 && r.IntN(3) == 0 {
			list = wild
		}
		s = list[r.IntN(len(list))]
	}
	if r.IntN(8) == 0 {
		return nil
	}
	return &s
}

// richRows are the rows of a table as texts.
func richRows(name string) [][]*string {
	r := rand.New(rand.NewPCG(77, uint64(len(name)))) //nolint:gosec // not a secret
	out := make([][]*string, richSizes()[name])
	for i := range out {
		for _, c := range richColumns() {
			out[i] = append(out[i], richValue(c, i, r))
		}
	}
	return out
}

// richMetadata is the service's description of itself.
func richMetadata() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>` +
		`<Schema Namespace="Rich" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Row"><Key><PropertyRef Name="id"/></Key>`)
	for _, c := range richColumns() {
		fmt.Fprintf(&b, `<Property Name=%q Type="Edm.%s"`, c.name, c.edm)
		switch {
		case c.name == "id":
			b.WriteString(` Nullable="false"`)
		case c.edm == "Decimal":
			b.WriteString(` Scale="variable"`)
		case c.edm == "DateTimeOffset" || c.edm == "Duration" || c.edm == "TimeOfDay":
			b.WriteString(` Precision="6"`)
		}
		b.WriteString("/>")
	}
	b.WriteString(`</EntityType><EntityContainer Name="Container">`)
	for _, name := range []string{"many", "few", "one", "none"} {
		fmt.Fprintf(&b, `<EntitySet Name=%q EntityType="Rich.Row"/>`, name)
	}
	b.WriteString(`</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	return []byte(b.String())
}

// richJSON writes a value as the service does.
func richJSON(c richColumn, v *string) string {
	if v == nil {
		return "null"
	}
	s := *v
	switch c.edm {
	case "Int16", "Int32", "Int64", "Boolean", "Decimal", "Untyped":
		return s
	case "Single", "Double":
		switch s {
		case "NaN":
			return `"NaN"`
		case "Infinity":
			return `"INF"`
		case "-Infinity":
			return `"-INF"`
		}
		return s
	case "Binary":
		raw, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
		if err != nil {
			panic(err)
		}
		s = base64.URLEncoding.EncodeToString(raw)
	case "DateTimeOffset":
		s = strings.Replace(strings.TrimSuffix(s, "+00"), " ", "T", 1) + "Z"
	case "Duration":
		var days, micros int64
		if _, err := fmt.Sscanf(s, "%d days %d microseconds", &days, &micros); err == nil {
			if days < 0 {
				s = fmt.Sprintf("-P%dD", -days)
			} else {
				s = fmt.Sprintf("P%dDT%d.%06dS", days, micros/1e6, micros%1e6)
			}
		}
	}
	out, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(out)
}

// richService answers whole tables, with the properties that $select names.
func richService() http.Handler {
	columns := richColumns()
	tables := map[string][][]string{}
	for name := range richSizes() {
		for _, row := range richRows(name) {
			cells := make([]string, len(row))
			for i, v := range row {
				cells[i] = fmt.Sprintf("%q:%s", columns[i].name, richJSON(columns[i], v))
			}
			tables[name] = append(tables[name], cells)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if name == "$metadata" {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = w.Write(richMetadata())
			return
		}
		if _, ok := richSizes()[name]; !ok {
			http.NotFound(w, r)
			return
		}
		var wanted []int
		if sel := r.URL.Query().Get("$select"); sel != "" {
			for part := range strings.SplitSeq(sel, ",") {
				wanted = append(wanted, slices.IndexFunc(columns, func(c richColumn) bool { return c.name == part }))
			}
		} else {
			for i := range columns {
				wanted = append(wanted, i)
			}
		}
		w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;IEEE754Compatible=false")
		w.Header().Set("OData-Version", "4.0")
		var b strings.Builder
		fmt.Fprintf(&b, `{"@odata.context":"$metadata#%s","value":[`, name)
		for i, row := range tables[name] {
			for k, at := range wanted {
				switch {
				case k > 0:
					b.WriteByte(',')
				case i > 0:
					b.WriteString(",{")
				default:
					b.WriteByte('{')
				}
				b.WriteString(row[at])
			}
			b.WriteByte('}')
		}
		b.WriteString("]}")
		_, _ = w.Write([]byte(b.String()))
	})
}

// loadRich fills a schema of PostgreSQL with the same rows.
func loadRich(ctx context.Context, server *oracle.Server, db string) error {
	m, err := edm.Parse(richMetadata())
	if err != nil {
		return err
	}
	c, err := server.Connect(ctx, db)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "create schema rich"); err != nil {
		return err
	}
	for _, set := range m.Sets {
		t := table{schema: "rich", set: set, columns: set.Columns()}
		if _, err := c.Exec(ctx, t.ddl()); err != nil {
			return fmt.Errorf("%s: %w", set.Name, err)
		}
		rows := richRows(set.Name)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }) //nolint:gosec // not a secret
		if len(rows) > 0 {
			if _, err := c.PgConn().CopyFrom(ctx, &copyReader{rows: rows}, "copy "+t.name()+" from stdin"); err != nil {
				return fmt.Errorf("%s: %w", set.Name, err)
			}
		}
		if _, err := c.Exec(ctx, "analyze "+t.name()); err != nil {
			return err
		}
	}
	return nil
}

// TestRichTables reads every table whole, so that what generated statements start from is equal.
func TestRichTables(t *testing.T) {
	server, db := generatedDatabase(t)
	g := start(t, gatewayOptions{profile: profile.Standard(), rich: true})
	p := &pair{gateway: g, oracle: connect(t, server.DSNOf(db)), ours: connect(t, g.dsn)}
	var list []string
	for _, c := range richColumns() {
		list = append(list, c.expr())
	}
	for name := range richSizes() {
		for _, what := range []string{"*", strings.Join(list, ", ")} {
			q := &question{place: "rich." + name, sql: "select " + what + " from rich." + name + " order by id"}
			for _, f := range formats(q) {
				if diff := p.compare(t, q, f); diff != "" {
					t.Errorf("%s: %s: %s\n%s", q.place, f, diff, q.sql)
				}
			}
		}
	}
}
