package system

import (
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// Capable is implemented by a Live that knows what services can do.
type Capable interface {
	// Capabilities are those of all services.
	Capabilities() []Capability
}

// Capability is something that a service can or cannot do, by its profile or by what it was found to refuse.
type Capability struct {
	Schema    string
	Set       string // entity set, "" for all
	Property  string // "" for all
	Operation string // a condition (eq, lt …) or an option ($select, $top …)
	Verdict   string // exact, superset, local; granted, not granted; refused
	Reason    string
	At, Until time.Time // of what was learned
}

func capabilitiesRelation() catalog.SystemRelation {
	return ownRelation("capabilities", "What services can do: by their profiles, and what they were found to refuse",
		ownColumn{"table_schema", sqltype.OIDName, true, "Schema of the service's tables"},
		ownColumn{"table_name", sqltype.OIDName, false, "Table; null for all"},
		ownColumn{"column_name", sqltype.OIDName, false, "Column; null for all, and for options"},
		ownColumn{"operation", sqltype.OIDText, true, "Condition or system query option"},
		ownColumn{"verdict", sqltype.OIDText, true, "exact: the service keeps the rows that SQL keeps; superset: it may keep more; local: it is not asked; granted or not granted, of options; refused: it was asked and refused, or was found wrong"},
		ownColumn{"reason", sqltype.OIDText, false, "Why it is not asked"},
		ownColumn{"learned_at", sqltype.OIDTimestampTZ, false, "When it was refused"},
		ownColumn{"valid_until", sqltype.OIDTimestampTZ, false, "When it will be tried again"})
}

// named is a capability with the table and the column as the catalog calls them.
type named struct {
	Capability
	table, column string
}

func odatagresCapabilities() objects[named] {
	optional := func(s string) sqltype.Value {
		if s == "" {
			return null()
		}
		return text(s)
	}
	return objects[named]{
		all: func(c *call, yield func(named) error) error {
			live, ok := c.live.(Capable)
			if !ok {
				return nil
			}
			tables := serviceTables(c.snap)
			for _, capability := range live.Capabilities() {
				byName, visible := tables[capability.Schema]
				if !visible {
					continue
				}
				n := named{Capability: capability, table: capability.Set, column: capability.Property}
				if t := byName[capability.Set]; t != nil {
					n.table = t.Name
					n.column = columnOf(t, capability.Property)
				}
				if err := yield(n); err != nil {
					return err
				}
			}
			return nil
		},
		cols: map[string]func(*call, named) sqltype.Value{
			"table_schema": func(_ *call, n named) sqltype.Value { return text(n.Schema) },
			"table_name":   func(_ *call, n named) sqltype.Value { return optional(n.table) },
			"column_name":  func(_ *call, n named) sqltype.Value { return optional(n.column) },
			"operation":    func(_ *call, n named) sqltype.Value { return text(n.Operation) },
			"verdict":      func(_ *call, n named) sqltype.Value { return text(n.Verdict) },
			"reason":       func(_ *call, n named) sqltype.Value { return optional(n.Reason) },
			"learned_at":   func(_ *call, n named) sqltype.Value { return instant(n.At) },
			"valid_until":  func(_ *call, n named) sqltype.Value { return instant(n.Until) },
		},
	}
}

// serviceTables are the tables of the services that the snapshot shows, by service and set.
func serviceTables(s *catalog.Snapshot) map[string]map[string]*catalog.Relation {
	out := make(map[string]map[string]*catalog.Relation)
	for _, sc := range s.Schemas() {
		if sc.Service != "" {
			out[sc.Service] = make(map[string]*catalog.Relation)
		}
	}
	for _, r := range s.Relations() {
		if r.UserTable() && out[r.Schema.Service] != nil {
			out[r.Schema.Service][r.EntitySet] = r
		}
	}
	return out
}

// columnOf finds the column of a property; a property without a column keeps its own name.
func columnOf(t *catalog.Relation, property string) string {
	for _, c := range t.Columns {
		if len(c.Path) == 1 && c.Path[0] == property {
			return c.Name
		}
	}
	return property
}
