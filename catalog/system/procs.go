package system

import (
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// Names of functions, operators, collations and text search objects to OIDs and back, for the reg* types. Package catalog
// does the same for relations, types, schemas and roles.

// splitObject reads a qualified name and gives the schemas to look in.
func splitObject(s *catalog.Snapshot, path catalog.Path, text string) (catalog.Path, string, error) {
	parts, err := catalog.SplitQualified(text)
	if err != nil {
		return nil, "", err
	}
	name := parts[len(parts)-1].Name
	switch len(parts) {
	case 1:
		return path, name, nil
	case 3:
		if parts[0].Name != s.Database {
			return nil, "", pgerr.Newf(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", text)
		}
	case 2:
	default:
		return nil, "", pgerr.Newf(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", text)
	}
	schema := parts[len(parts)-2].Name
	if s.Schema(schema) == nil {
		return nil, "", pgerr.Newf(pgerr.InvalidSchemaName, "schema %q does not exist", schema)
	}
	return catalog.Path{schema}, name, nil
}

func functionsIn(path catalog.Path, name string) []*builtin.Function {
	var found []*builtin.Function
	for _, f := range builtin.Load().FunctionsNamed(name) {
		if onPath(path, schemaName(f.Namespace)) {
			found = append(found, f)
		}
	}
	return found
}

func onPath(path catalog.Path, schema string) bool {
	for _, p := range path {
		if p == schema {
			return true
		}
	}
	return false
}

// ProcFromText is regproc input: the name must be that of one function only.
func ProcFromText(s *catalog.Snapshot, path catalog.Path, text string) (uint32, error) {
	in, name, err := splitObject(s, path, text)
	if err != nil {
		return 0, err
	}
	switch found := functionsIn(in, name); len(found) {
	case 0:
		return 0, pgerr.Newf(pgerr.UndefinedFunction, "function %q does not exist", text)
	case 1:
		return found[0].OID, nil
	}
	return 0, pgerr.Newf(pgerr.AmbiguousFunction, "more than one function named %q", text)
}

// ProcName prints a function as regproc does: qualified where its bare name would not find it, or not it alone.
func ProcName(path catalog.Path, oid uint32) (string, bool) {
	f := builtin.Load().FunctionByOID(oid)
	if f == nil {
		return "", false
	}
	if len(functionsIn(path, f.Name)) == 1 && onPath(path, schemaName(f.Namespace)) {
		return catalog.QuoteIdent(f.Name), true
	}
	return catalog.QuoteQualified(schemaName(f.Namespace), f.Name), true
}

// ProcedureFromText is regprocedure input: a name with its argument types in parentheses.
func ProcedureFromText(s *catalog.Snapshot, path catalog.Path, text string) (uint32, error) {
	name, args, err := splitSignature(text)
	if err != nil {
		return 0, err
	}
	in, fn, err := splitObject(s, path, name)
	if err != nil {
		return 0, err
	}
	types, err := typeList(s, path, args)
	if err != nil {
		return 0, err
	}
	for _, f := range functionsIn(in, fn) {
		if sameOIDs(f.Args, types) {
			return f.OID, nil
		}
	}
	return 0, pgerr.Newf(pgerr.UndefinedFunction, "function %q does not exist", text)
}

// splitSignature takes name(types) apart (parseNameAndArgTypes).
func splitSignature(text string) (name, args string, err error) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '(' && !quoted:
			args, ok := strings.CutSuffix(strings.TrimRight(text[i+1:], " \t\n\r"), ")")
			if !ok {
				return "", "", pgerr.New(pgerr.InvalidTextRepresentation, "expected a right parenthesis")
			}
			return text[:i], args, nil
		}
	}
	return "", "", pgerr.New(pgerr.InvalidTextRepresentation, "expected a left parenthesis")
}

// typeList reads type names separated by commas that stand outside quotes, parentheses and brackets.
func typeList(s *catalog.Snapshot, path catalog.Path, args string) ([]uint32, error) {
	if strings.TrimSpace(args) == "" {
		return nil, nil
	}
	var types []uint32
	start, depth, quoted := 0, 0, false
	for i := 0; i <= len(args); i++ {
		if i < len(args) {
			switch c := args[i]; {
			case c == '"':
				quoted = !quoted
			case !quoted && (c == '(' || c == '['):
				depth++
			case !quoted && (c == ')' || c == ']'):
				depth--
			}
			if quoted || depth > 0 || args[i] != ',' {
				continue
			}
		}
		t, err := s.TypeFromText(path, strings.TrimSpace(args[start:i]))
		if err != nil {
			return nil, err
		}
		types = append(types, t)
		start = i + 1
	}
	return types, nil
}

func sameOIDs(a, b []uint32) bool {
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

// ProcedureName prints a function with its argument types as regprocedure does.
func ProcedureName(s *catalog.Snapshot, path catalog.Path, oid uint32) (string, bool) {
	f := builtin.Load().FunctionByOID(oid)
	if f == nil {
		return "", false
	}
	name := catalog.QuoteIdent(f.Name)
	if !FunctionVisible(path, oid) {
		name = catalog.QuoteQualified(schemaName(f.Namespace), f.Name)
	}
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = s.FormatType(path, a, -1)
	}
	return name + "(" + strings.Join(args, ",") + ")", true
}

// FunctionVisible is pg_function_is_visible.
func FunctionVisible(path catalog.Path, oid uint32) bool {
	f := builtin.Load().FunctionByOID(oid)
	if f == nil {
		return false
	}
	for _, p := range path {
		for _, x := range functionsIn(catalog.Path{p}, f.Name) {
			if sameOIDs(x.Args, f.Args) {
				return x == f
			}
		}
	}
	return false
}

// OperatorFromText is regoper input: the name must be that of one operator only.
func OperatorFromText(text string) (uint32, error) {
	ops := builtin.Load().Operators(operatorName(text))
	switch len(ops) {
	case 0:
		return 0, pgerr.Newf(pgerr.UndefinedFunction, "operator does not exist: %s", text)
	case 1:
		return ops[0].OID, nil
	}
	return 0, pgerr.Newf(pgerr.AmbiguousFunction, "more than one operator named %s", text)
}

func operatorName(text string) string {
	name := strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(name, "pg_catalog."); ok {
		return rest
	}
	return name
}

// OperatorName prints an operator as regoper does.
func OperatorName(path catalog.Path, oid uint32) (string, bool) {
	op := builtin.Load().OperatorByOID(oid)
	if op == nil {
		return "", false
	}
	if onPath(path, "pg_catalog") && len(builtin.Load().Operators(op.Name)) == 1 {
		return op.Name, true
	}
	return "pg_catalog." + op.Name, true
}

// OperatorSignatureFromText is regoperator input: a name with both argument types, NONE for a missing one.
func OperatorSignatureFromText(s *catalog.Snapshot, path catalog.Path, text string) (uint32, error) {
	name, args, err := splitSignature(text)
	if err != nil {
		return 0, err
	}
	left, right, two := strings.Cut(args, ",")
	if !two {
		return 0, pgerr.New(pgerr.UndefinedParameter, "missing argument").
			WithHint("Use NONE to denote the missing argument of a unary operator.")
	}
	operand := func(t string) (uint32, error) {
		if strings.EqualFold(strings.TrimSpace(t), "none") {
			return 0, nil
		}
		return s.TypeFromText(path, strings.TrimSpace(t))
	}
	l, err := operand(left)
	if err != nil {
		return 0, err
	}
	r, err := operand(right)
	if err != nil {
		return 0, err
	}
	if op := builtin.Load().OperatorOf(operatorName(name), l, r); op != nil {
		return op.OID, nil
	}
	return 0, pgerr.Newf(pgerr.UndefinedFunction, "operator does not exist: %s", text)
}

// OperatorSignature prints an operator with its argument types as regoperator does.
func OperatorSignature(s *catalog.Snapshot, path catalog.Path, oid uint32) (string, bool) {
	op := builtin.Load().OperatorByOID(oid)
	if op == nil {
		return "", false
	}
	name := op.Name
	if !onPath(path, "pg_catalog") {
		name = "pg_catalog." + name
	}
	left := "NONE"
	if op.Left != 0 {
		left = s.FormatType(path, op.Left, -1)
	}
	return name + "(" + left + "," + s.FormatType(path, op.Right, -1) + ")", true
}

// namedObject describes a dumped catalog whose objects have a reg* type: regcollation, regconfig, regdictionary.
type namedObject struct{ dump, name, namespace, kind string }

// The catalogs behind reg* types that have no rules of their own.
func collationObjects() namedObject {
	return namedObject{"pg_collation", "collname", "collnamespace", `collation %q for encoding "UTF8" does not exist`}
}

func configObjects() namedObject {
	return namedObject{"pg_ts_config", "cfgname", "cfgnamespace", "text search configuration %q does not exist"}
}

func dictionaryObjects() namedObject {
	return namedObject{"pg_ts_dict", "dictname", "dictnamespace", "text search dictionary %q does not exist"}
}

func (o namedObject) fromText(s *catalog.Snapshot, path catalog.Path, text string) (uint32, error) {
	in, name, err := splitObject(s, path, text)
	if err != nil {
		return 0, err
	}
	d := dumpOf(o.dump)
	for _, at := range d.find(o.name, name) {
		if onPath(in, schemaName(d.oid(d.rows[at], o.namespace))) {
			return d.oid(d.rows[at], "oid"), nil
		}
	}
	return 0, pgerr.Newf(pgerr.UndefinedObject, o.kind, text)
}

func (o namedObject) text(path catalog.Path, oid uint32) (string, bool) {
	d := dumpOf(o.dump)
	row := d.first("oid", utoa(oid))
	if row == nil {
		return "", false
	}
	schema := schemaName(d.oid(row, o.namespace))
	if onPath(path, schema) {
		return catalog.QuoteIdent(d.text(row, o.name)), true
	}
	return catalog.QuoteQualified(schema, d.text(row, o.name)), true
}
