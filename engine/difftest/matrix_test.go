package difftest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/odata/profile"
)

// cell is one case of the coverage matrix: what is tried (row), where (col), and the statement that does it.
type cell struct {
	row, col string
	sql      string
	args     []*string
	mode     format
	// tie says that the order of the rows is left open.
	tie bool
	// none says that NULL or no row is the point.
	none bool
	// blocks says that the rows which come before an error are left open.
	blocks bool
	// values are the arguments of a call, as a row of VALUES.
	values string
	// execute, if not 0, is Execute's row limit: the portal is asked again until it ends.
	execute uint32
	// script, if any, is sent instead of sql, statement by statement.
	script []string
}

// outcome is what came of a cell.
type outcome struct {
	*cell
	fault   string // PostgreSQL's SQLSTATE; empty if it answered
	vacuous bool   // PostgreSQL's answer has no row, or nothing but NULL
	refused bool   // ours is 0A000 where PostgreSQL's answer is another
	what    string // what is refused
	diff    string
	report  string // both answers, if they differ
}

// matrix asks cells of PostgreSQL and of a gateway over some connections at once.
type matrix struct {
	gateway *gateway
	oracle  string
	setup   []string // statements for each new connection
}

// matrixWorkers is how many pairs of connections ask: a waiting side leaves its core to another.
const matrixWorkers = 4

func startMatrix(t *testing.T) *matrix {
	t.Helper()
	server, db := database(t)
	return &matrix{gateway: start(t, gatewayOptions{profile: profile.Standard()}), oracle: server.DSNOf(db) + "&default_transaction_read_only=on"}
}

// matrixPair is one worker's connections.
type matrixPair struct {
	m            *matrix
	oracle, ours *pgconn.PgConn
}

func (m *matrix) connect(ctx context.Context) (*matrixPair, error) {
	p := &matrixPair{m: m}
	for _, side := range []struct {
		c   **pgconn.PgConn
		dsn string
	}{{&p.oracle, m.oracle}, {&p.ours, m.gateway.dsn}} {
		c, err := pgconn.Connect(ctx, side.dsn)
		if err != nil {
			p.close()
			return nil, err
		}
		*side.c = c
		for _, sql := range m.setup {
			if _, err := c.Exec(ctx, sql).ReadAll(); err != nil {
				p.close()
				return nil, fmt.Errorf("%s: %w", sql, err)
			}
		}
	}
	return p, nil
}

func (p *matrixPair) close() {
	for _, c := range []*pgconn.PgConn{p.oracle, p.ours} {
		if c != nil {
			_ = c.Close(context.Background()) // the server's side may be gone already
		}
	}
}

// run asks all cells and gives their outcomes in the same order.
func (m *matrix) run(t *testing.T, cells []cell) []outcome {
	t.Helper()
	out := make([]outcome, len(cells))
	next := make(chan int)
	var workers sync.WaitGroup
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	for range matrixWorkers {
		workers.Go(func() {
			p, err := m.connect(ctx)
			if err != nil {
				cancel(err)
				return
			}
			defer func() { p.close() }()
			for i := range next {
				out[i] = p.try(ctx, &cells[i])
				if out[i].diff == lost {
					p.close()
					if p, err = m.connect(ctx); err != nil {
						cancel(err)
						return
					}
				}
			}
		})
	}
feed:
	for i := range cells {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		t.Fatal(err)
	}
	return out
}

const lost = "a connection is lost"

func (p *matrixPair) try(ctx context.Context, c *cell) outcome {
	o := outcome{cell: c}
	want, err := c.ask(ctx, p.oracle)
	if err != nil {
		o.diff, o.report = lost, "PostgreSQL: "+err.Error()
		return o
	}
	got, err := c.ask(ctx, p.ours)
	if err != nil {
		o.diff, o.report = lost, err.Error()
		return o
	}
	if want.fault != nil {
		o.fault = want.fault.Code
	}
	o.vacuous = want.fault == nil && !c.none && saysNothing(want)
	if o.diff = differ(want, got, c.mode, !c.tie); o.diff == "" && !c.blocks {
		o.diff = differRowsBefore(want, got, c.mode)
	}
	if o.diff != "" {
		o.report = fmt.Sprintf("PostgreSQL: %s\nours: %s", want, got)
		if o.refused = got.fault != nil && got.fault.Code == "0A000"; o.refused {
			o.what = strings.TrimSuffix(got.fault.Message, " not supported")
			o.what = strings.TrimSuffix(strings.TrimSuffix(o.what, " is"), " are")
		}
	}
	return o
}

// differRowsBefore compares the rows that came before an error.
func differRowsBefore(want, got *answer, f format) string {
	if want.fault == nil {
		return ""
	}
	if len(want.rows) != len(got.rows) {
		return fmt.Sprintf("%d rows before the error instead of %d", len(got.rows), len(want.rows))
	}
	if want.tag != got.tag {
		return fmt.Sprintf("steps %q instead of %q", got.tag, want.tag)
	}
	for i := range want.rows {
		if !equalRows(want, want.rows[i], got.rows[i], f) {
			return fmt.Sprintf("row %d before the error differs", i+1)
		}
	}
	return ""
}

func saysNothing(a *answer) bool {
	for _, row := range a.rows {
		for _, v := range row {
			if v != nil {
				return false
			}
		}
	}
	return true
}

// excuses are the lists of cells that may differ.
type excuses struct {
	known *differences // testdata/differences.txt
	tails *differences // what is refused, by what the message says is refused
	open  *differences // what differs and should not
}

// tally counts the outcomes of one dimension pair.
type tally struct {
	cells, faults, none, vacuous, refused, excused, open int
	codes                                                map[string]int
}

// judge reports what differs, and counts.
func judge(t *testing.T, dimension string, outs []outcome, ex *excuses) tally {
	t.Helper()
	c := tally{codes: map[string]int{}}
	shown := 0
	telling := map[[2]string]bool{}
	for i := range outs {
		o := &outs[i]
		c.cells++
		place := [2]string{o.row, o.col}
		telling[place] = telling[place] || o.fault != "" || o.none || !o.vacuous
		switch {
		case o.fault != "":
			c.faults++
			c.codes[o.fault]++
		case o.none:
			c.none++
		case o.vacuous:
			c.vacuous++
		}
		switch name := dimension + ": " + o.row; {
		case o.diff == "":
			continue
		case o.refused && ex.tails.excusesName(o.what):
			c.refused++
			continue
		case ex.known.excusesName("matrix/" + dimension + ": " + strings.Join(strings.Fields(o.sql), " ")):
			c.excused++
			continue
		case ex.open.excusesName(name + " × " + o.col), ex.open.excusesName(name), ex.open.excusesName(dimension + ": × " + o.col):
			c.open++
			continue
		}
		if shown++; shown <= *matrixShow {
			t.Errorf("%s, %s × %s, %s: %s\n%s\n%s", dimension, o.row, o.col, o.mode, o.diff, o.sql, o.report)
		}
	}
	if shown > *matrixShow {
		t.Errorf("%s: %d cells differ, of which %d are shown (-matrix-show)", dimension, shown, *matrixShow)
	}
	dull := 0
	for place, ok := range telling {
		if !ok {
			dull++
			if dull <= 3 {
				t.Logf("%s: nothing but NULL or no row in all cases of %s × %s", dimension, place[0], place[1])
			}
		}
	}
	var codes []string
	for _, code := range slices.Sorted(maps.Keys(c.codes)) {
		codes = append(codes, fmt.Sprintf("%s %d", code, c.codes[code]))
	}
	answered := c.cells - c.faults - c.none
	t.Logf("%s: %d cases in %d cells; PostgreSQL answers %d, rejects %d (%s), and %d ask for NULL or no row; "+
		"%d of the answers (%d %%) say nothing, which leaves %d cells without a telling case; refused tails %d, differences %d, open %d",
		dimension, c.cells, len(telling), answered, c.faults, strings.Join(codes, ", "), c.none, c.vacuous, c.vacuous*100/max(answered, 1), dull, c.refused, c.excused, c.open)
	if dull*20 > len(telling) {
		t.Errorf("%s: %d of %d cells have no telling case", dimension, dull, len(telling))
	}
	return c
}
