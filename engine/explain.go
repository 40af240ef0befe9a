package engine

import (
	"context"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
	"github.com/odatagres/odatagres/wire/backend"
)

func explainColumns(u *bind.ExplainStmt) []backend.Column {
	t := sqltype.OIDText
	switch u.Format {
	case "json":
		t = sqltype.OIDJSON
	case "xml":
		t = sqltype.OIDXML
	}
	return []backend.Column{{Name: "QUERY PLAN", Type: sqltype.Of(t)}}
}

// explain is EXPLAIN: it plans, and with ANALYZE runs, the query, and gives the plan's lines.
func (s *Session) explain(ctx context.Context, p *portal, stmt *parser.Statement, u *bind.ExplainStmt, b *bound, params []sqltype.Value) error {
	if u.Format != "text" && u.Format != "json" && u.Format != "" {
		return pgerr.Unsupported("Use FORMAT TEXT or FORMAT JSON.", "EXPLAIN format %q is not supported", u.Format)
	}
	output, queryBound := u.QueryOutput, b
	if u.Execute != nil {
		_, eb, vals, err := s.executed(ctx, stmt, u.Execute)
		if err != nil {
			return err
		}
		if eb == nil || eb.Kind != bind.KindQuery {
			return pgerr.Unsupported("Explain a query.", "this statement has no plan")
		}
		queryBound, output, params = eb, eb.Output, vals
	}
	if queryBound.Root == nil {
		return pgerr.Unsupported("Explain a query.", "this statement has no plan")
	}
	q, err := s.plan(ctx, queryBound, output, params)
	if err != nil {
		return err
	}
	p.kind, p.columns, p.query, p.tag, p.counts = backend.Rows, explainColumns(u), q, "EXPLAIN", false
	p.rows = &lazyRows{make: func(ctx context.Context) (rows, error) {
		lines, err := s.explained(ctx, u, q)
		if err2 := q.close(); err == nil {
			err = err2
		}
		if err != nil {
			return nil, err
		}
		data := make([][]sqltype.Value, len(lines))
		for i, l := range lines {
			data[i] = []sqltype.Value{sqltype.Text(l)}
		}
		return newValueRows(p.columns, data), nil
	}}
	return nil
}

func (s *Session) explained(ctx context.Context, u *bind.ExplainStmt, q *queryRun) ([]string, error) {
	opts := planner.ExplainOptions{Analyze: u.Analyze, Costs: u.Costs, Verbose: u.Verbose, Timing: u.Timing, Summary: u.Summary}
	if u.Analyze {
		q.instrument = true
		start := time.Now()
		if err := q.drain(ctx); err != nil {
			return nil, err
		}
		opts.Execution = time.Since(start)
		opts.Stats = q.nodeStats
	}
	opts.Planning = q.planning
	if u.Format == "json" {
		text, err := planner.ExplainJSON(q.root, opts)
		return []string{text}, err
	}
	return planner.ExplainText(q.root, opts), nil
}

// nodeStats gives what a node did, for EXPLAIN ANALYZE.
func (q *queryRun) nodeStats(n plan.Node) *planner.NodeStats {
	st := q.stats.Nodes[n]
	if st == nil {
		return nil
	}
	out := &planner.NodeStats{Loops: st.Loops, Rows: st.Rows, Removed: st.Removed, First: st.First, Total: st.Time, Memory: st.Peak, Disk: st.Disk, Batches: st.Batches}
	if r := st.Remote; r != nil {
		out.Remote = true
		out.Requests, out.Retries, out.Pages, out.Read, out.Bytes = r.Requests, r.Retries, r.Pages, r.Rows, r.Bytes
		out.Waiting, out.Decoding = r.Waiting, r.Decoding
	}
	return out
}
