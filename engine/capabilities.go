package engine

import (
	"maps"
	"slices"
	"sync"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// capabilities answers the pushdown and the executor for one attempt to run a statement: what profiles grant, less what was
// learned, less what this attempt leaves out.
type capabilities struct {
	services *services
	snap     *catalog.Snapshot
	without  map[string]bool   // keys of learned.go that this attempt does not use
	spell    map[string]string // spellings that this attempt tries

	broken *brokenSet
}

// brokenSet are the keys of conditions that an attempt's rows were found to break. Operators run in goroutines.
type brokenSet struct {
	mu   sync.Mutex
	keys []string
}

func newCapabilities(s *services, snap *catalog.Snapshot) *capabilities {
	return &capabilities{services: s, snap: snap, without: map[string]bool{}, spell: map[string]string{}, broken: &brokenSet{}}
}

// copy is for another attempt.
func (c *capabilities) copy() *capabilities {
	return &capabilities{services: c.services, snap: c.snap, without: maps.Clone(c.without), spell: maps.Clone(c.spell), broken: &brokenSet{}}
}

func (c *capabilities) brokenKeys() []string {
	c.broken.mu.Lock()
	defer c.broken.mu.Unlock()
	return slices.Clone(c.broken.keys)
}

// relationsBySet is the key under which a snapshot keeps its tables by service and set.
type relationsBySet struct{}

// relation finds the table of a set.
func (c *capabilities) relation(service, set string) *catalog.Relation {
	all, _ := c.snap.Derived(relationsBySet{}, func() any {
		m := map[[2]string]*catalog.Relation{}
		for _, r := range c.snap.Relations() {
			if r.UserTable() {
				m[[2]string{r.Schema.Service, r.EntitySet}] = r
			}
		}
		return m
	}).(map[[2]string]*catalog.Relation)
	return all[[2]string{service, set}]
}

// typeOf names the Edm type of a property, "" if it is not known.
func (c *capabilities) typeOf(service, set, property string) string {
	if rel := c.relation(service, set); rel != nil {
		for i := range rel.Columns {
			if query.Path(rel.Columns[i].Path).String() == property {
				return rel.Columns[i].Edm.Name
			}
		}
	}
	return ""
}

// entitySet is what the metadata says of a set, nil if it says nothing.
func (c *capabilities) entitySet(service, set string) *edm.EntitySet {
	sv := c.services.byName[service]
	if sv == nil {
		return nil
	}
	sv.mu.Lock()
	defer sv.mu.Unlock()
	if sv.model == nil {
		return nil
	}
	return sv.model.Set(set)
}

// Profile implements pushdown.Services.
func (c *capabilities) Profile(name string) *profile.Profile {
	if sv := c.services.byName[name]; sv != nil {
		return sv.opts.Profile
	}
	return nil
}

// Custom implements pushdown.Services.
func (c *capabilities) Custom(name string) []query.Option {
	if sv := c.services.byName[name]; sv != nil {
		return sv.client.Prepare(query.Query{}).Custom
	}
	return nil
}

// Root implements pushdown.Services.
func (c *capabilities) Root(name string) string {
	if sv := c.services.byName[name]; sv != nil {
		return sv.client.Root()
	}
	return ""
}

// onlySingle is why nothing but $select is asked of a singleton (OData Protocol 4.0 section 11.2).
const onlySingle = "a singleton is one entity, which is read as it is"

// Refused implements pushdown.Services.
func (c *capabilities) Refused(service, set, property string, op profile.Op) (string, bool) {
	if s := c.entitySet(service, set); s != nil && s.Singleton {
		return onlySingle, true
	}
	return c.left(conditionKey(service, set, property, op.String(), c.typeOf(service, set, property)))
}

// NoOption implements pushdown.Services.
func (c *capabilities) NoOption(service, set, option string) (string, bool) {
	if s := c.entitySet(service, set); s != nil && s.Singleton && option != "$select" {
		return onlySingle, true
	}
	return c.left(optionKey(service, set, option))
}

func (c *capabilities) left(key string) (string, bool) {
	if c.without[key] {
		return "the service has just refused it", true
	}
	return c.services.learned.why(key)
}

// Rows implements pushdown.Services.
func (c *capabilities) Rows(service, set string) float64 {
	const unknown = 10000
	sv := c.services.byName[service]
	if sv == nil {
		return unknown
	}
	sv.mu.Lock()
	defer sv.mu.Unlock()
	if n, ok := sv.rows[set]; ok {
		return n
	}
	return unknown
}

// Key implements pushdown.Services.
func (c *capabilities) Key(tableOID uint32) []query.Property {
	rel := c.snap.RelationByOID(tableOID)
	if rel == nil {
		return nil
	}
	var out []query.Property
	for _, k := range rel.Key {
		col := rel.Columns[k]
		out = append(out, query.Property{Path: col.Path, Type: col.Edm})
	}
	return out
}

// IndexedAttnums implements rules.Indexes.
func (c *capabilities) IndexedAttnums(tableOID uint32) []int16 {
	rel := c.snap.RelationByOID(tableOID)
	if rel == nil || rel.System == nil {
		return nil
	}
	var out []int16
	for _, k := range rel.System.Indexed() {
		out = append(out, rel.Columns[k].Attnum)
	}
	return out
}

// Source implements exec.Services.
func (c *capabilities) Source(name string) odata.Source {
	sv := c.services.byName[name]
	switch {
	case sv == nil:
		return nil
	case sv.opts.Source != nil:
		return countingSource{sv.opts.Source, sv}
	}
	return countingSource{sv.client, sv}
}

// Columns implements exec.Services.
func (c *capabilities) Columns(scan *plan.Scan) []odata.Column {
	rel := c.snap.RelationByOID(scan.TableOID)
	out := make([]odata.Column, len(scan.Cols))
	for i, col := range scan.Cols {
		o := odata.Column{Key: col.Claims.Key, Path: col.Property.Path, Edm: col.Property.Type, Type: col.Type, Nullable: !col.Claims.NotNull && !col.Claims.Key}
		if rel != nil {
			for _, rc := range rel.Columns {
				if rc.Attnum == col.Attnum && rc.OnError == "null" {
					o.OnError = odata.Null
				}
			}
		}
		out[i] = o
	}
	return out
}

// ShortPage implements exec.Services.
func (c *capabilities) ShortPage(name string) bool {
	p := c.Profile(name)
	return p != nil && p.ShortPage
}

// Fault implements exec.Services.
func (c *capabilities) Fault(err error) error { return Fault(err) }

// Lied implements exec.Services: the operator is not asked of that property again for a while.
func (c *capabilities) Lied(r *plan.Remote, pred plan.Expr) {
	keys := c.conditionKeys(r, pred)
	c.broken.mu.Lock()
	c.broken.keys = append(c.broken.keys, keys...)
	c.broken.mu.Unlock()
	if err := c.services.learned.learn(keys, "the service answered with rows that the condition excludes"); err != nil {
		c.services.log.Warn().Err(err).Msg("learned capabilities are not kept")
	}
}

// conditionKeys are the keys of the conditions that a pushed predicate was sent as.
func (c *capabilities) conditionKeys(r *plan.Remote, pred plan.Expr) []string {
	var keys []string
	for _, p := range r.Pushed {
		if p.Pred != pred {
			continue
		}
		for _, cond := range p.Conditions {
			typ := c.typeOf(r.Scan.Service, r.Scan.EntitySet, cond.Property)
			keys = append(keys, conditionKey(r.Scan.Service, r.Scan.EntitySet, cond.Property, cond.Op, typ))
		}
	}
	return keys
}
