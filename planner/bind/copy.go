package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// copyStmt binds COPY … TO STDOUT (DoCopy and ProcessCopyOptions).
func (b *binder) copyStmt(x *pg_query.CopyStmt) *Bound {
	if x.IsFrom {
		b.readOnly("COPY FROM")
	}
	if x.IsProgram {
		b.fail(pgerr.New(pgerr.InsufficientPrivilege, "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an external program").
			WithHint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."), -1)
	}
	if x.Filename != "" {
		b.fail(pgerr.New(pgerr.InsufficientPrivilege, "must be superuser or have privileges of the pg_write_server_files role to COPY to a file").
			WithHint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."), -1)
	}
	sel := x.Query.GetSelectStmt()
	switch {
	case x.Relation != nil:
		sel = b.copyTable(x)
	case sel == nil:
		b.writes(x.Query)
		b.unsupported(-1, "Use a SELECT.", "COPY of this kind of statement is not supported")
	}
	if sel.IntoClause != nil {
		b.failf(pgerr.FeatureNotSupported, -1, "COPY (SELECT INTO) is not supported")
	}
	c, force := b.copyOptions(x)
	bound := b.queryStatement(sel)
	if len(bound.Params) > 0 {
		b.failf(pgerr.UndefinedParameter, -1, "there is no parameter $1")
	}
	b.forceQuote(c, force, bound)
	bound.Kind, bound.Utility, bound.Tag = KindUtility, c, "COPY"
	return bound
}

// copyTable makes the query of COPY table TO.
func (b *binder) copyTable(x *pg_query.CopyStmt) *pg_query.SelectStmt {
	rv := x.Relation
	q := quotedParts(b.stmt.Source(), int(rv.Location), rangeVarParts(rv))
	rel := b.findRelation(rv.Schemaname, rv.Relname, len(q) > 1 && q[0], q[len(q)-1])
	if rel == nil {
		b.missingRelation(rv.Schemaname, rv.Relname, -1)
	}
	if rel.Kind == catalog.RelView {
		b.fail(pgerr.Newf(pgerr.WrongObjectType, `cannot copy from view "%s"`, rel.Name).WithHint("Try the COPY (SELECT ...) TO variant."), -1)
	}
	sel := &pg_query.SelectStmt{
		Op: pg_query.SetOperation_SETOP_NONE, LimitOption: pg_query.LimitOption_LIMIT_OPTION_DEFAULT,
		FromClause: []*pg_query.Node{{Node: &pg_query.Node_RangeVar{RangeVar: rv}}},
	}
	column := func(field *pg_query.Node) {
		sel.TargetList = append(sel.TargetList, pg_query.MakeResTargetNodeWithVal(pg_query.MakeColumnRefNode([]*pg_query.Node{field}, -1), -1))
	}
	if len(x.Attlist) == 0 {
		column(pg_query.MakeAStarNode())
		return sel
	}
	seen := map[string]bool{}
	for _, name := range stringsOf(x.Attlist) {
		found := ""
		for _, anyCase := range []bool{false, true} {
			for _, c := range rel.Columns {
				if found == "" && !c.Hidden && c.Attnum > 0 && matches(c.Name, c.Folded, name, anyCase) {
					found = c.Name
				}
			}
		}
		if found == "" {
			b.failf(pgerr.UndefinedColumn, -1, `column "%s" of relation "%s" does not exist`, name, rel.Name)
		}
		if seen[found] {
			b.failf(pgerr.DuplicateColumn, -1, `column "%s" specified more than once`, name)
		}
		seen[found] = true
		column(pg_query.MakeStrNode(found))
	}
	return sel
}

// copyOptions reads the options; force is the columns of FORCE_QUOTE, "*" for all.
func (b *binder) copyOptions(x *pg_query.CopyStmt) (*CopyStmt, []string) {
	c := &CopyStmt{Format: "text"}
	var force []string
	seen := map[string]bool{}
	given := map[string]bool{}
	for _, n := range x.Options {
		d := n.GetDefElem()
		loc := int(d.Location)
		if seen[d.Defname] {
			b.failf(pgerr.SyntaxError, loc, "conflicting or redundant options")
		}
		seen[d.Defname] = true
		given[d.Defname] = true
		switch d.Defname {
		case "format":
			c.Format = optionText(d)
			switch c.Format {
			case "text", "csv", "binary":
			default:
				b.failf(pgerr.InvalidParameterValue, loc, `COPY format "%s" not recognized`, c.Format)
			}
		case "freeze":
			if b.optionBool(d) {
				b.failf(pgerr.SyntaxError, -1, "COPY freeze only available using COPY FROM")
			}
		case "header":
			if strings.EqualFold(optionText(d), "match") {
				b.failf(pgerr.FeatureNotSupported, -1, `cannot use "%s" with HEADER in COPY TO`, "match")
			}
			c.Header = b.optionBool(d)
		case "delimiter":
			c.Delimiter = optionText(d)
		case "null":
			c.Null = optionText(d)
		case "quote":
			c.Quote = optionText(d)
		case "escape":
			c.Escape = optionText(d)
		case "encoding":
			if enc := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(optionText(d))); enc != "utf8" && enc != "unicode" {
				b.unsupported(loc, "Use UTF8.", "COPY encoding %s is not supported", optionText(d))
			}
		case "force_quote":
			if d.Arg.GetAStar() != nil {
				force = []string{"*"}
			} else {
				force = stringsOf(d.Arg.GetList().GetItems())
			}
		case "force_not_null":
			b.failf(pgerr.FeatureNotSupported, -1, "COPY force not null only available using COPY FROM")
		case "force_null":
			b.failf(pgerr.FeatureNotSupported, -1, "COPY force null only available using COPY FROM")
		default:
			b.failf(pgerr.SyntaxError, loc, `option "%s" not recognized`, d.Defname)
		}
	}
	b.copyDefaults(c, given, force)
	return c, force
}

// copyDefaults checks the options against each other and fills in what is not given.
func (b *binder) copyDefaults(c *CopyStmt, given map[string]bool, force []string) {
	if c.Format == "binary" {
		if given["delimiter"] {
			b.failf(pgerr.SyntaxError, -1, "cannot specify DELIMITER in BINARY mode")
		}
		if given["null"] {
			b.failf(pgerr.SyntaxError, -1, "cannot specify NULL in BINARY mode")
		}
	}
	csv := c.Format == "csv"
	if !given["delimiter"] {
		c.Delimiter = "\t"
		if csv {
			c.Delimiter = ","
		}
	}
	if !given["null"] && !csv {
		c.Null = `\N`
	}
	if csv {
		if !given["quote"] {
			c.Quote = `"`
		}
		if !given["escape"] {
			c.Escape = c.Quote
		}
	}
	bad := func(code pgerr.Code, format string, args ...any) { b.failf(code, -1, format, args...) }
	switch {
	case len(c.Delimiter) != 1:
		bad(pgerr.FeatureNotSupported, "COPY delimiter must be a single one-byte character")
	case strings.ContainsAny(c.Delimiter, "\r\n"):
		bad(pgerr.InvalidParameterValue, "COPY delimiter cannot be newline or carriage return")
	case strings.ContainsAny(c.Null, "\r\n"):
		bad(pgerr.InvalidParameterValue, "COPY null representation cannot use newline or carriage return")
	case !csv && strings.ContainsAny(c.Delimiter, "\\.abcdefghijklmnopqrstuvwxyz0123456789"):
		bad(pgerr.InvalidParameterValue, `COPY delimiter cannot be "%s"`, c.Delimiter)
	case c.Format == "binary" && c.Header:
		bad(pgerr.FeatureNotSupported, "cannot specify HEADER in BINARY mode")
	case !csv && given["quote"]:
		bad(pgerr.FeatureNotSupported, "COPY quote available only in CSV mode")
	case csv && len(c.Quote) != 1:
		bad(pgerr.FeatureNotSupported, "COPY quote must be a single one-byte character")
	case csv && c.Delimiter == c.Quote:
		bad(pgerr.InvalidParameterValue, "COPY delimiter and quote must be different")
	case !csv && given["escape"]:
		bad(pgerr.FeatureNotSupported, "COPY escape available only in CSV mode")
	case csv && len(c.Escape) != 1:
		bad(pgerr.FeatureNotSupported, "COPY escape must be a single one-byte character")
	case !csv && force != nil:
		bad(pgerr.FeatureNotSupported, "COPY force quote available only in CSV mode")
	case strings.Contains(c.Null, c.Delimiter):
		bad(pgerr.FeatureNotSupported, "COPY delimiter must not appear in the NULL specification")
	case csv && strings.Contains(c.Null, c.Quote):
		bad(pgerr.FeatureNotSupported, "CSV quote character must not appear in the NULL specification")
	}
}

func (b *binder) forceQuote(c *CopyStmt, force []string, bound *Bound) {
	if force == nil {
		return
	}
	c.ForceQuote = make([]bool, len(bound.Output))
	for _, f := range force {
		found := f == "*"
		for i, o := range bound.Output {
			if f == "*" || o.Name == f || o.TableOID != 0 && strings.EqualFold(o.Name, f) {
				c.ForceQuote[i] = true
				found = true
			}
		}
		if !found {
			b.failf(pgerr.UndefinedColumn, -1, `column "%s" does not exist`, f)
		}
	}
}
