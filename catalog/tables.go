package catalog

import (
	"sort"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// systemColumns are the columns that every table has besides its own, in the order of their numbers -1 … -6 (heap.c). They
// can be named but are not part of *.
func systemColumns() []Column {
	col := func(num int16, name string, oid uint32) Column {
		return Column{Name: name, Attnum: num, Type: sqltype.Of(oid), NotNull: true, Hidden: true}
	}
	return []Column{
		col(-1, "ctid", sqltype.OIDTID),
		col(-2, "xmin", sqltype.OIDXID),
		col(-3, "cmin", sqltype.OIDCID),
		col(-4, "xmax", sqltype.OIDXID),
		col(-5, "cmax", sqltype.OIDCID),
		col(-6, "tableoid", sqltype.OIDOID),
	}
}

func systemColumnNames() []string {
	var names []string
	for _, c := range systemColumns() {
		names = append(names, c.Name)
	}
	return names
}

// pathKey is how the configuration and messages write the way to a value.
func pathKey(path []string) string { return strings.Join(path, "/") }

// table makes the relation of an entity set. OIDs are filled in later.
func (b *builder) table(svc *Service, schema *Schema, set *edm.EntitySet, name string) *Relation {
	r := &Relation{
		Schema: schema, Name: name, Kind: RelTable, Comment: setComment(set), Folded: true, EntitySet: set.Name,
	}
	cols := set.Columns()
	originals := make([]original, 0, len(cols))
	paths := make([]string, 0, len(cols))
	for _, c := range cols {
		originals = append(originals, original{key: pathKey(c.Path), text: c.Name})
		paths = append(paths, pathKey(c.Path))
	}
	names := uniqueNames(svc.Names, originals, systemColumnNames())
	nums := inOrder(len(paths))
	if b.opts.Attnums != nil {
		nums = b.opts.Attnums.Number(svc.Schema, set.Name, paths)
	}
	keyPos := make(map[int16]int)
	for i, c := range cols {
		t, ok := c.Type.SQL()
		if !ok {
			continue
		}
		over, given := svc.Columns[set.Name+"."+paths[i]]
		if given && over.Type.OID != 0 {
			t = over.Type
		}
		r.Columns = append(r.Columns, Column{
			Name: names[paths[i]], Attnum: nums[i], Type: t, NotNull: !c.Nullable || c.KeyPos > 0, Comment: columnComment(c),
			Folded: true, Path: c.Path, Edm: c.Type, OnError: over.OnError,
			Unique: over.Unique || svc.Profile != nil && svc.Profile.IsUnique(set.Name, paths[i]),
		})
		if c.KeyPos > 0 {
			keyPos[nums[i]] = c.KeyPos
		}
	}
	sort.SliceStable(r.Columns, func(i, j int) bool { return r.Columns[i].Attnum < r.Columns[j].Attnum })
	r.Key = keyPlaces(r.Columns, keyPos)
	if set.Type != nil && len(r.Key) != len(set.Type.EffectiveKey()) {
		// A key that names a property which does not exist says nothing about the rest of it.
		r.Key = nil
	}
	r.Columns = append(r.Columns, systemColumns()...)
	return r
}

// keyPlaces are the places of the key's columns, in the key's order.
func keyPlaces(cols []Column, keyPos map[int16]int) []int {
	var key []int
	for i := range cols {
		if keyPos[cols[i].Attnum] > 0 {
			key = append(key, i)
		}
	}
	sort.Slice(key, func(i, j int) bool { return keyPos[cols[key[i]].Attnum] < keyPos[cols[key[j]].Attnum] })
	return key
}

// setComment is the set's description, or its type's.
func setComment(set *edm.EntitySet) string {
	if c := description(set.Annotations); c != "" {
		return c
	}
	if set.Type != nil {
		return description(set.Type.Annotations)
	}
	return ""
}

func description(as []edm.Annotation) string {
	var parts []string
	for _, term := range []string{edm.TermDescription, edm.TermLongDescription} {
		if a := edm.Find(as, term); a != nil && a.Value != "" {
			parts = append(parts, a.Value)
		}
	}
	return strings.Join(parts, "\n")
}

// columnComment is the description; the members of an enumeration follow it, since its values are shown as text.
func columnComment(c edm.Column) string {
	enum := c.Type.Enum
	if enum == nil || len(enum.Members) == 0 {
		return c.Description
	}
	names := make([]string, 0, len(enum.Members))
	for _, m := range enum.Members {
		names = append(names, m.Name)
	}
	members := "One of: "
	if enum.IsFlags {
		members = "Any of: "
	}
	members += strings.Join(names, ", ")
	if c.Description == "" {
		return members
	}
	return c.Description + "\n" + members
}
