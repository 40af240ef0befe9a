package builtin

import (
	"strconv"
	"sync"
)

// Registry holds all entries and the look-ups over them. It is immutable.
type Registry struct {
	functions  []*Function
	byName     map[string][]*Function
	byOID      map[uint32]*Function
	operators  []*Operator
	opsByName  map[string][]*Operator
	opsByOID   map[uint32]*Operator
	casts      map[[2]uint32]*Cast
	castsTo    map[uint32][]*Cast
	castsFrom  map[uint32][]*Cast
	aggregates map[uint32]*Aggregate
}

var load = sync.OnceValue(build)

// Load returns the registry, parsing the dumps on the first call.
func Load() *Registry { return load() }

// The OIDs of the two schemas that hold built-in functions. PgCatalog is fixed; the other is found by name, because initdb
// hands it out.
const (
	PgCatalog         uint32 = 11
	InformationSchema        = "information_schema"
)

func build() *Registry {
	r := &Registry{
		byName:     map[string][]*Function{},
		byOID:      map[uint32]*Function{},
		opsByName:  map[string][]*Operator{},
		opsByOID:   map[uint32]*Operator{},
		casts:      map[[2]uint32]*Cast{},
		castsTo:    map[uint32][]*Cast{},
		castsFrom:  map[uint32][]*Cast{},
		aggregates: map[uint32]*Aggregate{},
	}
	r.loadFunctions()
	r.loadOperators()
	readTable("pg_cast", func(t *reader) {
		c := &Cast{
			OID: t.oid("oid"), Source: t.oid("castsource"), Target: t.oid("casttarget"), Function: t.oid("castfunc"),
			Context: t.char("castcontext"), Method: t.char("castmethod"),
		}
		r.casts[[2]uint32{c.Source, c.Target}] = c
		r.castsTo[c.Target] = append(r.castsTo[c.Target], c)
		r.castsFrom[c.Source] = append(r.castsFrom[c.Source], c)
	})
	readTable("pg_aggregate", func(t *reader) {
		a := &Aggregate{
			Function: t.oid("aggfnoid"), Kind: t.char("aggkind"), DirectArgs: t.int("aggnumdirectargs"),
			SortOp: t.oid("aggsortop"), HasInitial: !t.field("agginitval").Null,
		}
		r.aggregates[a.Function] = a
	})
	return r
}

func (r *Registry) loadFunctions() {
	languages := map[uint32]string{}
	readTable("pg_language", func(t *reader) { languages[t.oid("oid")] = t.text("lanname") })
	defaults := map[uint32][]string{}
	readTable("function_defaults", func(t *reader) {
		oid := t.oid("oid")
		defaults[oid] = append(defaults[oid], t.text("expression"))
	})
	kernels := kernelSets()
	readTable("pg_proc", func(t *reader) {
		f := &Function{
			OID: t.oid("oid"), Name: t.text("proname"), Namespace: t.oid("pronamespace"), Kind: t.char("prokind"),
			Args: t.oids("proargtypes"), AllArgs: t.oids("proallargtypes"), ArgNames: t.words("proargnames"),
			Variadic: t.oid("provariadic"), Result: t.oid("prorettype"), RetSet: t.bool("proretset"),
			Strict: t.bool("proisstrict"), Volatile: t.char("provolatile"), Language: languages[t.oid("prolang")],
			Source: t.text("prosrc"),
		}
		for _, m := range t.words("proargmodes") {
			f.ArgModes += m
		}
		f.Defaults = defaults[f.OID]
		if name := f.KernelName(); kernels[f.KernelKindOf()][name] {
			f.Kernel = name
		}
		r.functions = append(r.functions, f)
		r.byName[f.Name] = append(r.byName[f.Name], f)
		r.byOID[f.OID] = f
	})
}

func (r *Registry) loadOperators() {
	readTable("pg_operator", func(t *reader) {
		o := &Operator{
			OID: t.oid("oid"), Name: t.text("oprname"), Kind: t.char("oprkind"), Left: t.oid("oprleft"), Right: t.oid("oprright"),
			Result: t.oid("oprresult"), Function: t.oid("oprcode"), Commutator: t.oid("oprcom"), Negator: t.oid("oprnegate"),
			CanMerge: t.bool("oprcanmerge"), CanHash: t.bool("oprcanhash"),
		}
		r.operators = append(r.operators, o)
		r.opsByName[o.Name] = append(r.opsByName[o.Name], o)
		r.opsByOID[o.OID] = o
	})
}

// Functions returns the functions of a name in pg_catalog or information_schema, in the order of OIDs.
func (r *Registry) Functions(schema, name string) []*Function {
	all := r.byName[name]
	var out []*Function
	for _, f := range all {
		if (schema == "pg_catalog" && f.Namespace == PgCatalog) || (schema == InformationSchema && f.Namespace != PgCatalog) {
			out = append(out, f)
		}
	}
	return out
}

// FunctionsNamed returns the functions of a name in either schema.
func (r *Registry) FunctionsNamed(name string) []*Function { return r.byName[name] }

// FunctionByOID returns a function or nil.
func (r *Registry) FunctionByOID(oid uint32) *Function { return r.byOID[oid] }

// AllFunctions returns every function in the order of OIDs.
func (r *Registry) AllFunctions() []*Function { return r.functions }

// Operators returns the operators of a name in the order of OIDs.
func (r *Registry) Operators(name string) []*Operator { return r.opsByName[name] }

// OperatorByOID returns an operator or nil.
func (r *Registry) OperatorByOID(oid uint32) *Operator { return r.opsByOID[oid] }

// OperatorOf returns the operator of a name over exactly these types (left 0 for a prefix operator), or nil.
func (r *Registry) OperatorOf(name string, left, right uint32) *Operator {
	for _, o := range r.opsByName[name] {
		if o.Left == left && o.Right == right {
			return o
		}
	}
	return nil
}

// AllOperators returns every operator in the order of OIDs.
func (r *Registry) AllOperators() []*Operator { return r.operators }

// Cast returns the entry of pg_cast between two types.
func (r *Registry) Cast(src, dst uint32) (*Cast, bool) {
	c, ok := r.casts[[2]uint32{src, dst}]
	return c, ok
}

// CastsTo returns the casts to a type, CastsFrom those from it.
func (r *Registry) CastsTo(dst uint32) []*Cast { return r.castsTo[dst] }

// CastsFrom returns the casts from a type.
func (r *Registry) CastsFrom(src uint32) []*Cast { return r.castsFrom[src] }

// Aggregate returns what pg_aggregate says of a function, or nil.
func (r *Registry) Aggregate(oid uint32) *Aggregate { return r.aggregates[oid] }

// FunctionBodies returns the text of SQL-standard function bodies (pg_get_function_sqlbody) by function.
func FunctionBodies() map[uint32]string {
	out := map[uint32]string{}
	readTable("function_bodies", func(t *reader) { out[t.oid("oid")] = t.text("body") })
	return out
}

// Signature prints name(type OIDs) for messages about the registry itself.
func (f *Function) Signature() string {
	s := f.Name + "("
	for i, a := range f.Args {
		if i > 0 {
			s += ","
		}
		s += strconv.FormatUint(uint64(a), 10)
	}
	return s + ")"
}
