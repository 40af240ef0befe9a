package bind

import (
	"context"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// Binder binds statements. It holds no state between them and is safe for concurrent use.
type Binder struct {
	// ListUnimplemented binds calls of functions that have no kernel instead of refusing them: types and errors can then be
	// compared for everything that the catalog lists.
	ListUnimplemented bool
}

// Env is what a statement sees of its session.
type Env struct {
	Snapshot *catalog.Snapshot
	Registry *builtin.Registry
	// SearchPath is resolved: the schemas that exist, $user replaced. pg_catalog comes first if it is not listed.
	SearchPath []string
	User       string
	Database   string
	// Values is how literals are read; nil for PostgreSQL's defaults.
	Values sqltype.Env
	// GroupByKey accepts columns that depend on a grouped primary key, as PostgreSQL does, by grouping by them too. The
	// answer is then right also where the declared key is no key.
	GroupByKey bool
	// NoParams: the statement came by the simple protocol, where $n means nothing.
	NoParams bool
}

// Kind is what a statement does.
type Kind uint8

// The kinds of a statement.
const (
	KindQuery   Kind = iota // Root gives rows
	KindUtility             // Utility says what to do
)

// OutputColumn is a column of the result.
type OutputColumn struct {
	Name     string
	ID       plan.ColID
	Type     sqltype.Type
	TableOID uint32
	Attnum   int16
}

// Bound is a bound statement.
type Bound struct {
	Kind    Kind
	Root    plan.Node
	IDs     *plan.IDs
	Output  []OutputColumn // in order; Root gives exactly these columns
	Params  []sqltype.Type // by number, from $1
	Utility any            // one of this package's statement types
	Tag     string         // the command's name, as CommandTag prints it: SELECT, SET, BEGIN …
	// Session lists what was read of the session while literals were converted ("TimeZone", "DateStyle", "now" …): the
	// bound statement is only good for sessions that agree.
	Session []string
	// Locking: the query has FOR UPDATE or FOR SHARE, which locks nothing here.
	Locking bool
}

// maxDepth bounds the recursion over a statement. The parser's own limits lie below it for honest text; Go's stacks have
// room for it.
const maxDepth = 12000

// Bind binds a statement. paramOIDs are the parameter types that the client declares; 0 or a missing one is inferred.
func (b *Binder) Bind(ctx context.Context, stmt *parser.Statement, env Env, paramOIDs []uint32) (bound *Bound, err error) {
	if err := ctx.Err(); err != nil {
		return nil, pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(err)
	}
	x := newBinder(ctx, b, stmt, env, paramOIDs)
	defer func() {
		switch f := recover().(type) {
		case nil:
		case *fault:
			bound, err = nil, f.coded(stmt)
		default:
			panic(f)
		}
	}()
	return x.statement(stmt.Node()), nil
}

// binder binds one statement.
type binder struct {
	ctx    context.Context
	opts   *Binder
	stmt   *parser.Statement
	env    Env
	values *recordingEnv
	reg    *builtin.Registry
	ids    *plan.IDs

	locs    map[plan.Expr]int      // where an expression stands in the text: PostgreSQL's exprLocation
	owner   map[plan.ColID]*scope  // which query level a column belongs to
	records map[plan.ColID][]field // fields of columns of type record
	origins map[plan.ColID]origin  // which table column a column is an unchanged copy of
	system  *systemColumns
	params  params
	merged  map[plan.ColID]plan.Expr // merged columns of joins that are computed, and from what
	setKeys map[plan.Expr]plan.Expr  // grouping keys that are sets, and the columns that hold their rows
	depth   int
	steps   int // to look at the context now and then
	// subNames gives the first column name of a bound subquery expression, which names the output column.
	subNames map[*pg_query.SubLink]string
	cteIDs   int
	locking  bool
	collated bool // there is a COLLATE clause
	// branches are the untyped columns of inputs of set operations: what is converted above them keeps an explicit collation.
	branches map[plan.ColID]bool
	// lateral counts references to columns of FROM items to the left: a look at it before and after says whether an item is
	// lateral.
	lateral int
}

func newBinder(ctx context.Context, opts *Binder, stmt *parser.Statement, env Env, paramOIDs []uint32) *binder {
	return &binder{
		ctx: ctx, opts: opts, stmt: stmt, env: env, reg: env.Registry, ids: &plan.IDs{},
		values: &recordingEnv{env: env.Values},
		locs:   map[plan.Expr]int{}, owner: map[plan.ColID]*scope{}, records: map[plan.ColID][]field{}, origins: map[plan.ColID]origin{},
		merged: map[plan.ColID]plan.Expr{}, branches: map[plan.ColID]bool{},
		system: newSystemColumns(), params: newParams(paramOIDs), subNames: map[*pg_query.SubLink]string{},
	}
}

// enter guards the recursion; the caller defers the result.
func (b *binder) enter() func() {
	b.depth++
	if b.depth > maxDepth {
		b.fail(pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("The statement is nested too deeply."), -1)
	}
	b.steps++
	if b.steps&255 == 0 && b.ctx.Err() != nil {
		b.fail(pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(b.ctx.Err()), -1)
	}
	return func() { b.depth-- }
}

// at notes where an expression stands.
func at[E plan.Expr](b *binder, e E, loc int) E {
	b.locs[e] = loc
	return e
}

// loc is where an expression stands, -1 if unknown.
func (b *binder) loc(e plan.Expr) int {
	if l, ok := b.locs[e]; ok {
		return l
	}
	return -1
}

// origin is a table's column, as RowDescription names it; the zero value is an expression.
type origin struct {
	rel    uint32
	attnum int16
}

// fresh makes a column of the query level.
func (b *binder) fresh(s *scope, name string, t sqltype.Type) plan.Column {
	id := b.ids.Next()
	if s != nil {
		b.owner[id] = s
	}
	return plan.Column{ID: id, Name: name, Type: t}
}

// relationByRowType finds the relation of a composite type, or nil.
func (b *binder) relationByRowType(oid uint32) *catalog.Relation {
	if b.env.Snapshot == nil {
		return nil
	}
	if t := b.env.Snapshot.TypeByOID(oid); t != nil && t.Kind == 'c' {
		return t.Relation
	}
	return nil
}

func stringsOf(nodes []*pg_query.Node) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.GetString_().GetSval()
	}
	return out
}
