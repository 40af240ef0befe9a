package bind

import (
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// systemColumns are the system columns of tables: kept beside a scan until the end, then those that nobody named are dropped.
type systemColumns struct {
	all     map[plan.ColID]bool // used?
	origin  map[plan.ColID]plan.ColID
	present bool
	names   map[string]bool // those that occur in the statement at all; nil: not yet known
}

func newSystemColumns() *systemColumns {
	return &systemColumns{all: map[plan.ColID]bool{}, origin: map[plan.ColID]plan.ColID{}}
}

// possible says whether the statement can name a system column: the name, or an identifier with escapes, stands in its text.
// Nearly no statement does, and making and dropping six columns for every table is not free.
func (c *systemColumns) possible(source, name string) bool {
	if c.names == nil {
		c.names = map[string]bool{}
		lower := strings.ToLower(source)
		for _, n := range []string{"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"} {
			c.names[n] = strings.Contains(lower, n) || strings.Contains(lower, `u&"`)
		}
	}
	return c.names[name]
}

// use marks a column and what it is renamed from.
func (c *systemColumns) use(id plan.ColID) {
	for {
		if _, ok := c.all[id]; !ok {
			return
		}
		c.all[id] = true
		next, ok := c.origin[id]
		if !ok {
			return
		}
		id = next
	}
}

// rename notes a fresh id of a system column above an outer join.
func (c *systemColumns) rename(fresh, old plan.ColID) {
	if _, ok := c.all[old]; ok {
		c.all[fresh] = false
		c.origin[fresh] = old
	}
}

// withSystemColumns adds tableoid, xmin and their kin: the row's version is not known here, so they are constants.
func (b *binder) withSystemColumns(s *scope, rel *catalog.Relation, it *nsItem, node plan.Node) plan.Node {
	type sys struct {
		name   string
		attnum int16
		typ    uint32
		value  sqltype.Value
	}
	ctid, err := sqltype.ParseText(sqltype.Of(sqltype.OIDTID), "(0,0)", nil)
	if err != nil {
		b.failErr(err, -1)
	}
	list := []sys{
		{"ctid", -1, sqltype.OIDTID, ctid},
		{"xmin", -2, sqltype.OIDXID, sqltype.Int(0)},
		{"cmin", -3, sqltype.OIDCID, sqltype.Int(0)},
		{"xmax", -4, sqltype.OIDXID, sqltype.Int(0)},
		{"cmax", -5, sqltype.OIDCID, sqltype.Int(0)},
		{"tableoid", -6, sqltype.OIDOID, sqltype.Int(int64(rel.OID))},
	}
	p := &plan.Project{Input: node}
	for _, c := range node.Columns() {
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name, Qualifier: it.name}})
	}
	before := len(p.Exprs)
	for _, y := range list {
		if !b.system.possible(b.stmt.Source(), y.name) {
			continue
		}
		c := b.fresh(s, y.name, sqltype.Of(y.typ))
		b.setOrigin(&c, origin{rel.OID, y.attnum})
		b.system.all[c.ID] = false
		b.system.present = true
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: &plan.Const{T: c.Type, Value: y.value}})
		it.cols = append(it.cols, &nsCol{
			name: y.name, id: c.ID, typ: c.Type, rel: rel.OID, attnum: y.attnum, hidden: true, noPlace: y.name == "ctid" && rel.UserTable(),
		})
	}
	if len(p.Exprs) == before {
		return node
	}
	return p
}

// dropSystemColumns removes the system columns that nobody named.
func (b *binder) dropSystemColumns(root plan.Node) plan.Node {
	if !b.system.present {
		return root
	}
	unused := func(id plan.ColID) bool {
		used, ok := b.system.all[id]
		return ok && !used
	}
	keep := func(rs []plan.Rename) []plan.Rename {
		var out []plan.Rename
		for _, r := range rs {
			if !unused(r.Out.ID) {
				out = append(out, r)
			}
		}
		return out
	}
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		switch x := n.(type) {
		case *plan.Project:
			var exprs []plan.Named
			dropped, kept := false, false
			for _, e := range x.Exprs {
				if unused(e.Column.ID) {
					dropped = true
					continue
				}
				if _, sys := b.system.all[e.Column.ID]; sys {
					kept = true
				}
				exprs = append(exprs, e)
			}
			if !dropped {
				return n
			}
			if !kept && len(exprs) == len(x.Input.Columns()) && isLeaf(x.Input) {
				return x.Input
			}
			return &plan.Project{Input: x.Input, Exprs: exprs}
		case *plan.Join:
			c := *x
			c.LeftOut, c.RightOut = keep(x.LeftOut), keep(x.RightOut)
			return &c
		case *plan.Apply:
			c := *x
			c.RightOut = keep(x.RightOut)
			return &c
		}
		return n
	})
}

func isLeaf(n plan.Node) bool {
	switch n.(type) {
	case *plan.Scan, *plan.SystemScan:
		return true
	}
	return false
}
