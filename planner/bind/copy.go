package bind

import (
	"slices"
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
		b.copyWrites(x.Query)
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

// copyWrites refuses COPY of a statement that changes data: without RETURNING it has nothing to copy.
func (b *binder) copyWrites(n *pg_query.Node) {
	var returning []*pg_query.Node
	switch x := n.GetNode().(type) {
	case *pg_query.Node_InsertStmt:
		returning = x.InsertStmt.ReturningList
	case *pg_query.Node_UpdateStmt:
		returning = x.UpdateStmt.ReturningList
	case *pg_query.Node_DeleteStmt:
		returning = x.DeleteStmt.ReturningList
	default:
		return
	}
	if len(returning) == 0 {
		b.failf(pgerr.FeatureNotSupported, -1, "COPY query must have a RETURNING clause")
	}
	b.writes(n)
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
			c.Format = b.requiredText(d)
			switch c.Format {
			case "text", "csv", "binary":
			default:
				b.failf(pgerr.InvalidParameterValue, loc, `COPY format "%s" not recognized`, c.Format)
			}
		case "freeze":
			b.optionBool(d) // it means something to COPY FROM alone, and PostgreSQL 15 lets it pass
		case "header":
			if c := d.Arg.GetInteger(); c != nil && c.Ival != 0 && c.Ival != 1 || !headerWord(d) {
				b.failf(pgerr.SyntaxError, -1, `header requires a Boolean value or "match"`)
			}
			if strings.EqualFold(optionText(d), "match") {
				b.failf(pgerr.FeatureNotSupported, -1, `cannot use "%s" with HEADER in COPY TO`, "match")
			}
			c.Header = b.optionBool(d)
		case "delimiter":
			c.Delimiter = b.requiredText(d)
		case "null":
			c.Null = b.requiredText(d)
		case "quote":
			c.Quote = b.requiredText(d)
		case "escape":
			c.Escape = b.requiredText(d)
		case "encoding":
			switch enc := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(b.requiredText(d))); {
			case enc == "utf8" || enc == "unicode":
			case !encodingName(enc):
				b.failf(pgerr.InvalidParameterValue, loc, `argument to option "%s" must be a valid encoding name`, d.Defname)
			default:
				b.unsupported(loc, "Use UTF8.", "COPY encoding %s is not supported", optionText(d))
			}
		case "force_quote":
			if d.Arg.GetAStar() != nil {
				force = []string{"*"}
			} else {
				force = b.columnList(d)
			}
		case "force_not_null", "force_null":
			b.columnList(d)
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
	case !csv && given["force_not_null"]:
		bad(pgerr.FeatureNotSupported, "COPY force not null available only in CSV mode")
	case given["force_not_null"]:
		bad(pgerr.FeatureNotSupported, "COPY force not null only available using COPY FROM")
	case !csv && given["force_null"]:
		bad(pgerr.FeatureNotSupported, "COPY force null available only in CSV mode")
	case given["force_null"]:
		bad(pgerr.FeatureNotSupported, "COPY force null only available using COPY FROM")
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
	for n, f := range force {
		if slices.Contains(force[:n], f) {
			b.failf(pgerr.DuplicateColumn, -1, `column "%s" specified more than once`, f)
		}
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

// requiredText is an option's value where there must be one (defGetString).
func (b *binder) requiredText(d *pg_query.DefElem) string {
	if d.Arg.GetNode() == nil {
		b.failf(pgerr.SyntaxError, -1, "%s requires a parameter", d.Defname)
	}
	return optionText(d)
}

func (b *binder) columnList(d *pg_query.DefElem) []string {
	if d.Arg.GetList() == nil {
		b.failf(pgerr.InvalidParameterValue, int(d.Location), `argument to option "%s" must be a list of column names`, d.Defname)
	}
	return stringsOf(d.Arg.GetList().GetItems())
}

// headerWord says whether a word is one that HEADER knows; numbers are looked at elsewhere.
func headerWord(d *pg_query.DefElem) bool {
	if d.Arg.GetNode() == nil || d.Arg.GetInteger() != nil || d.Arg.GetBoolean() != nil {
		return true
	}
	switch strings.ToLower(optionText(d)) {
	case "true", "false", "on", "off", "match":
		return true
	}
	return false
}

// encodingName says whether PostgreSQL knows an encoding by the name, which is in lower case without punctuation (pg_encname_tbl).
func encodingName(name string) bool {
	return slices.Contains(strings.Fields(`abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88591 iso885910 iso885913 iso885914 iso885915 iso885916
		iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599 johab koi8 koi8r koi8u latin1 latin10 latin2 latin3 latin4 latin5 latin6
		latin7 latin8 latin9 mskanji muleinternal shiftjis shiftjis2004 sjis sqlascii tcvn tcvn5712 uhc unicode utf8 vscii win win1250 win1251 win1252
		win1253 win1254 win1255 win1256 win1257 win1258 win866 win874 win932 win936 win949 win950 windows1250 windows1251 windows1252 windows1253
		windows1254 windows1255 windows1256 windows1257 windows1258 windows866 windows874 windows932 windows936 windows949 windows950`), name)
}
