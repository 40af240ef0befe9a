package bind

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// exprKind says which clause an expression stands in: PostgreSQL's ParseExprKind.
type exprKind uint8

const (
	kindNone exprKind = iota
	kindOther
	kindJoinOn
	kindJoinUsing
	kindFromSubselect
	kindFromFunction
	kindWhere
	kindHaving
	kindFilter
	kindWindowPartition
	kindWindowOrder
	kindFrameRange
	kindFrameRows
	kindFrameGroups
	kindSelectTarget
	kindGroupBy
	kindOrderBy
	kindDistinctOn
	kindLimit
	kindOffset
	kindValues
	kindExecute
	kindPolicy
)

// names of the clauses in messages (ParseExprKindName).
func (k exprKind) String() string {
	switch k {
	case kindJoinOn:
		return "JOIN/ON"
	case kindJoinUsing:
		return "JOIN/USING"
	case kindFromSubselect:
		return "sub-SELECT in FROM"
	case kindFromFunction:
		return "function in FROM"
	case kindWhere:
		return "WHERE"
	case kindHaving:
		return "HAVING"
	case kindFilter:
		return "FILTER"
	case kindWindowPartition:
		return "window PARTITION BY"
	case kindWindowOrder:
		return "window ORDER BY"
	case kindFrameRange:
		return "window RANGE"
	case kindFrameRows:
		return "window ROWS"
	case kindFrameGroups:
		return "window GROUPS"
	case kindSelectTarget:
		return "SELECT"
	case kindGroupBy:
		return "GROUP BY"
	case kindOrderBy:
		return "ORDER BY"
	case kindDistinctOn:
		return "DISTINCT ON"
	case kindLimit:
		return "LIMIT"
	case kindOffset:
		return "OFFSET"
	case kindValues:
		return "VALUES"
	case kindExecute:
		return "EXECUTE"
	default:
		return "expression"
	}
}

// scope is one query level: PostgreSQL's ParseState.
type scope struct {
	parent *scope
	kind   exprKind

	items  []*nsItem // what names may refer to now (p_namespace)
	rtable []*nsItem // every FROM item so far, joins excepted, for hints (p_rtable)
	joins  []*nsItem // joins that have a name

	ctes   []*cte // WITH of this level, those that are visible so far
	future []*cte // those of the same WITH that come later and are not visible

	// resolveUnknown: an output that is still an untyped literal becomes text. Not so in the inputs of a set operation.
	resolveUnknown bool

	aggs     []*aggCall
	grouping []*groupingCall
	windows  []*windowCall
	// aggIDs holds the columns of aggs and grouping, winIDs those of windows; aggHash finds an aggregate that is like another.
	aggIDs  plan.Set
	winIDs  map[plan.ColID]*windowCall
	aggHash map[uint64][]*aggCall
	winDefs []*windowDef
	hasSets bool // a set-returning function in the target list or ORDER BY
	lastSet int  // how many set-returning calls were seen: to say that an argument holds one

	// recursiveTerm is the CTE whose recursive term this level is (or is part of), for the check of aggregates.
	recursiveTerm *cte
}

// nsCol is a column that a FROM item offers.
type nsCol struct {
	name   string
	folded bool
	id     plan.ColID
	typ    sqltype.Type
	rel    uint32
	attnum int16
	hidden bool // can be named, is not part of *
	// noPlace marks the ctid of a table whose rows lie nowhere: rows would be told apart by what is equal for all.
	noPlace bool
}

// nsItem is a FROM item as names see it (ParseNamespaceItem).
type nsItem struct {
	name   string // alias or relation name; "" for an unnamed join
	folded bool   // the name comes from a service's metadata
	aliasd bool
	rel    *catalog.Relation
	cte    *cte
	cols   []*nsCol
	join   bool

	relVisible, colsVisible bool
	lateralOnly, lateralOK  bool

	rowType uint32 // of a whole-row reference
	// scalar: a function in FROM that gives one value; a whole-row reference is that value.
	scalar bool
	// extended: on the nullable side of an outer join.
	extended bool
	// unlockable says what FOR UPDATE cannot be applied to; "" for tables and subqueries.
	unlockable string
	// joined: an input of an explicit join, whose system columns must be qualified.
	joined bool
}

func (it *nsItem) visibleCols() []*nsCol {
	out := make([]*nsCol, 0, len(it.cols))
	for _, c := range it.cols {
		if !c.hidden {
			out = append(out, c)
		}
	}
	return out
}

// child is a query level inside this one.
func (s *scope) child() *scope { return &scope{parent: s, resolveUnknown: true} }

// depthFrom counts the levels from s up to o.
func (s *scope) depthFrom(o *scope) int {
	n := 0
	for x := s; x != nil; x = x.parent {
		if x == o {
			return n
		}
		n++
	}
	return -1
}
