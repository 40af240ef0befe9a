package wiretest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgproto3/v2"
)

// Differential sends random sequences of messages to two servers and fails where their answers differ. The statements need no
// tables; names of statements and portals are few, so that they collide.
func Differential(t *testing.T, a, b Config, sequences int, seed uint64) {
	for i := range sequences {
		g := generator{rand.New(rand.NewPCG(seed, uint64(i)))}
		messages := g.sequence()
		left, err := transcript(t.Context(), a, messages)
		if err != nil {
			t.Fatalf("sequence %d of seed %d: %v\n%s\n%s", i, seed, err, printSequence(messages), left)
		}
		right, err := transcript(t.Context(), b, messages)
		if err != nil {
			t.Fatalf("sequence %d of seed %d: %v\n%s\n%s", i, seed, err, printSequence(messages), right)
		}
		if left != right {
			t.Errorf("sequence %d of seed %d:\n%s\nanswers of %s:\n%s\nanswers of %s:\n%s", i, seed, printSequence(messages), a.Address, left, b.Address, right)
			return
		}
	}
}

// endMark is the value of the row that ends a transcript.
const endMark = "end of the sequence"

// transcript is all that a server answers to the messages on a connection of its own.
func transcript(ctx context.Context, config Config, messages []pgproto3.FrontendMessage) (string, error) {
	c, err := Connect(ctx, config)
	if err != nil {
		return "", err
	}
	defer c.Close()
	// The end is asked for in a transaction block of its own, whatever state the sequence left behind.
	err = c.Send(messages...)
	if err == nil {
		err = c.Send(&pgproto3.Sync{}, &pgproto3.Query{String: "rollback"}, &pgproto3.Query{String: "select '" + endMark + "' as a"})
	}
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for {
		m, err := c.Receive()
		if err != nil {
			return out.String(), err
		}
		if row, ok := m.(*pgproto3.DataRow); ok && len(row.Values) == 1 && string(row.Values[0]) == endMark {
			return out.String(), errors.Join(c.Send(&pgproto3.Terminate{}), c.Close())
		}
		out.WriteString(printMessage(m, filter{ignore: []string{"Where"}}))
		out.WriteByte('\n')
	}
}

func printSequence(messages []pgproto3.FrontendMessage) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "%T %+v\n", m, m)
	}
	return b.String()
}

type generator struct{ *rand.Rand }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) sequence() []pgproto3.FrontendMessage {
	messages := make([]pgproto3.FrontendMessage, 1+g.IntN(25))
	for i := range messages {
		messages[i] = g.message()
	}
	return messages
}

func (g generator) statement() string { return pick(g, "", "", "s", "t") }
func (g generator) portal() string    { return pick(g, "", "", "p", "c") }

func (g generator) message() pgproto3.FrontendMessage {
	switch g.IntN(12) {
	case 0, 1:
		return &pgproto3.Parse{Name: g.statement(), Query: g.query()}
	case 2, 3:
		m := &pgproto3.Bind{DestinationPortal: g.portal(), PreparedStatement: g.statement()}
		for range g.IntN(3) {
			m.Parameters = append(m.Parameters, pick(g, []byte("1"), []byte("2"), nil, []byte("x")))
		}
		for range g.IntN(3) {
			m.ResultFormatCodes = append(m.ResultFormatCodes, int16(g.IntN(2)))
		}
		return m
	case 4, 5, 6:
		return &pgproto3.Execute{Portal: g.portal(), MaxRows: pick(g, uint32(0), 1, 2, 3)}
	case 7:
		return &pgproto3.Describe{ObjectType: pick(g, byte('S'), 'P'), Name: pick(g, g.statement(), g.portal())}
	case 8:
		return &pgproto3.Close{ObjectType: pick(g, byte('S'), 'P'), Name: pick(g, g.statement(), g.portal())}
	case 9, 10:
		return pick[pgproto3.FrontendMessage](g, &pgproto3.Sync{}, &pgproto3.Sync{}, &pgproto3.Flush{})
	}
	sql := g.sql()
	for range g.IntN(3) {
		sql += "; " + g.sql()
	}
	return &pgproto3.Query{String: sql}
}

// query is a statement whose meaning does not depend on the names that exist.
func (g generator) query() string {
	return pick(
		g, "select 1 as a", "select generate_series(1, 4) as g", "select 6/(g-3) as q from generate_series(1, 5) g",
		"select $1::int4 as a, g from generate_series(1, 3) g", "values (1, 'a'), (2, null)", "select 'x' as a, 2 as b",
		"begin", "begin", "commit", "rollback", "savepoint a", "rollback to a", "release a", "selekt", "", "select nosuch",
		"copy (select generate_series(1, 2) as g) to stdout", "set application_name to 'one'", "set application_name to 'two'", "show application_name",
	)
}

// sql is any statement; those about names are sent by simple queries only, because what PostgreSQL makes of a prepared FETCH
// whose cursor comes later is nothing that clients do.
func (g generator) sql() string {
	if g.IntN(2) == 0 {
		return g.query()
	}
	return pick(
		g, "declare c cursor for select generate_series(1, 5) as g", "fetch 2 from c", "fetch c", "move c", "fetch 2 from p", "close c", "close p",
		"prepare s as select generate_series(7, 9) as g", "execute s", "execute t(5)", "deallocate s", "deallocate all",
		"prepare t (int4) as select $1 as a, g from generate_series(1, 2) g", "declare p cursor with hold for values (1), (2), (3)",
	)
}
