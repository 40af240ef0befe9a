package catalog

import (
	"bytes"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/odata/edm"
)

func TestOIDsThatCollideAreHashedAgainInNameOrder(t *testing.T) {
	t.Parallel()
	hash := func(key string, try int) uint32 {
		if try == 0 {
			return FirstUserOID
		}
		return FirstUserOID + uint32(len(key)) + uint32(try)
	}
	for _, keys := range [][]string{{"a", "bb", "ccc"}, {"ccc", "a", "bb", "a"}} {
		m := newOIDMaker()
		m.want(keys...)
		m.assign(hash)
		if m.of("a") != FirstUserOID || m.of("bb") != FirstUserOID+3 || m.of("ccc") != FirstUserOID+4 {
			t.Errorf("%v: %d %d %d", keys, m.of("a"), m.of("bb"), m.of("ccc"))
		}
	}
	for i := range 10000 {
		if o := hashOID("table\x00s\x00"+itoa(i), 0); o < FirstUserOID || o >= 1<<31 {
			t.Fatalf("OID %d is out of range", o)
		}
	}
}

func TestSnake(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"deviceName": "device_name", "OSVersion": "os_version", "rowLastModifiedDateTimeUTC": "row_last_modified_date_time_utc",
		"userID": "user_id", "already_snake": "already_snake", "Größe": "größe", "a1B": "a1_b", "X": "x", "_x0020_": "_x0020_",
		"HTTPServer2Go": "http_server2_go", "owner_Value": "owner_value", "": "",
	} {
		if got := snake(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestNamesAreUniqueAndShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 40)
	in := []original{{"b", "Same"}, {"a", "same"}, {"c", "SAME"}, {long + "1", long + "1"}, {long + "2", long + "2"}, {"xmin", "xmin"}, {"e", ""}}
	names := uniqueNames(NamesLower, in, []string{"xmin"})
	seen := make(map[string]bool)
	for _, o := range in {
		n := names[o.key]
		if n == "" || len(n) > MaxName || seen[n] || n == "xmin" {
			t.Errorf("%q is named %q", o.key, n)
		}
		seen[n] = true
	}
	if names["a"] != "same" {
		t.Errorf("the first of three is named %q", names["a"])
	}
	// The order in which they come does not matter, nor does it that one is gone.
	again := uniqueNames(NamesLower, []original{in[2], in[0], in[1]}, nil)
	for _, k := range []string{"a", "b", "c"} {
		if again[k] != names[k] {
			t.Errorf("%s is named %q and then %q", k, names[k], again[k])
		}
	}
}

func TestAttributeNumbersAreNotReused(t *testing.T) {
	t.Parallel()
	n := NewNumbering()
	check := func(n *Numbering, cols string, want ...int16) {
		t.Helper()
		got := n.Number("s", "t", strings.Fields(cols))
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s are numbered %v, want %v", cols, got, want)
			}
		}
	}
	check(n, "a b c", 1, 2, 3)
	check(n, "c a d", 3, 1, 4)
	data, changed, err := n.Save()
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	if _, changed, _ := n.Save(); changed {
		t.Error("it says that it changed since it was saved")
	}
	loaded, err := LoadNumbering(data)
	if err != nil {
		t.Fatal(err)
	}
	check(loaded, "e b a", 5, 2, 1)
	other := loaded.Number("s", "u", []string{"x"})
	if other[0] != 1 {
		t.Errorf("another table starts at %d", other[0])
	}
	for _, bad := range []string{"", "[]", `{"schemas":{"s":{"t":{"a":1,"b":1}}}}`, `{"schemas":{"s":{"t":{"a":0}}}}`} {
		if _, err := LoadNumbering([]byte(bad)); err == nil {
			t.Errorf("%q is read without an error", bad)
		}
	}
	if again, _, _ := loaded.Save(); bytes.Equal(again, data) {
		t.Error("what was added is not saved")
	}
}

// TestColumnsKeepTheirOrder: a service that lists its columns in another order, or drops one, does not renumber them.
func TestColumnsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	numbers := NewNumbering()
	table := func(props string) string {
		doc := `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
			<Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="T"><Key><PropertyRef Name="k"/></Key>`
		for _, p := range strings.Fields(props) {
			doc += `<Property Name="` + p + `" Type="Edm.Int32"/>`
		}
		doc += `</EntityType><EntityContainer Name="C"><EntitySet Name="T" EntityType="N.T"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
		m, err := edm.Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Build(Options{Database: "d", Services: []Service{{Schema: "s", Model: m}}, Attnums: numbers})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range s.Relation("s", "T").Columns {
			if !c.Hidden {
				out = append(out, c.Name+itoa(int(c.Attnum)))
			}
		}
		key := s.Relation("s", "T").Key
		return strings.Join(out, " ") + " key " + s.Relation("s", "T").Columns[key[0]].Name
	}
	for _, c := range []struct{ props, want string }{
		{"a k b", "a1 k2 b3 key k"},
		{"b k c", "k2 b3 c4 key k"},
		{"a b c k", "a1 k2 b3 c4 key k"},
	} {
		if got := table(c.props); got != c.want {
			t.Errorf("%s is %s, want %s", c.props, got, c.want)
		}
	}
}

func TestMissingMetadata(t *testing.T) {
	t.Parallel()
	s, err := Build(Options{
		Database: "d", Users: []User{{Name: "u", Services: []string{"a"}}},
		Services: []Service{{Schema: "a", Reason: "no route to host"}, {Schema: "b", Reason: "401"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := s.ForUser("u")
	_, err = v.RelationFromText(v.SearchPath([]string{"a", "b"}, "u"), "devices")
	if err == nil || !strings.Contains(err.Error(), "no route to host") {
		t.Errorf("the error is %v", err)
	}
	if v.Missing["b"] != "" || v.Schema("b") != nil {
		t.Error("a hidden service shows")
	}
	_, err = v.RelationFromText(v.SearchPath([]string{"public"}, "u"), "devices")
	if err == nil || err.Error() != `relation "devices" does not exist` {
		t.Errorf("off the path the error is %v", err)
	}
}

func TestAUserMayHaveTheOwnersName(t *testing.T) {
	t.Parallel()
	s, err := Build(Options{Database: "d", Users: []User{{Name: "postgres", MemberOf: []string{"pg_monitor", "postgres"}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := s.RoleByName("postgres")
	if r.Superuser || r.OID == RoleBootstrap || s.Inherits(r, s.RoleByOID(RoleBootstrap)) {
		t.Error("a user of the configuration is a superuser because of its name")
	}
	if !s.Inherits(r, s.RoleByName("pg_read_all_stats")) {
		t.Error("membership is not passed on")
	}
}

func TestFoldedNames(t *testing.T) {
	t.Parallel()
	doc := `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
		<Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="T"><Property Name="k" Type="Edm.Int32"/></EntityType>
		<EntityContainer Name="C"><EntitySet Name="Twice" EntityType="N.T"/><EntitySet Name="TWICE" EntityType="N.T"/><EntitySet Name="Once" EntityType="N.T"/>
		</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
	m, err := edm.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(Options{Database: "d", Services: []Service{{Schema: "s", Model: m}}})
	if err != nil {
		t.Fatal(err)
	}
	path := Path{"pg_catalog", "s"}
	for text, want := range map[string]string{
		"once": "Once", "ONCE": "Once", `"once"`: `relation "once" does not exist`, `"TWICE"`: "TWICE", "twice": `table reference "twice" is ambiguous`,
	} {
		got := ""
		if r, err := s.RelationFromText(path, text); err != nil {
			got = err.Error()
		} else {
			got = r.Name
		}
		if got != want {
			t.Errorf("%s finds %q, want %q", text, got, want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{},
		{Database: "d", Users: []User{{Name: "pg_monitor"}}},
		{Database: "d", Users: []User{{Name: "u"}, {Name: "u"}}},
		{Database: "d", Services: []Service{{Schema: "pg_catalog"}}},
		{Database: "d", Services: []Service{{Schema: "information_schema"}}},
		{Database: "d", Services: []Service{{Schema: "a"}, {Schema: "a"}}},
	} {
		if _, err := Build(o); err == nil {
			t.Errorf("%v is built", o)
		}
	}
}
