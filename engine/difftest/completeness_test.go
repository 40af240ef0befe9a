package difftest

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/odata/profile"
)

var writeCompleteness = flag.Bool("write-completeness", false,
	"write the lists of testdata/completeness anew; entries that are not implemented keep their reasons, and new ones get ? for one")

// The reasons why an entry need not be implemented.
const (
	reasonTail     = "long tail"             // no tool or analyst uses it
	reasonStorage  = "needs storage"         // tables, files, large objects or statistics of a server's own
	reasonAdmin    = "server administration" // of a server's processes, files and replicas
	reasonType     = "excluded type"         // of a family of types that is left out: ranges, text search, XML, bit strings …
	reasonInternal = "internal support"      // called by PostgreSQL's own machinery alone
)

// mostMissing is the share of a list that may be missing.
const mostMissing = 0.1

// knownTypes are the types that the lists are about, with the arrays of all of them and the pseudo-types that stand for them.
func knownTypes() string {
	return `'{bool,int2,int4,int8,float4,float8,numeric,text,varchar,bpchar,name,char,bytea,uuid,date,time,timetz,timestamp,timestamptz,interval,json,jsonb,
		record,oid,regproc,regprocedure,regoper,regoperator,regclass,regtype,regrole,regnamespace,regcollation,int2vector,oidvector,unknown,
		any,anyelement,anyarray,anynonarray,anycompatible,anycompatiblearray,anycompatiblenonarray}'::name[]`
}

// entry is one row of a list: what PostgreSQL has, and whether it is implemented or why not.
type entry struct {
	key     string   // what identifies it in every PostgreSQL: name and types
	section string   // of PostgreSQL's documentation, - for what the documentation does not name
	status  string   // yes, or a reason
	calls   []string // statements that use it, the first over nulls
	same    bool     // its value depends on its arguments and on what both servers have
}

// list is one of the lists, as it is checked in and as the server has it.
type list struct {
	name  string
	query func(ctx context.Context, c *pgconn.PgConn) ([]*entry, error)
}

func completenessLists() []list {
	return []list{{"functions", functionEntries}, {"operators", operatorEntries}, {"casts", castEntries}}
}

// TestCompleteness compares what PostgreSQL has with what is implemented. Implemented is what a statement can use: it is
// bound, it has code, and unless it is volatile or its value is a server's own, it gives PostgreSQL's value for samples.
func TestCompleteness(t *testing.T) {
	p := startPair(t, gatewayOptions{profile: profile.Standard()})
	for _, l := range completenessLists() {
		have, err := l.query(t.Context(), p.oracle)
		if err != nil {
			t.Fatalf("%s: %v", l.name, err)
		}
		if len(have) == 0 {
			t.Fatalf("%s: PostgreSQL has none", l.name)
		}
		path := filepath.Join(root, "completeness", l.name+".tsv")
		listed := readCompleteness(t, path)
		if *writeCompleteness {
			p.writeList(t, path, have, listed)
			continue
		}
		p.checkList(t, l.name, have, listed)
	}
}

// readCompleteness reads a list: key, section and status.
func readCompleteness(t *testing.T, path string) map[string]*entry {
	t.Helper()
	out := map[string]*entry{}
	text, err := os.ReadFile(path)
	if err != nil && !*writeCompleteness {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "# ") { // without the blank it is an operator
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			t.Fatalf("%s: %q has not three columns", path, line)
		}
		if out[f[0]] != nil {
			t.Errorf("%s: %s stands there twice", path, f[0])
		}
		out[f[0]] = &entry{key: f[0], section: f[1], status: f[2]}
	}
	return out
}

func (p *pair) checkList(t *testing.T, name string, have []*entry, listed map[string]*entry) {
	t.Helper()
	reasons := []string{reasonTail, reasonStorage, reasonAdmin, reasonType, reasonInternal}
	counts := map[string]int{}
	for _, e := range have {
		l := listed[e.key]
		if l == nil {
			t.Errorf("%s: %s is not listed", name, e.key)
			continue
		}
		delete(listed, e.key)
		counts[l.status]++
		fault, compared := p.tryEntry(t, e)
		switch {
		case l.status != "yes" && !slices.Contains(reasons, l.status):
			t.Errorf("%s: %s: %q is no reason", name, e.key, l.status)
		case l.status == "yes" && fault != "":
			t.Errorf("%s: %s is listed as implemented: %s", name, e.key, fault)
		case l.status != "yes" && fault == "":
			t.Errorf("%s: %s is listed as %s, but works", name, e.key, l.status)
		}
		if l.section == "" || l.section == "?" {
			t.Errorf("%s: %s has no section", name, e.key)
		}
		if fault == "" {
			counts["values compared"] += compared
		}
	}
	for key := range listed {
		t.Errorf("%s: PostgreSQL has no %s", name, key)
	}
	missing := 0
	text := fmt.Sprintf("%s: %d, implemented %d", name, len(have), counts["yes"])
	for _, r := range reasons {
		missing += counts[r]
		text += fmt.Sprintf(", %s %d", r, counts[r])
	}
	t.Logf("%s; %d values compared", text, counts["values compared"])
	if share := float64(missing) / float64(len(have)); share > mostMissing {
		t.Errorf("%s: %.1f %% are missing", name, 100*share)
	}
	if counts["values compared"] < len(have)/2 {
		t.Errorf("%s: only %d values were compared", name, counts["values compared"])
	}
}

// tryEntry runs an entry's calls and says what is wrong with them; compared counts the values that are PostgreSQL's too.
func (p *pair) tryEntry(t *testing.T, e *entry) (fault string, compared int) {
	t.Helper()
	for i, sql := range e.calls {
		got := p.answer(t, &question{place: e.key, sql: sql}, extendedText)
		if got == nil {
			return "the connection is lost: " + sql, compared
		}
		if !e.same { // volatile, so it may do something to a server, or a server's own: PostgreSQL is not asked
			if got.fault != nil && slices.Contains([]string{"0A000", "42883", "42725", "XX000"}, got.fault.Code) {
				return fmt.Sprintf("%s %s: %s", got.fault.Code, got.fault.Message, sql), compared
			}
			continue
		}
		want, err := ask(t.Context(), p.oracle, sql, nil, extendedText)
		if err != nil {
			t.Fatal(err)
		}
		if diff := differ(want, got, extendedText, false); diff != "" {
			return fmt.Sprintf("%s: %s", sql, diff), compared
		}
		if i > 0 || want.fault == nil {
			compared++
		}
	}
	return "", compared
}

func (p *pair) writeList(t *testing.T, path string, have []*entry, listed map[string]*entry) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# PostgreSQL 15's %s over the types that are supported: which, section of the documentation (- where it names none), implemented or why not.\n", strings.TrimSuffix(filepath.Base(path), ".tsv"))
	slices.SortFunc(have, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	for _, e := range have {
		status, section := "yes", "?"
		if l := listed[e.key]; l != nil {
			section = l.section
		}
		if fault, _ := p.tryEntry(t, e); fault != "" {
			status = "?"
			if l := listed[e.key]; l != nil && l.status != "yes" {
				status = l.status
			}
			t.Logf("%s: %s", e.key, fault)
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", e.key, section, status)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// textRows asks PostgreSQL for rows of text; null is "".
func textRows(ctx context.Context, c *pgconn.PgConn, sql string) ([][]string, error) {
	res, err := oracle.QueryOn(ctx, c, sql)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, r := range res[0].Rows {
		row := make([]string, len(r))
		for i, v := range r {
			if v != nil {
				row[i] = *v
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// withTypes puts the OIDs of the known types and of their arrays before a query, as the relation ok.
func withTypes(query string) string {
	return `with elem as (select oid, typname from pg_type where typnamespace = 'pg_catalog'::regnamespace and typname = any(` + knownTypes() + `)),
		ok as (select oid from elem union select a.oid from pg_type a join elem e on a.typelem = e.oid where a.typcategory = 'A' and a.typname = '_' || e.typname) ` + query
}

// functionEntries lists functions, aggregates and window functions with a call of each.
func functionEntries(ctx context.Context, c *pgconn.PgConn) ([]*entry, error) {
	rows, err := textRows(ctx, c, withTypes(`select p.oid, p.oid::regprocedure, provolatile <> 'v', proname from pg_proc p
		where prokind in ('f', 'a', 'w') and pronamespace = 'pg_catalog'::regnamespace and prorettype in (select oid from ok)
		and not exists (select from unnest(proargtypes::oid[] || coalesce(proallargtypes, '{}')) a where a not in (select oid from ok)) order by 2`))
	if err != nil {
		return nil, err
	}
	var out []*entry
	for _, r := range rows {
		oid, err := strconv.ParseUint(r[0], 10, 32)
		if err != nil {
			return nil, err
		}
		f := builtin.Load().FunctionByOID(uint32(oid))
		if f == nil {
			return nil, fmt.Errorf("the registry has no %s", r[1])
		}
		e := &entry{key: r[1], same: r[2] == "t" && !serversOwn(r[3])}
		for i := range sampleSets {
			e.calls = append(e.calls, functionCall(f, i))
		}
		out = append(out, e)
	}
	return out, nil
}

func operatorEntries(ctx context.Context, c *pgconn.PgConn) ([]*entry, error) {
	rows, err := textRows(ctx, c, withTypes(`select oprname, oprleft, oprright, o.oid::regoperator, provolatile <> 'v' from pg_operator o join pg_proc p on p.oid = oprcode
		where oprnamespace = 'pg_catalog'::regnamespace and (oprleft = 0 or oprleft in (select oid from ok)) and oprright in (select oid from ok)
		and oprresult in (select oid from ok) order by 4`))
	if err != nil {
		return nil, err
	}
	var out []*entry
	for _, r := range rows {
		e := &entry{key: r[3], same: r[4] == "t"}
		for i := range sampleSets {
			left := ""
			if r[1] != "0" {
				left = sampleArg(oidOf(r[1]), i, 0, "") + " "
			}
			e.calls = append(e.calls, "select "+left+"operator(pg_catalog."+r[0]+") "+sampleArg(oidOf(r[2]), i, 1, ""))
		}
		out = append(out, e)
	}
	return out, nil
}

func castEntries(ctx context.Context, c *pgconn.PgConn) ([]*entry, error) {
	rows, err := textRows(ctx, c, withTypes(`select castsource, casttarget, format_type(castsource, null) || ' as ' || format_type(casttarget, null), coalesce(provolatile <> 'v', true)
		from pg_cast left join pg_proc p on p.oid = castfunc where castsource in (select oid from ok) and casttarget in (select oid from ok) order by 3`))
	if err != nil {
		return nil, err
	}
	var out []*entry
	for _, r := range rows {
		e := &entry{key: r[2], same: r[3] == "t"}
		for i := range sampleSets {
			e.calls = append(e.calls, "select cast("+sampleArg(oidOf(r[0]), i, 0, "")+" as "+typeText(oidOf(r[1]))+")")
		}
		out = append(out, e)
	}
	return out, nil
}

func oidOf(s string) uint32 {
	n, _ := strconv.ParseUint(s, 10, 32) // 0 is no type
	return uint32(n)
}
