package wire_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

type memoryPrepared struct {
	statement *memoryStatement // nil: empty
	params    []sqltype.Type
	kind      backend.Kind
	columns   []backend.Column
	query     *memoryQuery
	copy      backend.CopyFormat
	tag       string
	counts    bool
	// command does the work of a command, or makes the source of rows of a utility (FETCH, EXECUTE).
	command func(p *memoryPortal) error
}

func (p *memoryPrepared) ParamOIDs() []uint32 {
	oids := make([]uint32, len(p.params))
	for i, t := range p.params {
		oids[i] = t.OID
	}
	return oids
}

func (p *memoryPrepared) Columns() []backend.Column {
	if p.kind == backend.CopyOut {
		return nil
	}
	return p.columns
}

type memoryPortal struct {
	session  *memorySession
	plan     *memoryPrepared
	params   []sqltype.Value
	formats  []int16
	implicit bool
	hold     bool // WITH HOLD, the transaction that declared it has not ended
	held     bool
	ended    bool
	done     bool
	run      *run
	source   *memoryPortal // FETCH
	want     int           // FETCH: rows still wanted, -1 for all
	fetched  int
}

func (p *memoryPortal) Kind() backend.Kind        { return p.plan.kind }
func (p *memoryPortal) Columns() []backend.Column { return p.plan.columns }
func (p *memoryPortal) Formats() []int16          { return p.formats }
func (p *memoryPortal) Copy() backend.CopyFormat  { return p.plan.copy }
func (p *memoryPortal) WantsCount() bool          { return p.plan.counts }
func (p *memoryPortal) Close() error              { p.ended = true; return nil }
func (p *memoryPortal) Ready() bool               { return p.plan.query == nil || !p.plan.query.sleeps }

func (p *memoryPortal) TagName() string {
	if p.source != nil {
		return p.plan.tag + " " + strconv.Itoa(p.fetched)
	}
	return p.plan.tag
}

func (p *memoryPortal) Next(ctx context.Context, maxRows int) (*vector.Batch, error) {
	if p.ended {
		return nil, pgerr.Internal("portal used after its end")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.plan.command != nil && (!p.done || p.plan.kind == backend.Command) {
		if p.done {
			return nil, pgerr.Newf(pgerr.ObjectNotInPrerequisiteState, `portal "%s" cannot be run`, p.name())
		}
		p.done = true
		if err := p.plan.command(p); err != nil {
			return nil, err
		}
	}
	switch {
	case p.plan.kind == backend.Command:
		return nil, nil
	case p.source != nil:
		return p.fetch(ctx, maxRows)
	}
	if p.run == nil {
		p.run = &run{q: p.plan.query, row: memoryRow{session: p.session, params: p.params}}
	}
	return p.run.batch(ctx, maxRows)
}

func (p *memoryPortal) name() string {
	for n, q := range p.session.portals {
		if q == p {
			return n
		}
	}
	return ""
}

func (p *memoryPortal) fetch(ctx context.Context, maxRows int) (*vector.Batch, error) {
	if p.want == 0 {
		return nil, nil
	}
	limit := p.want
	if limit < 0 || maxRows > 0 && maxRows < limit {
		limit = maxRows
	}
	b, err := p.source.Next(ctx, limit)
	if b != nil {
		p.fetched += b.N
		if p.want > 0 {
			p.want -= b.N
		}
	}
	return b, err
}

// analyse types a statement and makes its plan.
func (s *memorySession) analyse(st *memoryStatement, oids []uint32) (*memoryPrepared, error) {
	p := &memoryPrepared{statement: st, kind: backend.Command}
	for _, oid := range oids {
		p.params = append(p.params, sqltype.Of(oid))
	}
	if st == nil {
		p.kind = backend.Empty
		return p, nil
	}
	c := &cursor{st: st}
	err := s.analyseStatement(p, c)
	if err == nil {
		err = c.end()
	}
	if err != nil {
		return nil, inCharacters(st.source, err)
	}
	for i, t := range p.params {
		if t.OID == 0 {
			return nil, pgerr.Newf(pgerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
		}
	}
	return p, nil
}

func (s *memorySession) analyseStatement(p *memoryPrepared, c *cursor) error {
	a := &analysis{session: s, params: &p.params}
	first := c.peek()
	switch first.text {
	case "select", "values":
		q, err := a.query(c)
		if err != nil {
			return err
		}
		p.kind, p.query, p.columns, p.tag, p.counts = backend.Rows, q, q.columns, "SELECT", true
		return nil
	case "copy":
		return s.analyseCopy(a, p, c)
	case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release":
		return s.analyseTransaction(p, c)
	case "show", "set", "reset", "discard":
		return s.analyseSetting(p, c)
	}
	return s.analyseCursor(a, p, c)
}

func (s *memorySession) analyseCopy(a *analysis, p *memoryPrepared, c *cursor) error {
	c.next()
	if err := c.expect("("); err != nil {
		return err
	}
	q, err := a.query(c)
	if err != nil {
		return err
	}
	if !c.accept(")", "to", "stdout") {
		return syntaxError(c.peek())
	}
	f := backend.CopyFormat{Format: "text", Quote: '"', Escape: '"'}
	delimiter, null := "", (*string)(nil)
	c.accept("with")
	if c.accept("(") {
		for !c.accept(")") {
			c.accept(",")
			switch option, _ := c.name(); option {
			case "format":
				f.Format, _ = c.name()
			case "header":
				f.Header = true
			case "delimiter":
				delimiter = c.next().text
			case "null":
				v := c.next().text
				null = &v
			case "quote":
				f.Quote = c.next().text[0]
				f.Escape = f.Quote
			case "escape":
				f.Escape = c.next().text[0]
			case "force_quote":
				f.ForceQuote = make([]bool, len(q.columns))
				all := c.accept("*")
				for i := range f.ForceQuote {
					f.ForceQuote[i] = all
				}
				if !all && c.accept("(") {
					for !c.accept(")") {
						c.accept(",")
						name, err := c.name()
						if err != nil {
							return err
						}
						for i := range q.columns {
							f.ForceQuote[i] = f.ForceQuote[i] || q.columns[i].Name == name
						}
					}
				}
			default:
				return syntaxError(c.peek())
			}
		}
	}
	f.Delimiter, f.Null = '\t', `\N`
	if f.Format == "csv" {
		f.Delimiter, f.Null = ',', ""
	}
	if delimiter != "" {
		f.Delimiter = delimiter[0]
	}
	if null != nil {
		f.Null = *null
	}
	p.kind, p.query, p.copy, p.tag, p.counts = backend.CopyOut, q, f, "COPY", true
	p.columns = q.columns
	return nil
}

func (s *memorySession) analyseTransaction(p *memoryPrepared, c *cursor) error {
	word := c.next().text
	var name string
	var err error
	switch word {
	case "savepoint":
		name, err = c.name()
	case "release":
		c.accept("savepoint")
		name, err = c.name()
	case "start":
		err = c.expect("transaction")
	case "rollback":
		if c.accept("to") {
			word = "rollback to"
			c.accept("savepoint")
			name, err = c.name()
		}
	}
	p.tag = strings.ToUpper(word)
	switch word {
	case "start":
		p.tag = "START TRANSACTION"
	case "end":
		p.tag = "COMMIT"
	case "abort", "rollback to":
		p.tag = "ROLLBACK"
	}
	p.command = func(q *memoryPortal) error { return s.transaction(p, word, name, q.implicit) }
	return err
}

func (s *memorySession) transaction(p *memoryPrepared, word, name string, implicit bool) error {
	switch word {
	case "begin", "start":
		if s.status != backend.Idle {
			s.notices = append(s.notices, pgerr.Warning(pgerr.ActiveSQLTransaction, "there is already a transaction in progress"))
			return nil
		}
		s.begin()
		s.status, s.savepoints = backend.InBlock, nil
	case "commit", "end", "rollback", "abort":
		if s.status == backend.Idle {
			s.notices = append(s.notices, pgerr.Warning(pgerr.NoActiveSQLTransaction, "there is no transaction in progress"))
			if word == "rollback" || word == "abort" {
				s.undo()
			} else {
				s.hold()
			}
			s.closePortals(false)
			s.before = nil
			return nil
		}
		if s.status == backend.InFailed || word == "rollback" || word == "abort" {
			s.savepoints, p.tag = nil, "ROLLBACK"
			s.undo()
		} else {
			s.hold()
		}
		s.status, s.savepoints, s.before = backend.Idle, nil, nil
		s.closePortals(false)
	case "savepoint", "release", "rollback to":
		if s.status == backend.Idle {
			tag := map[string]string{"savepoint": "SAVEPOINT", "release": "RELEASE SAVEPOINT", "rollback to": "ROLLBACK TO SAVEPOINT"}[word]
			return pgerr.Newf(pgerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", tag)
		}
		if word == "savepoint" {
			s.savepoints = append(s.savepoints, savepoint{name, maps.Clone(s.settings)})
			return nil
		}
		i := slices.IndexFunc(s.savepoints, func(p savepoint) bool { return p.name == name })
		if i < 0 {
			return pgerr.Newf(pgerr.InvalidSavepointSpecification, `savepoint "%s" does not exist`, name)
		}
		if word == "release" {
			s.savepoints = s.savepoints[:i]
			return nil
		}
		s.savepoints, s.status = s.savepoints[:i+1], backend.InBlock
		s.undo()
	}
	return nil
}

func (s *memorySession) analyseSetting(p *memoryPrepared, c *cursor) error {
	word := c.next().text
	p.tag = strings.ToUpper(word)
	switch word {
	case "show":
		name, err := c.name()
		if err != nil {
			return err
		}
		canonical, _, err := s.setting(name)
		if err != nil {
			return err
		}
		p.kind, p.columns = backend.Rows, []backend.Column{{Name: canonical, Type: sqltype.Of(sqltype.OIDText)}}
		p.query = &memoryQuery{columns: p.columns, outputs: []*expr{{eval: func(*memoryRow) (sqltype.Value, error) {
			return sqltype.Text(s.settings[canonical]), nil
		}}}}
		return nil
	case "discard":
		p.tag = "DISCARD ALL"
		p.command = func(*memoryPortal) error {
			s.settings = defaultSettings(s.conn.User)
			s.statements = map[string]*memoryPrepared{}
			return nil
		}
		return c.expect("all")
	case "reset":
		name, err := c.name()
		p.command = func(*memoryPortal) error { return s.set(name, defaultSettings(s.conn.User)[name]) }
		return err
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	if !c.accept("to") {
		if err := c.expect("="); err != nil {
			return err
		}
	}
	value := c.next()
	if _, _, err := s.setting(name); err != nil {
		return err
	}
	p.command = func(*memoryPortal) error { return s.set(name, value.text) }
	return nil
}

// analyseCursor is PREPARE, EXECUTE, DEALLOCATE, DECLARE, FETCH, MOVE and CLOSE.
func (s *memorySession) analyseCursor(a *analysis, p *memoryPrepared, c *cursor) error {
	word := c.next().text
	p.tag = strings.ToUpper(word)
	switch word {
	case "prepare":
		name, err := c.name()
		if err != nil {
			return err
		}
		var oids []uint32
		for c.accept("(") || c.accept(",") {
			t, _, err := typeName(c)
			if err != nil {
				return err
			}
			oids = append(oids, t.OID)
		}
		c.accept(")")
		inner, err := s.rest(c, "as")
		if err != nil {
			return err
		}
		p.command = func(*memoryPortal) error {
			_, err := s.Prepare(context.Background(), name, inner, oids)
			return err
		}
		return nil
	case "execute":
		return s.analyseExecute(a, p, c)
	case "deallocate":
		c.accept("prepare")
		name, err := c.name()
		if name == "all" {
			p.tag = "DEALLOCATE ALL"
		}
		p.command = func(*memoryPortal) error {
			if name == "all" {
				s.statements = map[string]*memoryPrepared{}
				return nil
			}
			_, err := s.statement(name)
			delete(s.statements, name)
			return err
		}
		return err
	case "declare":
		return s.analyseDeclare(p, c)
	case "close":
		p.tag = "CLOSE CURSOR"
		name, err := c.name()
		if name == "all" {
			p.tag = "CLOSE CURSOR ALL"
		}
		p.command = func(*memoryPortal) error {
			if name == "all" {
				s.closePortals(true)
				return nil
			}
			if s.portals[name] == nil {
				return noCursor(name)
			}
			s.ClosePortal(name)
			return nil
		}
		return err
	}
	return s.analyseFetch(p, c, word)
}

func noCursor(name string) error {
	return pgerr.Newf(pgerr.InvalidCursorName, `cursor "%s" does not exist`, name)
}

// rest is the statement inside another one.
func (s *memorySession) rest(c *cursor, word string) (*memoryStatement, error) {
	if err := c.expect(word); err != nil {
		return nil, err
	}
	if c.i >= len(c.st.tokens) {
		return nil, syntaxError(c.peek())
	}
	inner := &memoryStatement{source: c.st.source, text: c.st.text, tokens: c.st.tokens[c.i:]}
	c.i = len(c.st.tokens)
	return inner, nil
}

func (s *memorySession) analyseExecute(a *analysis, p *memoryPrepared, c *cursor) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	inner := s.statements[name]
	if inner == nil {
		c.i = len(c.st.tokens)
		p.command = func(*memoryPortal) error {
			_, err := s.statement(name)
			return err
		}
		return nil
	}
	var args []*expr
	for c.accept("(") || c.accept(",") {
		e, err := a.expression(c, 1)
		if err != nil {
			return err
		}
		if len(args) < len(inner.params) {
			if e, err = a.coerce(e, inner.params[len(args)]); err != nil {
				return err
			}
		}
		args = append(args, e)
	}
	c.accept(")")
	if len(args) != len(inner.params) {
		return pgerr.Newf(pgerr.SyntaxError, `wrong number of parameters for prepared statement "%s"`, name).
			WithDetail("Expected %d parameters but got %d.", len(inner.params), len(args))
	}
	p.kind, p.columns, p.query, p.tag, p.counts = inner.kind, inner.columns, inner.query, inner.tag, inner.counts
	p.command = func(q *memoryPortal) error {
		row := memoryRow{session: s, params: q.params}
		q.params = nil
		for _, e := range args {
			v, err := e.eval(&row)
			if err != nil {
				return err
			}
			q.params = append(q.params, v)
		}
		if inner.command != nil {
			return inner.command(q)
		}
		return nil
	}
	return nil
}

func (s *memorySession) analyseDeclare(p *memoryPrepared, c *cursor) error {
	p.tag = "DECLARE CURSOR"
	name, err := c.name()
	if err != nil {
		return err
	}
	c.accept("no")
	c.accept("scroll")
	if err := c.expect("cursor"); err != nil {
		return err
	}
	hold := c.accept("with", "hold")
	inner, err := s.rest(c, "for")
	if err != nil {
		return err
	}
	plan, err := s.analyse(inner, nil)
	if err != nil {
		return err
	}
	p.command = func(q *memoryPortal) error {
		if s.status == backend.Idle && !hold && !q.implicit {
			return pgerr.New(pgerr.NoActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
		}
		if s.portals[name] != nil {
			return pgerr.Newf(pgerr.DuplicateCursor, `cursor "%s" already exists`, name)
		}
		s.portals[name] = &memoryPortal{session: s, plan: plan, hold: hold}
		return nil
	}
	return nil
}

func (s *memorySession) analyseFetch(p *memoryPrepared, c *cursor, word string) error {
	want := 1
	c.accept("forward")
	if n, ok := c.integer(); ok {
		want = int(n)
	} else if c.accept("all") {
		want = -1
	} else {
		c.accept("next")
	}
	if !c.accept("from") {
		c.accept("in")
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	source := s.portals[name]
	if source == nil {
		p.command = func(*memoryPortal) error { return noCursor(name) }
		return nil
	}
	if word == "fetch" {
		p.kind, p.columns = backend.Rows, source.plan.columns
	}
	p.command = func(q *memoryPortal) error {
		q.source, q.want = source, want
		if word == "move" {
			for {
				b, err := q.fetch(context.Background(), 0)
				if b == nil || err != nil {
					return err
				}
			}
		}
		return nil
	}
	return nil
}
