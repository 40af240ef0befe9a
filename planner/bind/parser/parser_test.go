package parser_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

func start(t testing.TB, o parser.Options) *parser.Parser {
	t.Helper()
	p := parser.New(o)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func TestSplit(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{})
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{"", nil},
		{" ; ; ", nil},
		{"-- ping", nil},
		{"/* only */ ; -- comments", nil},
		{"select 1", []string{"select 1"}},
		{"  select 1 ; ", []string{"select 1"}},
		{"select 1;select 'a;b' ;\n\tselect 3", []string{"select 1", "select 'a;b'", "select 3"}},
		{"select 'ä'; select 'ö' ;", []string{"select 'ä'", "select 'ö'"}},
		{"begin; select $$;$$; commit", []string{"begin", "select $$;$$", "commit"}},
	} {
		stmts, release, err := p.Parse(context.Background(), c.sql, nil)
		release()
		if err != nil {
			t.Errorf("%q: %v", c.sql, err)
			continue
		}
		var got []string
		for _, s := range stmts {
			got = append(got, s.Text())
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q: %q, want %q", c.sql, got, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{StatementBytes: 1000})
	for _, c := range []struct {
		name, sql string
		code      pgerr.Code
		message   string
		position  int
	}{
		{"length", "select '" + strings.Repeat("x", 1000) + "'", pgerr.ProgramLimitExceeded, "statement is too long: 1009 bytes", 0},
		{"NUL", "select 'a\x00b'", pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x00`, 0},
		{"a broken sequence", "select '\xc3\x28'", pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0xc3 0x28`, 0},
		{"a cut sequence", "select '\xe2\x82", pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0xe2 0x82`, 0},
		{"characters, not bytes", "select 'äöü€', frm x y", pgerr.SyntaxError, `syntax error at or near "y"`, 22},
	} {
		_, release, err := p.Parse(context.Background(), c.sql, nil)
		release()
		e := pgerr.As(err)
		if e == nil || e.Code != c.code || e.Message != c.message || e.Position != c.position {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}

func TestCacheGivesTheSameTree(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{})
	a, release, err := p.Parse(context.Background(), "select 1", nil)
	release()
	if err != nil {
		t.Fatal(err)
	}
	b, release, err := p.Parse(context.Background(), "select 1", nil)
	release()
	if err != nil || a[0] != b[0] {
		t.Errorf("another tree for the same text (%v)", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{CacheBytes: 40_000})
	first, release, err := p.Parse(context.Background(), "select 0", nil)
	release()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		_, release, err := p.Parse(context.Background(), fmt.Sprintf("select %d", i+1), nil)
		release()
		if err != nil {
			t.Fatal(err)
		}
	}
	again, release, err := p.Parse(context.Background(), "select 0", nil)
	release()
	if err != nil || again[0] == first[0] {
		t.Errorf("the oldest entry is still there after 200 more (%v)", err)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{})
	small := vector.NewBudget(nil, "query", 1000)
	_, release, err := p.Parse(context.Background(), "select 1"+strings.Repeat(", 1", 1000), small)
	release()
	if pgerr.CodeOf(err) != pgerr.OutOfMemory {
		t.Errorf("a tree beyond the budget: %v", err)
	}
	if small.Used() != 0 {
		t.Errorf("%d bytes are still charged after a refusal", small.Used())
	}
	enough := vector.NewBudget(nil, "query", 1<<20)
	_, release, err = p.Parse(context.Background(), "select 1, 2", enough)
	if err != nil || enough.Used() == 0 {
		t.Errorf("%d bytes charged, %v", enough.Used(), err)
	}
	release()
	release()
	if enough.Used() != 0 {
		t.Errorf("%d bytes are still charged after release", enough.Used())
	}
}

func TestCancelEndsTheChild(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{Workers: 1})
	// This text keeps a child busy for longer than the deadline here.
	sql := "select 1" + strings.Repeat(" union select 1", 60_000)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, release, err := p.Parse(ctx, sql, nil)
	release()
	if pgerr.CodeOf(err) != pgerr.QueryCanceled {
		t.Fatalf("canceled: %v", err)
	}
	if _, release, err = p.Parse(context.Background(), "select 1", nil); err != nil {
		t.Errorf("after a cancel: %v", err)
	}
	release()
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	p := start(t, parser.Options{Workers: 3, CacheBytes: 1})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 20 {
				want := fmt.Sprintf("select %d", i*100+k)
				stmts, release, err := p.Parse(context.Background(), want+"; "+want, nil)
				release()
				if err != nil || len(stmts) != 2 || stmts[0].Text() != want {
					t.Errorf("%s: %v", want, err)
				}
			}
		}()
	}
	wg.Wait()
}

func TestCloseIsIdempotent(t *testing.T) {
	t.Parallel()
	p := parser.New(parser.Options{})
	_, release, err := p.Parse(context.Background(), "select 1", nil)
	release()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, release, err := p.Parse(context.Background(), "select 2", nil); err == nil {
		release()
		t.Error("a closed parser parses")
	}
}

// BenchmarkMiss is a text that the cache does not hold.
func BenchmarkMiss(b *testing.B) {
	p := start(b, parser.Options{CacheBytes: 1})
	for b.Loop() {
		_, release, err := p.Parse(context.Background(), `select "a", count(*) from "t" where "b" >= 5 group by 1`, nil)
		release()
		if err != nil {
			b.Fatal(err)
		}
	}
}
