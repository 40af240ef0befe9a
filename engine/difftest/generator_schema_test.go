package difftest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// column is a column of a table that statements are generated over.
type column struct {
	expr   string // with its cast, if it has one
	name   string
	oid    uint32
	values []string // texts that occur
}

// source is a table for generated statements.
type source struct {
	name    string // qualified and quoted
	rows    int
	columns []column
	key     []string // names of the columns of the declared key
	casts   bool     // most columns are casts of text
}

// link says that two tables can be joined by equal columns.
type link struct{ from, column, to, other string }

// schema is what statements are generated over.
type schema struct {
	sources []source
	links   []link
	calls   map[uint32][][]*callable // by type of result, then by name
	totals  map[uint32][]*callable   // aggregates
}

// links are the relationships that people join by.
func links() []link {
	i := func(s string) string { return "intune." + quote(s) }
	t := func(s string) string { return "types." + quote(s) }
	r := func(s string) string { return "rich." + quote(s) }
	return []link{
		{i("devices"), "deviceKey", i("devicePropertyHistories"), "deviceKey"},
		{i("devices"), "complianceStateKey", i("complianceStates"), "complianceStateKey"},
		{i("devices"), "ownerTypeKey", i("ownerTypes"), "ownerTypeKey"},
		{i("devices"), "deviceCategoryKey", i("deviceCategories"), "deviceCategoryKey"},
		{i("devices"), "userId", i("users"), "userId"},
		{i("devices"), "primaryUser", i("users"), "userId"},
		{i("devicePropertyHistories"), "complianceStateKey", i("complianceStates"), "complianceStateKey"},
		{i("devicePropertyHistories"), "ownerTypeKey", i("ownerTypes"), "ownerTypeKey"},
		{i("mamCheckins"), "userKey", i("users"), "userKey"},
		{i("mamCheckins"), "mamApplicationKey", i("mamApplications"), "mamApplicationKey"},
		{i("mamCheckins"), "dateKey", i("compliancePolicyStatusDeviceActivities"), "dateKey"},
		{i("policyDeviceActivities"), "dateKey", i("compliancePolicyStatusDeviceActivities"), "dateKey"},
		{t("samples"), "groupId", t("groups"), "groupId"},
		{t("samples"), "id", t("lines"), "sampleId"},
		{t("samples"), "color", t("groups"), "color"},
		{t("samples"), "byte", t("lines"), "quantity"},
		{r("many"), "id", r("many"), "ref"},
		{r("many"), "ref", r("many"), "id"},
		{r("many"), "grp", r("few"), "id"},
		{r("many"), "w", r("few"), "w2"},
		{r("many"), "n4", r("few"), "n8"},
		{r("many"), "u", r("many"), "u"},
		{r("many"), "tst", r("few"), "ts"},
		{r("many"), "iv", r("few"), "iv"},
		{r("many"), "num", r("few"), "i4"},
		{r("many"), "bp", r("few"), "t"},
		{r("many"), "id", r("one"), "id"},
		{r("many"), "ref", r("none"), "id"},
		{r("few"), "id", r("many"), "grp"},
	}
}

// readSchema asks PostgreSQL for the columns of the linked tables and for some values of each.
func readSchema(ctx context.Context, c *pgconn.PgConn) (*schema, error) {
	s := &schema{links: links()}
	s.calls, s.totals = callables()
	seen := map[string]bool{}
	for _, l := range s.links {
		for _, name := range []string{l.from, l.to} {
			if seen[name] {
				continue
			}
			seen[name] = true
			src, err := readSource(ctx, c, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			s.sources = append(s.sources, src)
		}
	}
	return s, nil
}

func readSource(ctx context.Context, c *pgconn.PgConn, name string) (source, error) {
	src := source{name: name, casts: strings.HasPrefix(name, "rich.")}
	oracle := func(sql string) ([][][]byte, error) {
		a, err := ask(ctx, c, sql, nil, simple)
		if err == nil && a.fault != nil {
			err = a.fault
		}
		if err != nil {
			return nil, err
		}
		return a.rows, nil
	}
	rows, err := oracle("select count(*) from " + name)
	if err != nil {
		return src, err
	}
	if _, err := fmt.Sscan(string(rows[0][0]), &src.rows); err != nil {
		return src, err
	}
	rows, err = oracle(`select a.attname, a.atttypid, a.attnum = any(i.indkey) from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = '` + name + `'::regclass and a.attnum > 0 order by a.attnum`)
	if err != nil {
		return src, err
	}
	for i, row := range rows {
		col := column{name: string(row[0]), expr: quote(string(row[0]))}
		if _, err := fmt.Sscan(string(row[1]), &col.oid); err != nil {
			return src, err
		}
		if string(row[2]) == "t" {
			src.key = append(src.key, col.name)
		}
		if src.casts {
			col.expr, col.oid = richColumns()[i].expr(), richColumns()[i].oid
		}
		if info, ok := sqltype.Lookup(col.oid); !ok || !info.Implemented {
			continue
		}
		values, err := oracle(fmt.Sprintf(`select v from (select distinct (%s)::text as v from %s) x where v !~ '[\x01\r\u2028\u2029]' order by md5(v) limit 9`, col.expr, name))
		if err != nil {
			return src, err
		}
		for _, v := range values {
			col.values = append(col.values, string(v[0]))
		}
		src.columns = append(src.columns, col)
	}
	return src, nil
}

func (s *schema) source(name string) *source {
	for i := range s.sources {
		if s.sources[i].name == name {
			return &s.sources[i]
		}
	}
	return nil
}
