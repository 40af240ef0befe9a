package engine

import (
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// regKinds are the reg* types whose names stand in one catalog.
func regKinds() map[uint32]eval.ObjectKind {
	return map[uint32]eval.ObjectKind{
		sqltype.OIDRegCollation: eval.ObjCollation, sqltype.OIDRegConfig: eval.ObjTSConfig, sqltype.OIDRegDictionary: eval.ObjTSDict,
	}
}

// RegOut implements sqltype.Env (regproc.c, the output functions).
func (e *sessionEnv) RegOut(typ, oid uint32) (string, bool) {
	if oid == 0 {
		if typ == sqltype.OIDRegOper || typ == sqltype.OIDRegOperator {
			return "0", true
		}
		return "-", true
	}
	l := e.lookups()
	switch typ {
	case sqltype.OIDRegClass:
		if r := e.snap.RelationByOID(oid); r != nil {
			return e.snap.RelationName(l.path, r), true
		}
	case sqltype.OIDRegType:
		if e.snap.TypeExists(oid) {
			return e.snap.FormatType(l.path, oid, -1), true
		}
	case sqltype.OIDRegNamespace:
		if s := e.snap.SchemaByOID(oid); s != nil {
			return catalog.QuoteIdent(s.Name), true
		}
	case sqltype.OIDRegRole:
		if r := e.snap.RoleByOID(oid); r != nil {
			return catalog.QuoteIdent(r.Name), true
		}
	case sqltype.OIDRegProc, sqltype.OIDRegProcedure:
		if f := e.s.e.registry.FunctionByOID(oid); f != nil {
			return e.functionName(l, f, typ == sqltype.OIDRegProcedure), true
		}
	case sqltype.OIDRegOper, sqltype.OIDRegOperator:
		if o := e.s.e.registry.OperatorByOID(oid); o != nil {
			return e.operatorName(l, o, typ == sqltype.OIDRegOperator), true
		}
	default:
		if kind, ok := regKinds()[typ]; ok {
			if schema, name, ok := l.Name(kind, oid); ok {
				return l.qualified(schema, name, true), true
			}
		}
	}
	return "", false
}

func (e *sessionEnv) functionName(l *lookups, f *builtin.Function, withArgs bool) string {
	schema := ""
	if s := e.snap.SchemaByOID(f.Namespace); s != nil {
		schema = s.Name
	}
	if withArgs {
		return l.qualified(schema, f.Name, true) + "(" + l.argTypes(f.Args) + ")"
	}
	// A bare name must find this function alone.
	return l.qualified(schema, f.Name, len(e.s.e.registry.FunctionsNamed(f.Name)) == 1)
}

func (e *sessionEnv) operatorName(l *lookups, o *builtin.Operator, withArgs bool) string {
	if !withArgs {
		if len(e.s.e.registry.Operators(o.Name)) == 1 {
			return o.Name
		}
		return "pg_catalog." + o.Name
	}
	left := "NONE"
	if o.Left != 0 {
		left = e.snap.FormatType(l.path, o.Left, -1)
	}
	return o.Name + "(" + left + "," + e.snap.FormatType(l.path, o.Right, -1) + ")"
}

// RegIn implements sqltype.Env (regproc.c, the input functions).
func (e *sessionEnv) RegIn(typ uint32, name string) (uint32, error) {
	if name == "-" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(name, 10, 32); err == nil && name[0] >= '0' && name[0] <= '9' {
		return uint32(n), nil
	}
	l := e.lookups()
	switch typ {
	case sqltype.OIDRegClass:
		r, err := e.snap.RelationFromText(l.path, name)
		if err != nil {
			return 0, err
		}
		return r.OID, nil
	case sqltype.OIDRegType:
		return e.snap.TypeFromText(l.path, name)
	case sqltype.OIDRegNamespace:
		s, err := e.snap.SchemaFromText(name)
		if err != nil {
			return 0, err
		}
		return s.OID, nil
	case sqltype.OIDRegRole:
		r, err := e.snap.RoleFromText(name)
		if err != nil {
			return 0, err
		}
		return r.OID, nil
	case sqltype.OIDRegProc:
		return e.functionNamed(l, name)
	case sqltype.OIDRegProcedure:
		return e.procedureNamed(l, name)
	case sqltype.OIDRegOper:
		return e.operatorNamed(name)
	case sqltype.OIDRegOperator:
		return e.operatorWithArgs(l, name)
	}
	kind, ok := regKinds()[typ]
	if !ok {
		return 0, pgerr.Internal("type %d is no reg type", typ)
	}
	parts, err := catalog.SplitQualified(name)
	if err != nil {
		return 0, err
	}
	if err := e.schemaOf(parts); err != nil {
		return 0, err
	}
	last := parts[len(parts)-1].Name
	if oid, ok := l.OID(kind, last); ok {
		return oid, nil
	}
	what := map[eval.ObjectKind]string{eval.ObjCollation: "collation", eval.ObjTSConfig: "text search configuration", eval.ObjTSDict: "text search dictionary"}[kind]
	if kind == eval.ObjCollation {
		return 0, pgerr.Newf(pgerr.UndefinedObject, "collation %q for encoding \"UTF8\" does not exist", joinNames(parts))
	}
	return 0, pgerr.Newf(pgerr.UndefinedObject, "%s %q does not exist", what, joinNames(parts))
}

// joinNames is NameListToString.
func joinNames(parts []catalog.Ident) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.Name
	}
	return strings.Join(names, ".")
}

// schemaOf fails if the schema that a qualified name names does not exist (DeconstructQualifiedName, LookupExplicitNamespace).
func (e *sessionEnv) schemaOf(parts []catalog.Ident) error {
	switch n := len(parts); {
	case n > 3:
		return pgerr.Newf(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", joinNames(parts))
	case n == 3 && parts[0].Name != e.snap.Database:
		return pgerr.Newf(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", joinNames(parts))
	case n > 1 && e.snap.Schema(parts[n-2].Name) == nil:
		return pgerr.Newf(pgerr.InvalidSchemaName, "schema %q does not exist", parts[n-2].Name)
	}
	return nil
}

// functions finds the functions of a possibly qualified name.
func (e *sessionEnv) functions(l *lookups, text string) ([]*builtin.Function, error) {
	parts, err := catalog.SplitQualified(text)
	if err != nil {
		return nil, err
	}
	if err := e.schemaOf(parts); err != nil {
		return nil, err
	}
	name := parts[len(parts)-1].Name
	if len(parts) > 1 {
		return e.s.e.registry.Functions(parts[len(parts)-2].Name, name), nil
	}
	var out []*builtin.Function
	for _, schema := range l.path {
		out = append(out, e.s.e.registry.Functions(schema, name)...)
	}
	return out, nil
}

func (e *sessionEnv) functionNamed(l *lookups, text string) (uint32, error) {
	fns, err := e.functions(l, text)
	switch {
	case err != nil:
		return 0, err
	case len(fns) == 0:
		return 0, pgerr.Newf(pgerr.UndefinedFunction, "function %q does not exist", text)
	case len(fns) > 1:
		return 0, pgerr.Newf(pgerr.AmbiguousFunction, "more than one function named %q", text)
	}
	return fns[0].OID, nil
}

// arguments reads name(type, type).
func (e *sessionEnv) arguments(l *lookups, text string) (name string, args []uint32, err error) {
	name, list, ok := strings.Cut(text, "(")
	if !ok {
		return "", nil, pgerr.New(pgerr.InvalidTextRepresentation, "expected a left parenthesis")
	}
	list = strings.TrimSpace(list)
	if !strings.HasSuffix(list, ")") {
		return "", nil, pgerr.New(pgerr.InvalidTextRepresentation, "expected a right parenthesis")
	}
	list = strings.TrimSpace(list[:len(list)-1])
	if list == "" {
		return name, nil, nil
	}
	for _, a := range splitTopLevel(list) {
		if strings.EqualFold(strings.TrimSpace(a), "none") {
			args = append(args, 0)
			continue
		}
		oid, err := e.snap.TypeFromText(l.path, strings.TrimSpace(a))
		if err != nil {
			return "", nil, err
		}
		args = append(args, oid)
	}
	return name, args, nil
}

// splitTopLevel splits at commas outside of parentheses and quotes.
func splitTopLevel(s string) []string {
	var out []string
	depth, quoted, start := 0, false, 0
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 && !quoted {
				out = append(out, s[start:i])
				start = i + 1
			}
		}
	}
	return append(out, s[start:])
}

func (e *sessionEnv) procedureNamed(l *lookups, text string) (uint32, error) {
	name, args, err := e.arguments(l, text)
	if err != nil {
		return 0, err
	}
	fns, err := e.functions(l, name)
	if err != nil {
		return 0, err
	}
	for _, f := range fns {
		if equalOIDs(f.Args, args) {
			return f.OID, nil
		}
	}
	return 0, pgerr.Newf(pgerr.UndefinedFunction, "function %q does not exist", text)
}

func equalOIDs(a, b []uint32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// operators finds the operators of a possibly qualified name.
func (e *sessionEnv) operators(text string) ([]*builtin.Operator, error) {
	parts, err := catalog.SplitQualified(text)
	if err != nil {
		return nil, err
	}
	if err := e.schemaOf(parts); err != nil {
		return nil, err
	}
	if n := len(parts); n > 1 && parts[n-2].Name != "pg_catalog" {
		return nil, nil
	}
	return e.s.e.registry.Operators(parts[len(parts)-1].Name), nil
}

func (e *sessionEnv) operatorNamed(text string) (uint32, error) {
	ops, err := e.operators(text)
	switch {
	case err != nil:
		return 0, err
	case len(ops) == 0:
		return 0, pgerr.Newf(pgerr.UndefinedFunction, "operator does not exist: %s", text)
	case len(ops) == 1:
		return ops[0].OID, nil
	}
	return 0, pgerr.Newf(pgerr.AmbiguousFunction, "more than one operator named %s", text)
}

func (e *sessionEnv) operatorWithArgs(l *lookups, text string) (uint32, error) {
	name, args, err := e.arguments(l, text)
	if err != nil {
		return 0, err
	}
	if len(args) != 2 {
		if len(args) == 1 {
			return 0, pgerr.New(pgerr.UndefinedParameter, "missing argument").WithHint("Use NONE to denote the missing argument of a unary operator.")
		}
		return 0, pgerr.New(pgerr.TooManyArguments, "too many arguments").WithHint("Provide two argument types for operator.")
	}
	ops, err := e.operators(name)
	if err != nil {
		return 0, err
	}
	for _, o := range ops {
		if o.Left == args[0] && o.Right == args[1] {
			return o.OID, nil
		}
	}
	return 0, pgerr.Newf(pgerr.UndefinedFunction, "operator does not exist: %s", text)
}
