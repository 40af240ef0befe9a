package bind

import (
	"context"
	"strconv"
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// utility binds a statement that is no query.
func (b *binder) utility(n *pg_query.Node) *Bound {
	out := func(tag string, stmt any) *Bound {
		return &Bound{Kind: KindUtility, Utility: stmt, Tag: tag, IDs: b.ids}
	}
	switch x := n.GetNode().(type) {
	case *pg_query.Node_VariableSetStmt:
		return b.setStmt(x.VariableSetStmt, out)
	case *pg_query.Node_VariableShowStmt:
		return out("SHOW", &ShowStmt{Name: x.VariableShowStmt.Name})
	case *pg_query.Node_DiscardStmt:
		what := map[pg_query.DiscardMode]string{
			pg_query.DiscardMode_DISCARD_PLANS: "PLANS", pg_query.DiscardMode_DISCARD_SEQUENCES: "SEQUENCES", pg_query.DiscardMode_DISCARD_TEMP: "TEMP",
		}[x.DiscardStmt.Target]
		if what == "" {
			what = "ALL"
		}
		return out("DISCARD "+what, &DiscardStmt{What: what})
	case *pg_query.Node_TransactionStmt:
		return b.transaction(x.TransactionStmt, out)
	case *pg_query.Node_PrepareStmt:
		p := &PrepareStmt{Name: x.PrepareStmt.Name, Query: b.stmt.Sub(x.PrepareStmt.Query)}
		for _, t := range x.PrepareStmt.Argtypes {
			p.ParamOIDs = append(p.ParamOIDs, b.typeNamed(t.GetTypeName()).OID)
		}
		b.writes(x.PrepareStmt.Query)
		return out("PREPARE", p)
	case *pg_query.Node_ExecuteStmt:
		return out("EXECUTE", &ExecuteStmt{Name: x.ExecuteStmt.Name, Args: len(x.ExecuteStmt.Params)})
	case *pg_query.Node_DeallocateStmt:
		tag := "DEALLOCATE"
		if x.DeallocateStmt.Name == "" {
			tag = "DEALLOCATE ALL"
		}
		return out(tag, &DeallocateStmt{Name: x.DeallocateStmt.Name})
	case *pg_query.Node_DeclareCursorStmt:
		return b.declare(x.DeclareCursorStmt)
	case *pg_query.Node_FetchStmt:
		return b.fetch(x.FetchStmt, out)
	case *pg_query.Node_ClosePortalStmt:
		tag := "CLOSE CURSOR"
		if x.ClosePortalStmt.Portalname == "" {
			tag = "CLOSE CURSOR ALL"
		}
		return out(tag, &CloseStmt{Name: x.ClosePortalStmt.Portalname})
	case *pg_query.Node_CopyStmt:
		return b.copyStmt(x.CopyStmt)
	case *pg_query.Node_ExplainStmt:
		return b.explain(x.ExplainStmt)
	case *pg_query.Node_ListenStmt:
		return out("LISTEN", &ListenStmt{Channel: x.ListenStmt.Conditionname})
	case *pg_query.Node_UnlistenStmt:
		return out("UNLISTEN", &UnlistenStmt{Channel: x.UnlistenStmt.Conditionname})
	case *pg_query.Node_NotifyStmt:
		b.unsupported(-1, "This server does not pass messages between sessions.", "NOTIFY is not supported")
	case *pg_query.Node_LockStmt:
		l := &LockStmt{}
		for _, r := range x.LockStmt.Relations {
			rv := r.GetRangeVar()
			q := quotedParts(b.stmt.Source(), int(rv.Location), rangeVarParts(rv))
			rel := b.findRelation(rv.Schemaname, rv.Relname, len(q) > 1 && q[0], q[len(q)-1])
			if rel == nil {
				b.missingRelation(rv.Schemaname, rv.Relname, -1)
			}
			l.Tables = append(l.Tables, rel.Name)
		}
		return out("LOCK TABLE", l)
	case *pg_query.Node_ConstraintsSetStmt:
		b.constraintsExist(x.ConstraintsSetStmt)
		return out("SET CONSTRAINTS", &ConstraintsStmt{})
	case *pg_query.Node_CallStmt:
		b.procedure(x.CallStmt.Funccall)
	case *pg_query.Node_LoadStmt:
		b.failf(pgerr.InsufficientPrivilege, -1, `access to library "%s" is not allowed`, x.LoadStmt.Filename)
	}
	if name := commandName(n); name != "" {
		b.readOnly(name)
	}
	const hint = "This server answers queries; it does not run this kind of statement."
	if name := idleCommand(n); name != "" {
		b.unsupported(-1, hint, "%s is not supported", name)
	}
	b.unsupported(-1, hint, "this kind of statement is not supported: %s", strings.TrimPrefix(nodeKind(n), "*pg_query.Node_"))
	return nil
}

func rangeVarParts(rv *pg_query.RangeVar) []string {
	if rv.Schemaname != "" {
		return []string{rv.Schemaname, rv.Relname}
	}
	return []string{rv.Relname}
}

// writes refuses a statement that changes data.
func (b *binder) writes(n *pg_query.Node) {
	switch n.GetNode().(type) {
	case *pg_query.Node_InsertStmt, *pg_query.Node_UpdateStmt, *pg_query.Node_DeleteStmt, *pg_query.Node_MergeStmt:
		b.readOnly(commandName(n))
	}
}

func (b *binder) setStmt(x *pg_query.VariableSetStmt, out func(string, any) *Bound) *Bound {
	switch x.Kind {
	case pg_query.VariableSetKind_VAR_RESET:
		return out("RESET", &ResetStmt{Name: x.Name})
	case pg_query.VariableSetKind_VAR_RESET_ALL:
		return out("RESET", &ResetStmt{})
	case pg_query.VariableSetKind_VAR_SET_MULTI:
		s := &SetTransactionStmt{Session: x.Name == "SESSION CHARACTERISTICS"}
		if x.Name == "TRANSACTION SNAPSHOT" {
			b.unsupported(-1, "Every statement sees the service as it is.", "SET TRANSACTION SNAPSHOT is not supported")
		}
		s.Modes = b.modes(x.Args)
		return out("SET", s)
	}
	s := &SetStmt{Name: x.Name, Local: x.IsLocal}
	switch x.Kind {
	case pg_query.VariableSetKind_VAR_SET_DEFAULT:
		s.Default = true
	case pg_query.VariableSetKind_VAR_SET_CURRENT:
		s.Current = true
	}
	for _, a := range x.Args {
		s.Values = append(s.Values, b.setValue(a))
	}
	return out("SET", s)
}

func (b *binder) setValue(n *pg_query.Node) SetValue {
	if c := n.GetAConst(); c != nil {
		switch v := c.Val.(type) {
		case *pg_query.A_Const_Sval:
			return SetValue{Text: v.Sval.Sval}
		case *pg_query.A_Const_Fval:
			return SetValue{Text: v.Fval.Fval, Number: true}
		case *pg_query.A_Const_Boolval:
			return SetValue{Text: strconv.FormatBool(v.Boolval.Boolval)}
		case *pg_query.A_Const_Ival:
			return SetValue{Text: strconv.Itoa(int(v.Ival.Ival)), Number: true}
		}
		return SetValue{Text: "0", Number: true}
	}
	if tc := n.GetTypeCast(); tc != nil {
		t := b.typeNamed(tc.TypeName)
		text := tc.Arg.GetAConst().GetSval().GetSval()
		v, err := sqltype.ParseText(t, text, b.values)
		if err != nil {
			b.failErr(err, rawLoc(tc.Arg))
		}
		return SetValue{Text: string(sqltype.AppendText(nil, t, v, nil)), Interval: true}
	}
	b.unsupported(-1, "Write the value as a literal.", "this kind of value is not supported in SET")
	return SetValue{}
}

// modes reads transaction modes.
func (b *binder) modes(nodes []*pg_query.Node) TransactionModes {
	var m TransactionModes
	truth := func(d *pg_query.DefElem) *bool {
		v := false
		c := d.Arg.GetAConst()
		switch {
		case c != nil && c.GetIval() != nil:
			v = c.GetIval().Ival != 0
		case c != nil && c.GetBoolval() != nil:
			v = c.GetBoolval().Boolval
		case d.Arg.GetInteger() != nil:
			v = d.Arg.GetInteger().Ival != 0
		case d.Arg.GetBoolean() != nil:
			v = d.Arg.GetBoolean().Boolval
		}
		return &v
	}
	for _, n := range nodes {
		d := n.GetDefElem()
		switch d.GetDefname() {
		case "transaction_isolation":
			m.Isolation = d.Arg.GetAConst().GetSval().GetSval()
			if m.Isolation == "" {
				m.Isolation = d.Arg.GetString_().GetSval()
			}
		case "transaction_read_only":
			m.ReadOnly = truth(d)
		case "transaction_deferrable":
			m.Deferrable = truth(d)
		}
	}
	return m
}

func (b *binder) transaction(x *pg_query.TransactionStmt, out func(string, any) *Bound) *Bound {
	t := &TransactionStmt{Savepoint: x.SavepointName, Chain: x.Chain}
	tag := ""
	switch x.Kind {
	case pg_query.TransactionStmtKind_TRANS_STMT_BEGIN:
		t.Kind, tag = TxBegin, "BEGIN"
	case pg_query.TransactionStmtKind_TRANS_STMT_START:
		t.Kind, tag = TxBegin, "START TRANSACTION"
	case pg_query.TransactionStmtKind_TRANS_STMT_COMMIT:
		t.Kind, tag = TxCommit, "COMMIT"
	case pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK:
		t.Kind, tag = TxRollback, "ROLLBACK"
	case pg_query.TransactionStmtKind_TRANS_STMT_SAVEPOINT:
		t.Kind, tag = TxSavepoint, "SAVEPOINT"
	case pg_query.TransactionStmtKind_TRANS_STMT_RELEASE:
		t.Kind, tag = TxRelease, "RELEASE"
	case pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO:
		t.Kind, tag = TxRollbackTo, "ROLLBACK"
	case pg_query.TransactionStmtKind_TRANS_STMT_PREPARE:
		b.fail(pgerr.New(pgerr.ObjectNotInPrerequisiteState, "prepared transactions are disabled").
			WithHint("Set max_prepared_transactions to a nonzero value."), -1)
	default:
		b.failf(pgerr.UndefinedObject, -1, `prepared transaction with identifier "%s" does not exist`, x.Gid)
	}
	t.Modes = b.modes(x.Options)
	return out(tag, t)
}

// The options of DECLARE (parsenodes.h).
const (
	cursorBinary      = 0x01
	cursorScroll      = 0x02
	cursorNoScroll    = 0x04
	cursorInsensitive = 0x08
	cursorAsensitive  = 0x10
	cursorHold        = 0x20
)

func (b *binder) declare(x *pg_query.DeclareCursorStmt) *Bound {
	o := int(x.Options)
	d := &DeclareStmt{
		Name: x.Portalname, Binary: o&cursorBinary != 0, Scroll: o&cursorScroll != 0, NoScroll: o&cursorNoScroll != 0,
		Insensitive: o&cursorInsensitive != 0, Asensitive: o&cursorAsensitive != 0, Hold: o&cursorHold != 0, Query: b.stmt.Sub(x.Query),
	}
	if d.Scroll && d.NoScroll {
		b.failf(pgerr.InvalidCursorDefinition, -1, "cannot specify both %s and %s", "SCROLL", "NO SCROLL")
	}
	if d.Asensitive && d.Insensitive {
		b.failf(pgerr.InvalidCursorDefinition, -1, "cannot specify both %s and %s", "ASENSITIVE", "INSENSITIVE")
	}
	sel := x.Query.GetSelectStmt()
	if sel == nil {
		b.writes(x.Query)
		b.failf(pgerr.InvalidCursorDefinition, -1, "DECLARE CURSOR must not contain data-modifying statements in WITH")
	}
	bound := b.queryStatement(sel)
	if b.locking && d.Hold {
		b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "DECLARE CURSOR WITH HOLD ... %s is not supported", "FOR UPDATE").WithDetail("Holdable cursors must be READ ONLY."), -1)
	}
	if b.locking && d.Scroll {
		b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "DECLARE SCROLL CURSOR ... %s is not supported", "FOR UPDATE").WithDetail("Scrollable cursors must be READ ONLY."), -1)
	}
	if b.locking && d.Insensitive {
		b.fail(pgerr.Newf(pgerr.InvalidCursorDefinition, "DECLARE INSENSITIVE CURSOR ... %s is not valid", "FOR UPDATE").WithDetail("Insensitive cursors must be READ ONLY."), -1)
	}
	bound.Kind, bound.Utility, bound.Tag = KindUtility, d, "DECLARE CURSOR"
	return bound
}

func (b *binder) fetch(x *pg_query.FetchStmt, out func(string, any) *Bound) *Bound {
	f := &FetchStmt{Name: x.Portalname, Count: x.HowMany, Move: x.Ismove}
	switch x.Direction {
	case pg_query.FetchDirection_FETCH_BACKWARD:
		f.Direction = FetchBackward
	case pg_query.FetchDirection_FETCH_ABSOLUTE:
		f.Direction = FetchAbsolute
	case pg_query.FetchDirection_FETCH_RELATIVE:
		f.Direction = FetchRelative
	}
	tag := "FETCH"
	if f.Move {
		tag = "MOVE"
	}
	return out(tag, f)
}

// BindExecute binds the arguments of an EXECUTE statement against the parameter types of the prepared statement.
func (b *Binder) BindExecute(ctx context.Context, stmt *parser.Statement, env Env, types []sqltype.Type) (args *ExecuteArgs, err error) {
	x := newBinder(ctx, b, stmt, env, nil)
	defer func() {
		switch f := recover().(type) {
		case nil:
		case *fault:
			args, err = nil, f.coded(stmt)
		default:
			panic(f)
		}
	}()
	return x.executeArgs(stmt.Node(), types), nil
}

func (b *binder) executeArgs(n *pg_query.Node, types []sqltype.Type) *ExecuteArgs {
	ex := n.GetExecuteStmt()
	if ex == nil {
		ex = n.GetExplainStmt().GetQuery().GetExecuteStmt()
	}
	if ex == nil {
		b.fail(pgerr.Internal("no EXECUTE statement"), -1)
	}
	if len(ex.Params) != len(types) {
		b.fail(pgerr.Newf(pgerr.SyntaxError, `wrong number of parameters for prepared statement "%s"`, ex.Name).
			WithDetail("Expected %d parameters but got %d.", len(types), len(ex.Params)), -1)
	}
	out := &ExecuteArgs{IDs: b.ids, Type: types}
	s := &scope{resolveUnknown: true}
	for i, p := range ex.Params {
		e := b.clause(s, p, kindExecute)
		r := b.coerceTo(e, sqltype.Of(types[i].OID), assignment, plan.FormImplicitCast, -1)
		if r == nil {
			b.fail(pgerr.Newf(pgerr.DatatypeMismatch, "parameter $%d of type %s cannot be coerced to the expected type %s", i+1, b.typeName(e.Type().OID), b.typeName(types[i].OID)).
				WithHint("You will need to rewrite or cast the expression."), b.loc(e))
		}
		out.Args = append(out.Args, r)
	}
	return out
}
