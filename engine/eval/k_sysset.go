package eval

import (
	"slices"
	"strings"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// staticRows reads a dump's rows as values.
func staticRows(name string) ([][]sqltype.Value, error) {
	cols, rows, _ := builtin.StaticTable(name)
	out := make([][]sqltype.Value, len(rows))
	for i, r := range rows {
		out[i] = make([]sqltype.Value, len(cols))
		for k, f := range r {
			if f.Null {
				out[i][k] = sqltype.NullValue()
				continue
			}
			v, err := sqltype.ParseText(sqltype.Of(cols[k].Type), f.Text, nil)
			if err != nil {
				return nil, err
			}
			out[i][k] = v
		}
	}
	return out, nil
}

func showAllSettings(c *Call, _ []sqltype.Value) (SetIterator, error) {
	rows, err := staticRows("pg_settings")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if v, ok := c.Env().Setting(lowerName(r[0].S)); ok {
			r[1] = sqltype.Text(v)
		}
	}
	return rowSet(rows), nil
}

func keywords(*Call, []sqltype.Value) (SetIterator, error) {
	rows, err := staticRows("pg_get_keywords")
	return rowSet(rows), err
}

func timezoneNames(c *Call, _ []sqltype.Value) (SetIterator, error) {
	names := sqltype.ZoneNames()
	now := c.Env().TransactionTime()
	return setFunc(func(row []sqltype.Value) (bool, error) {
		for len(names) > 0 {
			name := names[0]
			names = names[1:]
			loc, err := sqltype.LoadLocation(name)
			if err != nil {
				continue // a zone that the machine's database lacks
			}
			at := now.In(loc)
			abbrev, off := at.Zone()
			row[0], row[1], row[3] = sqltype.Text(name), sqltype.Text(abbrev), sqltype.Bool(at.IsDST())
			row[2] = sqltype.Value{Iv: interval{Micros: int64(off) * microsPerSecond}}
			return true, nil
		}
		return false, nil
	}), nil
}

func timezoneAbbrevs(c *Call, _ []sqltype.Value) (SetIterator, error) {
	list := sqltype.ZoneAbbreviations(c.Env().TransactionTime())
	slices.SortFunc(list, func(a, b sqltype.Abbreviation) int { return strings.Compare(a.Name, b.Name) })
	rows := make([][]sqltype.Value, len(list))
	for i, a := range list {
		rows[i] = []sqltype.Value{sqltype.Text(a.Name), {Iv: interval{Micros: int64(a.Offset) * microsPerSecond}}, sqltype.Bool(a.DST)}
	}
	return rowSet(rows), nil
}

// optionsToTable splits name=value options.
func optionsToTable(_ *Call, a []sqltype.Value) (SetIterator, error) {
	vals, err := arrayValues(a[0].S)
	if err != nil {
		return nil, err
	}
	var rows [][]sqltype.Value
	for _, v := range vals {
		name, value, ok := strings.Cut(v.S, "=")
		r := []sqltype.Value{sqltype.Text(strings.Clone(name)), sqltype.NullValue()}
		if ok {
			r[1] = sqltype.Text(strings.Clone(value))
		}
		rows = append(rows, r)
	}
	return rowSet(rows), nil
}

// privilegeOfLetter names the privileges by their letters in an aclitem, in the order of their bits.
func privilegeOfLetter() []struct {
	letter byte
	name   string
} {
	return []struct {
		letter byte
		name   string
	}{
		{'a', "INSERT"},
		{'r', "SELECT"},
		{'w', "UPDATE"},
		{'d', "DELETE"},
		{'D', "TRUNCATE"},
		{'x', "REFERENCES"},
		{'t', "TRIGGER"},
		{'X', "EXECUTE"},
		{'U', "USAGE"},
		{'C', "CREATE"},
		{'T', "TEMPORARY"},
		{'c', "CONNECT"},
		{'s', "SET"},
		{'A', "ALTER SYSTEM"},
	}
}

// aclExplode gives a row per privilege of grantee=privileges/grantor items.
func aclExplode(c *Call, a []sqltype.Value) (SetIterator, error) {
	vals, err := arrayValues(a[0].S)
	if err != nil {
		return nil, err
	}
	cat := c.Env().Catalog()
	role := func(s string) int64 {
		s = strings.Trim(s, `"`)
		oid, _ := cat.OID(ObjRole, s)
		return int64(oid)
	}
	var rows [][]sqltype.Value
	for _, v := range vals {
		grantee, rest, _ := strings.Cut(v.S, "=")
		letters, grantor, _ := strings.Cut(rest, "/")
		to := int64(0)
		if grantee != "" {
			to = role(grantee)
		}
		for _, p := range privilegeOfLetter() {
			i := strings.IndexByte(letters, p.letter)
			if i < 0 {
				continue
			}
			option := i+1 < len(letters) && letters[i+1] == '*'
			rows = append(rows, []sqltype.Value{sqltype.Int(role(grantor)), sqltype.Int(to), sqltype.Text(p.name), sqltype.Bool(option)})
		}
	}
	return rowSet(rows), nil
}

// Listener is implemented by an Env whose session listens on channels.
type Listener interface{ Channels() []string }

func listeningChannels(c *Call, _ []sqltype.Value) (SetIterator, error) {
	var rows [][]sqltype.Value
	if l, ok := c.Env().(Listener); ok {
		for _, name := range l.Channels() {
			rows = append(rows, []sqltype.Value{sqltype.Text(name)})
		}
	}
	return rowSet(rows), nil
}

func noRows(*Call, []sqltype.Value) (SetIterator, error) { return emptySet(), nil }

func systemSets() []SetKernel {
	textTable := func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		if a[0].Null {
			return emptySet(), nil
		}
		t := newTextSplitter(a)
		return setFunc(func(row []sqltype.Value) (bool, error) {
			v, ok := t.next()
			if ok {
				row[0] = v
			}
			return ok, nil
		}), nil
	}
	ks := []SetKernel{
		{"text_to_table", textTable},
		{"text_to_table_null", textTable},
		{"show_all_settings", showAllSettings},
		{"pg_get_keywords", keywords},
		{"pg_timezone_names", timezoneNames},
		{"pg_timezone_abbrevs", timezoneAbbrevs},
		{"pg_options_to_table", optionsToTable},
		{"aclexplode", aclExplode},
		{"pg_listening_channels", listeningChannels},
	}
	for _, none := range []string{ // of what never exists here
		"pg_partition_ancestors", "pg_partition_tree", "pg_available_extensions", "pg_available_extension_versions",
		"pg_extension_update_paths", "pg_prepared_xact", "show_all_file_settings", "pg_hba_file_rules", "pg_ident_file_mappings", "pg_config",
		"pg_get_publication_tables", "pg_show_replication_origin_status", "pg_tablespace_databases", "pg_get_shmem_allocations",
	} {
		ks = append(ks, SetKernel{none, noRows})
	}
	return ks
}
