package parser_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

// chain is a production that can be repeated: head, n times the part, tail, and for nesting ones n times the closing.
type chain struct{ name, head, part, middle, close, tail string }

func chains() []chain {
	return []chain{
		{"plus-minus", "select 1", "+-", "1", "", ""},
		{"unary minus", "select ", "- ", "1", "", ""},
		{"plus", "select 1", "+1", "", "", ""},
		{"concat", "select a", "||a", "", "", ""},
		{"operator", "select a", " operator(pg_catalog.+) a", "", "", ""},
		{"prefix operator", "select ", "@ ", "1", "", ""},
		{"not", "select ", "not ", "true", "", ""},
		{"cast", "select 1", "::int", "", "", ""},
		{"isnull", "select 1", " isnull", "", "", ""},
		{"is null", "select 1", " is null", "", "", ""},
		{"is not distinct", "select 1", " is distinct from 1", "", "", ""},
		{"is true", "select true", " is true", "", "", ""},
		{"in", "select 1", " in(1)", "", "", ""},
		{"like", "select 1", " like 1", "", "", ""},
		{"between", "select 1", " between 1 and 1", "", "", ""},
		{"collate", "select 'a'", " collate \"C\"", "", "", ""},
		{"at time zone", "select a", " at time zone 'UTC'", "", "", ""},
		{"and", "select true", " and true", "", "", ""},
		{"or", "select true", " or true", "", "", ""},
		{"equals", "select 1", "=1", "", "", ""},
		{"any", "select 1", "=any(a)", "", "", ""},
		{"parentheses", "select ", "(", "1", ")", ""},
		{"function", "select ", "f(", "1", ")", ""},
		{"array", "select ", "array[", "1", "]", ""},
		{"nested array", "select array", "[", "1", "]", ""},
		{"row", "select ", "row(", "1", ")", ""},
		{"case", "select ", "case when ", "true", " then 1 end", ""},
		{"case else", "select ", "case when a then b else ", "true", " end", ""},
		{"subscript", "select a", "[1]", "", "", ""},
		{"field", "select (a)", ".b", "", "", ""},
		{"nested subscript", "select ", "a[", "1", "]", ""},
		{"subquery", "", "select (", "select 1", ")", ""},
		{"from subquery", "", "select * from (", "select 1", ") a", ""},
		{"exists", "", "select exists(", "select 1", ")", ""},
		{"with", "", "with a as (", "select 1", ") select 1", ""},
		{"with list", "with a as (select 1)", ", a as (select 1)", "", "", " select 1"},
		{"union", "select 1", " union select 1", "", "", ""},
		{"union all", "select 1", " union all select 1", "", "", ""},
		{"intersect", "select 1", " intersect select 1", "", "", ""},
		{"except", "select 1", " except select 1", "", "", ""},
		{"join", "select * from a", " cross join a", "", "", ""},
		{"join on", "select * from a", " join a on b and c", "", "", ""},
		{"nested join", "select * from ", "a join ", "a", " on b", ""},
		{"join parentheses", "select * from ", "(a join ", "a", " on b)", ""},
		{"from list", "select * from a", ",a", "", "", ""},
		{"target list", "select 1", ",1", "", "", ""},
		{"in list", "select 1 in (1", ",1", "", "", ")"},
		{"values", "values (1)", ",(1)", "", "", ""},
		{"group", "select 1 group by 1", ",1", "", "", ""},
		{"grouping sets", "select 1 group by ", "grouping sets (", "1", ")", ""},
		{"order", "select 1 order by 1", ",1", "", "", ""},
		{"window list", "select 1 window w as ()", ",w as ()", "", "", ""},
		{"statements", "select 1", ";select 1", "", "", ""},
		{"empty statements", "", ";", "", "", ""},
		{"explain", "", "explain ", "select 1", "", ""},
		{"prepare", "", "prepare a as ", "select 1", "", ""},
		{"dots", "select a", ".a", "", "", ""},
		{"strings", "select 'a'", "\n'a'", "", "", ""},
		{"comment nest", "select 1 ", "/*", "", "*/", ""},
		{"quotes", "select \"", "\"\"", "a", "", "\""},
		{"type brackets", "select a::int", "[]", "", "", ""},
		{"params", "select $1", ",$1", "", "", ""},
		{"qualified star", "select a.*", ",a.*", "", "", ""},
		{"named arguments", "select f(a=>1", ",a=>1", "", "", ")"},
		{"filter", "select ", "f() filter (where ", "true", ")", ""},
		{"over", "select ", "f() over (order by ", "1", ")", ""},
		{"overlaps", "select (1,1)", " overlaps (1,1)", "", "", ""},
		{"similar", "select a", " similar to a", "", "", ""},
		{"semicolons in create", "create schema a", " create table a(b int)", "", "", ""},
		{"xml", "select ", "xmlconcat(", "a", ")", ""},
		{"json", "select ", "json_object(a:", "a", ")", ""},
		{"is json", "select a", " is json", "", "", ""},
		{"is normalized", "select a", " is normalized", "", "", ""},
		{"is document", "select a", " is document", "", "", ""},
	}
}

func TestChainsOfOneMiB(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of parsing")
	}
	t.Parallel()
	p := parser.New(parser.Options{Workers: 4})
	t.Cleanup(func() { _ = p.Close() })
	const size = 1 << 20
	var refused atomic.Int32
	var wg sync.WaitGroup
	lanes := make(chan struct{}, 3) // most of them only wait for their time to be up
	run := func(c chain) {
		defer wg.Done()
		lanes <- struct{}{}
		defer func() { <-lanes }()
		n := (size - len(c.head) - len(c.middle) - len(c.tail)) / (len(c.part) + len(c.close))
		text := c.head + strings.Repeat(c.part, n) + c.middle + strings.Repeat(c.close, n) + c.tail
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		_, release, err := p.Parse(ctx, text, nil)
		release()
		cancel()
		if err != nil {
			refused.Add(1)
			switch code := pgerr.CodeOf(err); code {
			case pgerr.StatementTooComplex, pgerr.SyntaxError:
			default:
				t.Errorf("%s: %s: %v", c.name, code, err)
			}
		}
		stmts, release, err := p.Parse(context.Background(), "select 'still there', '"+c.name+"'", nil)
		release()
		if err != nil || len(stmts) != 1 {
			t.Errorf("after %s: %d statements, %v", c.name, len(stmts), err)
		}
	}
	for _, c := range chains() {
		wg.Add(1)
		go run(c)
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("no chain was refused: the test proves nothing")
	}
}
