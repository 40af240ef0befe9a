package system

import (
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// specificName is a name that is unique in spite of overloading (nameconcatoid).
func specificName(f *builtin.Function) string {
	suffix := "_" + utoa(f.OID)
	name := f.Name
	if len(name)+len(suffix) > catalog.MaxName {
		name = name[:catalog.MaxName-len(suffix)]
	}
	return name + suffix
}

// routines yields the functions that the user may call.
func routines(c *call, yield func(*builtin.Function) error) error {
	execute := tests(catalog.PrivExecute)
	return each(builtin.Load().AllFunctions(), func(f *builtin.Function) error {
		acl := FunctionACL(f.OID)
		if acl != nil && !c.snap.HasByACL(c.role, catalog.RoleBootstrap, acl, catalog.PrivExecute, catalog.PrivExecute, execute) {
			return nil
		}
		return yield(f)
	})
}

func securityDefiner(f *builtin.Function) bool {
	d := dumpOf("pg_proc")
	row := d.first("oid", utoa(f.OID))
	return row != nil && d.bool(row, "prosecdef")
}

func infoRoutines() objects[*builtin.Function] {
	type fn = *builtin.Function
	name := func(_ *call, f fn) sqltype.Value { return text(f.Name) }
	schema := func(_ *call, f fn) sqltype.Value { return text(schemaName(f.Namespace)) }
	// result computes a column about the result, which procedures do not have.
	result := func(get func(c *call, f fn) sqltype.Value) func(*call, fn) sqltype.Value {
		return func(c *call, f fn) sqltype.Value {
			if f.Kind == 'p' {
				return null()
			}
			return get(c, f)
		}
	}
	facts := func(c *call, f fn) typeFacts { return factsOf(c, sqltype.Of(f.Result), 0) }
	return objects[fn]{
		all: routines,
		by: map[string]func(*call, sqltype.Value, func(fn) error) error{
			"routine_name": func(c *call, v sqltype.Value, yield func(fn) error) error {
				return routines(c, func(f fn) error {
					if f.Name != v.S {
						return nil
					}
					return yield(f)
				})
			},
		},
		cols: columnsOf[fn]{
			"specific_catalog": inDatabase[fn],
			"specific_schema":  schema,
			"specific_name":    func(_ *call, f fn) sqltype.Value { return text(specificName(f)) },
			"routine_catalog":  inDatabase[fn],
			"routine_schema":   schema,
			"routine_name":     name,
			"routine_type": func(_ *call, f fn) sqltype.Value {
				switch f.Kind {
				case 'f':
					return text("FUNCTION")
				case 'p':
					return text("PROCEDURE")
				}
				return null()
			},
			"data_type":        result(func(c *call, f fn) sqltype.Value { return text(facts(c, f).dataType) }),
			"type_udt_catalog": result(inDatabase[fn]),
			"type_udt_schema":  result(func(c *call, f fn) sqltype.Value { return text(facts(c, f).schema) }),
			"type_udt_name":    result(func(c *call, f fn) sqltype.Value { return text(facts(c, f).name) }),
			"dtd_identifier":   result(fixed[fn](text("0"))),
			"routine_body": func(_ *call, f fn) sqltype.Value {
				if f.Language == "sql" {
					return text("SQL")
				}
				return text("EXTERNAL")
			},
			"routine_definition": func(c *call, f fn) sqltype.Value {
				if !owns(c) {
					return null()
				}
				return text(f.Source)
			},
			"external_name": func(_ *call, f fn) sqltype.Value {
				if f.Language != "c" {
					return null()
				}
				return text(f.Source)
			},
			"external_language":       func(_ *call, f fn) sqltype.Value { return text(strings.ToUpper(f.Language)) },
			"parameter_style":         fixed[fn](text("GENERAL")),
			"is_deterministic":        func(_ *call, f fn) sqltype.Value { return yesNo(f.Volatile == 'i') },
			"sql_data_access":         fixed[fn](text("MODIFIES")),
			"is_null_call":            result(func(_ *call, f fn) sqltype.Value { return yesNo(f.Strict) }),
			"schema_level_routine":    fixed[fn](text("YES")),
			"max_dynamic_result_sets": fixed[fn](number(0)),
			"security_type": func(_ *call, f fn) sqltype.Value {
				if securityDefiner(f) {
					return text("DEFINER")
				}
				return text("INVOKER")
			},
			"as_locator":       fixed[fn](text("NO")),
			"is_udt_dependent": fixed[fn](text("NO")),
		},
	}
}

// parameter is a parameter of a function; pos counts from 0.
type parameter struct {
	fn  *builtin.Function
	pos int
}

func (p parameter) types() []uint32 {
	if p.fn.AllArgs != nil {
		return p.fn.AllArgs
	}
	return p.fn.Args
}

func (p parameter) typ() uint32 { return p.types()[p.pos] }

func (p parameter) facts(c *call) typeFacts {
	t := p.typ()
	f := factsOf(c, sqltype.Of(t), 0)
	// Parameters are described without modifier and collation; a domain stands for itself.
	if n := c.snap.TypeByOID(t); n != nil && n.Kind == 'd' {
		f.schema, f.name = n.Schema, n.Name
	}
	f.exact, f.collation = sqltype.Type{}, 0
	return f
}

func parameters(c *call, yield func(parameter) error) error {
	return routines(c, func(f *builtin.Function) error {
		for i := range (parameter{fn: f}).types() {
			if err := yield(parameter{f, i}); err != nil {
				return err
			}
		}
		return nil
	})
}

func infoParameters() objects[parameter] {
	return objects[parameter]{
		all: parameters,
		cols: typeColumns(columnsOf[parameter]{
			"specific_catalog": inDatabase[parameter],
			"specific_schema":  func(_ *call, p parameter) sqltype.Value { return text(schemaName(p.fn.Namespace)) },
			"specific_name":    func(_ *call, p parameter) sqltype.Value { return text(specificName(p.fn)) },
			"ordinal_position": func(_ *call, p parameter) sqltype.Value { return number(p.pos + 1) },
			"parameter_mode": func(_ *call, p parameter) sqltype.Value {
				if p.fn.ArgModes == "" {
					return text("IN")
				}
				switch p.fn.ArgModes[p.pos] {
				case 'o', 't':
					return text("OUT")
				case 'b':
					return text("INOUT")
				}
				return text("IN")
			},
			"is_result":  fixed[parameter](text("NO")),
			"as_locator": fixed[parameter](text("NO")),
			"parameter_name": func(_ *call, p parameter) sqltype.Value {
				if p.pos >= len(p.fn.ArgNames) {
					return null()
				}
				return textOrNull(p.fn.ArgNames[p.pos])
			},
			"dtd_identifier": func(_ *call, p parameter) sqltype.Value { return text(utoa(uint32(p.pos + 1))) },
			// Defaults belong to the last of the arguments that a caller gives.
			"parameter_default": func(c *call, p parameter) sqltype.Value {
				if !owns(c) {
					return null()
				}
				return textOrNull(defaultOf(p))
			},
		}),
	}
}

func defaultOf(p parameter) string {
	input := -1
	for i := 0; i <= p.pos; i++ {
		if p.fn.ArgModes == "" || strings.IndexByte("ibv", p.fn.ArgModes[i]) >= 0 {
			input++
		} else if i == p.pos {
			return ""
		}
	}
	at := input - (len(p.fn.Args) - len(p.fn.Defaults))
	if at < 0 || at >= len(p.fn.Defaults) {
		return ""
	}
	return p.fn.Defaults[at]
}

// routineUse says that the body of a function calls another.
type routineUse struct{ fn, used *builtin.Function }

func infoRoutineRoutineUsage() objects[routineUse] {
	return objects[routineUse]{
		all: func(c *call, yield func(routineUse) error) error {
			if !owns(c) {
				return nil
			}
			d := dumpOf("pg_depend")
			for _, at := range d.find("classid", utoa(classProc)) {
				row := d.rows[at]
				u := routineUse{
					fn: builtin.Load().FunctionByOID(d.oid(row, "objid")), used: builtin.Load().FunctionByOID(d.oid(row, "refobjid")),
				}
				if d.oid(row, "refclassid") != classProc || u.fn == nil || u.used == nil {
					continue
				}
				if err := yield(u); err != nil {
					return err
				}
			}
			return nil
		},
		cols: columnsOf[routineUse]{
			"specific_catalog": inDatabase[routineUse],
			"specific_schema":  func(_ *call, u routineUse) sqltype.Value { return text(schemaName(u.fn.Namespace)) },
			"specific_name":    func(_ *call, u routineUse) sqltype.Value { return text(specificName(u.fn)) },
			"routine_catalog":  inDatabase[routineUse],
			"routine_schema":   func(_ *call, u routineUse) sqltype.Value { return text(schemaName(u.used.Namespace)) },
			"routine_name":     func(_ *call, u routineUse) sqltype.Value { return text(specificName(u.used)) },
		},
	}
}
