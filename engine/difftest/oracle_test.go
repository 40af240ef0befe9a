package difftest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/simulator"
)

// now is the instant at which both clocks stand: the morning after the warehouse's last day was loaded.
func now() time.Time { return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC) }

// warehouse is the sample warehouse of the questions: two hundred devices over seven days.
func warehouse() simulator.Options {
	return simulator.Options{Devices: 200, Days: 7, Until: now(), Seed: 7, NoAuth: true}
}

// typesService is the sample service with a property of every type.
func typesService() simulator.Options {
	return simulator.Options{Model: "types", Devices: 120, Until: now(), Seed: 7, NoAuth: true}
}

// pg is the process's PostgreSQL; it ends with the process. Its search_path is the gateway's default for these services.
var pg = sync.OnceValues(func() (*oracle.Server, error) {
	return oracle.New(context.Background(), oracle.Options{
		Clock:    now(),
		Settings: []string{`search_path="$user", intune, types, public`, "statement_timeout=20s"},
	})
})

// loaded keeps the databases that were filled, by what their tables look like.
type loaded struct {
	mu     sync.Mutex
	byForm map[string]string
}

var databases = loaded{byForm: map[string]string{}}

// table is an entity set as a table.
type table struct {
	schema  string
	set     *edm.EntitySet
	columns []edm.Column
}

// model reads a service's metadata as the gateway will see it.
func model(o simulator.Options) (*edm.Model, error) {
	s, err := simulator.New(o)
	if err != nil {
		return nil, err
	}
	path := "/OData/Types/$metadata"
	if o.Model != "types" {
		path = "/ReportingService/DataWarehouseFEService/$metadata?api-version=v1.0"
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	if rec.Code != http.StatusOK {
		return nil, fmt.Errorf("$metadata: %d %s", rec.Code, rec.Body)
	}
	return edm.Parse(rec.Body.Bytes())
}

// database gives the name of a database with the rows of a warehouse of the given variants and of the types service.
// Variants that change no column share one.
func database(tb testing.TB, variants ...string) (*oracle.Server, string) {
	tb.Helper()
	server, err := pg()
	if err != nil {
		tb.Fatalf("the oracle does not start: %v", err)
	}
	o := warehouse()
	o.Variants = variants
	m, err := model(o)
	if err != nil {
		tb.Fatal(err)
	}
	form := ddlForm(m)
	databases.mu.Lock()
	defer databases.mu.Unlock()
	if name, ok := databases.byForm[form]; ok {
		return server, name
	}
	plain, err := model(warehouse())
	if err != nil {
		tb.Fatal(err)
	}
	name := "warehouse" // the gateway's database, which statements may name
	if form != ddlForm(plain) {
		name = fmt.Sprintf("warehouse%d", len(databases.byForm)+1)
	}
	ctx := tb.Context()
	if err := server.CreateDatabase(ctx, name); err != nil {
		tb.Fatal(err)
	}
	if err := load(ctx, server, name, "intune", "v1.0", o, m); err != nil {
		tb.Fatal(err)
	}
	to := typesService()
	tm, err := model(to)
	if err != nil {
		tb.Fatal(err)
	}
	if err := load(ctx, server, name, "types", "", to, tm); err != nil {
		tb.Fatal(err)
	}
	databases.byForm[form] = name
	return server, name
}

// ddlForm is equal for models whose tables have equal columns.
func ddlForm(m *edm.Model) string {
	var b strings.Builder
	for _, s := range m.Sets {
		for _, c := range s.Columns() {
			st, _ := c.Type.SQL()
			fmt.Fprintf(&b, "%s.%s %v %t\n", s.Name, c.Name, st, c.Nullable)
		}
	}
	return b.String()
}

// load fills a schema with all rows of a service.
func load(ctx context.Context, server *oracle.Server, db, schema, version string, o simulator.Options, m *edm.Model) error {
	sim, err := simulator.New(o)
	if err != nil {
		return err
	}
	c, err := server.Connect(ctx, db)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "create schema "+quote(schema)); err != nil {
		return err
	}
	for _, set := range m.Sets {
		t := table{schema: schema, set: set, columns: set.Columns()}
		if _, err := c.Exec(ctx, t.ddl()); err != nil {
			return fmt.Errorf("%s: %w", set.Name, err)
		}
		rows, err := t.rows(sim, version)
		if err != nil {
			return fmt.Errorf("%s: %w", set.Name, err)
		}
		// An order that nobody asked for must not come by itself.
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }) //nolint:gosec // not a secret
		tag, err := c.PgConn().CopyFrom(ctx, &copyReader{rows: rows}, "copy "+t.name()+" from stdin")
		if err != nil {
			return fmt.Errorf("%s: %w", set.Name, err)
		}
		if n := int64(sim.RowCount(set.Name)); tag.RowsAffected() != n {
			return fmt.Errorf("%s: %d of %d rows were loaded", set.Name, tag.RowsAffected(), n)
		}
		if _, err := c.Exec(ctx, "analyze "+t.name()); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) name() string { return quote(t.schema) + "." + quote(t.set.Name) }

// ddl declares keys as the catalog shows them, for GROUP BY a key frees the other columns.
func (t *table) ddl() string {
	var cols []string
	for _, c := range t.columns {
		st, ok := c.Type.SQL()
		if !ok {
			continue
		}
		def := quote(c.Name) + " " + sqltype.FormatTypeModified(st.OID, st.Typmod)
		if !c.Nullable {
			def += " not null"
		}
		cols = append(cols, def)
	}
	var key []string
	for pos := 1; ; pos++ {
		at := slices.IndexFunc(t.columns, func(c edm.Column) bool { return c.KeyPos == pos })
		if at < 0 {
			break
		}
		key = append(key, quote(t.columns[at].Name))
	}
	if len(key) > 0 {
		cols = append(cols, "primary key ("+strings.Join(key, ", ")+")")
	}
	return "create table " + t.name() + " (" + strings.Join(cols, ", ") + ")"
}

// rows are the set's rows as texts in the order of the columns.
func (t *table) rows(sim *simulator.Server, version string) ([][]*string, error) {
	props := sim.Columns(version, t.set.Name)
	var out [][]*string
	for values := range sim.Rows(version, t.set.Name) {
		row := make([]*string, 0, len(t.columns))
		for _, c := range t.columns {
			st, ok := c.Type.SQL()
			if !ok {
				continue
			}
			at := slices.IndexFunc(props, func(p simulator.Column) bool { return p.Name == c.Path[0] })
			if at < 0 {
				return nil, fmt.Errorf("the service has no property %s", c.Path[0])
			}
			v, err := member(values[at], c.Path[1:])
			if err != nil {
				return nil, err
			}
			s, err := asText(v, st.OID)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			row = append(row, s)
		}
		out = append(out, row)
	}
	return out, nil
}

// member goes down into complex values.
func member(v any, path []string) (any, error) {
	for _, name := range path {
		raw, ok := v.(json.RawMessage)
		if !ok {
			return nil, nil
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		switch part := m[name]; {
		case part == nil || string(part) == "null":
			return nil, nil
		case part[0] == '"':
			var s string
			if err := json.Unmarshal(part, &s); err != nil {
				return nil, err
			}
			v = s
		case part[0] == '{':
			v = part
		default:
			v = string(part)
		}
	}
	return v, nil
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// copyReader writes rows in COPY's text format.
type copyReader struct {
	rows [][]*string
	rest []byte
}

func (c *copyReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		if len(c.rows) == 0 {
			return 0, io.EOF
		}
		escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
		cells := make([]string, len(c.rows[0]))
		for i, v := range c.rows[0] {
			if cells[i] = `\N`; v != nil {
				cells[i] = escape.Replace(*v)
			}
		}
		c.rest = []byte(strings.Join(cells, "\t") + "\n")
		c.rows = c.rows[1:]
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
