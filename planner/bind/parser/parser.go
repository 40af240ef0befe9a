package parser

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	pg_query "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// Options are the bounds of a Parser. Zero values take the defaults.
type Options struct {
	StatementBytes int64 // longest text; default 1 MiB
	CacheBytes     int64 // memory of the cache; default 64 MiB
	Workers        int   // child processes at once; default 2
}

// Parser parses SQL text. It is safe for concurrent use.
type Parser struct {
	limit int64
	pool  *pool
	cache *cache
}

// New returns a parser. It starts no process before there is something to parse.
func New(o Options) *Parser {
	if o.StatementBytes <= 0 {
		o.StatementBytes = 1 << 20
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 64 << 20
	}
	if o.Workers <= 0 {
		o.Workers = 2
	}
	return &Parser{limit: o.StatementBytes, pool: newPool(o.Workers, selfCommand), cache: newCache(o.CacheBytes)}
}

// Close ends the child processes. It is idempotent.
func (p *Parser) Close() error {
	p.pool.close()
	return nil
}

// Parse splits and parses a query string; no statement in it gives an empty slice. The memory of the tree is taken from
// budget (which may be nil); release gives it back once the caller has no more use for the statements, and is never nil. A cached tree costs
// the caller nothing.
func (p *Parser) Parse(ctx context.Context, text string, budget *vector.Budget) (stmts []*Statement, release func(), err error) {
	release = func() {}
	if stmts, ok := p.cache.get(text); ok {
		return stmts, release, nil
	}
	if err := check(text, p.limit); err != nil {
		return nil, release, err
	}
	var charged int64
	kind, body, err := p.pool.do(ctx, text, func(n int64) error {
		if err := budget.Grow(n * treeFactor); err != nil {
			return err
		}
		charged = n * treeFactor
		return nil
	})
	give := func() {
		budget.Shrink(charged)
		charged = 0
	}
	if err != nil {
		give()
		return nil, release, lost(ctx, err)
	}
	if kind == answerFault {
		var f workerFault
		if err := json.Unmarshal(body, &f); err != nil {
			return nil, release, pgerr.Internal("the parser's answer is malformed: %w", err)
		}
		return nil, release, f.coded(text)
	}
	var res pg_query.ParseResult
	if err := proto.Unmarshal(body, &res); err != nil {
		give()
		if strings.Contains(err.Error(), "recursion depth") {
			return nil, release, tooComplex().WithCause(err)
		}
		return nil, release, pgerr.Internal("the parser's answer is malformed: %w", err)
	}
	stmts = split(text, &res)
	p.cache.put(text, stmts, charged+int64(len(text))+256)
	return stmts, give, nil
}

// check refuses text that the parser must not see.
func check(text string, limit int64) error {
	if int64(len(text)) > limit {
		return pgerr.Newf(pgerr.ProgramLimitExceeded, "statement is too long: %d bytes", len(text)).
			WithDetail("The limit is %d bytes.", limit).WithHint("Raise limits.statement_bytes in the configuration, or use parameters.")
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return badByte("0x00")
	}
	if utf8.ValidString(text) {
		return nil
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n <= 1 {
			return badByte(sequence(text[i:]))
		}
		i += n
	}
	return nil
}

func badByte(seq string) error {
	return pgerr.Newf(pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": %s`, seq)
}

// sequence prints the bytes as PostgreSQL's report_invalid_encoding does: as many as the first byte announces.
func sequence(s string) string {
	n := 1
	switch c := s[0]; {
	case c&0xe0 == 0xc0:
		n = 2
	case c&0xf0 == 0xe0:
		n = 3
	case c&0xf8 == 0xf0:
		n = 4
	}
	n = min(n, len(s))
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("0x")
		b.WriteByte(digits[s[i]>>4])
		b.WriteByte(digits[s[i]&15])
	}
	return b.String()
}

func tooComplex() *pgerr.Error {
	return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
		WithHint("The statement is nested too deeply or is too long for the parser. Split it, or write long lists of conditions with IN or = ANY.")
}

// lost codes the error of an exchange that gave no answer.
func lost(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(context.Cause(ctx))
	case errors.Is(err, errWorkerLost):
		return tooComplex().WithCause(err)
	case pgerr.As(err) != nil:
		return err
	default:
		return pgerr.Internal("parsing: %w", err)
	}
}
