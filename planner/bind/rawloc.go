package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"
)

// rawLoc is exprLocation of a raw parse tree: its leftmost known place; -1 where there is none.
func rawLoc(n *pg_query.Node) int {
	switch x := n.GetNode().(type) {
	case *pg_query.Node_ColumnRef:
		return int(x.ColumnRef.Location)
	case *pg_query.Node_AConst:
		return int(x.AConst.Location)
	case *pg_query.Node_ParamRef:
		return int(x.ParamRef.Location)
	case *pg_query.Node_FuncCall:
		loc := int(x.FuncCall.Location)
		for _, a := range x.FuncCall.Args {
			loc = leftmost(loc, rawLoc(a))
		}
		return loc
	case *pg_query.Node_AExpr:
		return leftmost(int(x.AExpr.Location), rawLoc(x.AExpr.Lexpr))
	case *pg_query.Node_BoolExpr:
		loc := int(x.BoolExpr.Location)
		for _, a := range x.BoolExpr.Args {
			loc = leftmost(loc, rawLoc(a))
		}
		return loc
	case *pg_query.Node_TypeCast:
		return leftmost(leftmost(int(x.TypeCast.Location), int(x.TypeCast.TypeName.GetLocation())), rawLoc(x.TypeCast.Arg))
	case *pg_query.Node_CaseExpr:
		return int(x.CaseExpr.Location)
	case *pg_query.Node_CoalesceExpr:
		return int(x.CoalesceExpr.Location)
	case *pg_query.Node_MinMaxExpr:
		return int(x.MinMaxExpr.Location)
	case *pg_query.Node_NullTest:
		return leftmost(int(x.NullTest.Location), boundLoc(x.NullTest.Arg))
	case *pg_query.Node_BooleanTest:
		return leftmost(int(x.BooleanTest.Location), boundLoc(x.BooleanTest.Arg))
	case *pg_query.Node_SubLink:
		return leftmost(int(x.SubLink.Location), rawLoc(x.SubLink.Testexpr))
	case *pg_query.Node_AArrayExpr:
		return int(x.AArrayExpr.Location)
	case *pg_query.Node_RowExpr:
		return int(x.RowExpr.Location)
	case *pg_query.Node_CollateClause:
		return leftmost(int(x.CollateClause.Location), rawLoc(x.CollateClause.Arg))
	case *pg_query.Node_SqlvalueFunction:
		return int(x.SqlvalueFunction.Location)
	case *pg_query.Node_GroupingFunc:
		return int(x.GroupingFunc.Location)
	case *pg_query.Node_NamedArgExpr:
		return leftmost(int(x.NamedArgExpr.Location), rawLoc(x.NamedArgExpr.Arg))
	case *pg_query.Node_ResTarget:
		return leftmost(int(x.ResTarget.Location), rawLoc(x.ResTarget.Val))
	case *pg_query.Node_List:
		for _, i := range x.List.Items {
			if l := rawLoc(i); l >= 0 {
				return l
			}
		}
	}
	return -1
}

// boundLoc is rawLoc of an argument that PostgreSQL replaces by what it is bound to before anyone asks for the place: a
// typed literal then stands where the literal does.
func boundLoc(n *pg_query.Node) int {
	if c := n.GetTypeCast().GetArg().GetAConst(); c != nil {
		return int(c.Location)
	}
	return rawLoc(n)
}

// selectLoc is where a SELECT's first output stands.
func (b *binder) selectLoc(sel *pg_query.SelectStmt) int {
	for sel != nil && sel.Larg != nil {
		sel = sel.Larg
	}
	if sel == nil {
		return -1
	}
	if len(sel.TargetList) > 0 {
		return rawLoc(sel.TargetList[0].GetResTarget().GetVal())
	}
	if len(sel.ValuesLists) > 0 {
		return rawLoc(sel.ValuesLists[0])
	}
	return -1
}
