package enginebench

import (
	"context"
	"errors"
	"fmt"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
)

// memory is an odata.Source that holds all its rows as vectors, made ahead of time: to the engine what shared buffers are to
// PostgreSQL. It can only be read whole, so everything that a query asks is the engine's work.
type memory struct{ tables map[string]*stored }

type stored struct {
	columns map[string]int
	batches []*vector.Batch
}

// newMemory makes the rows of all tables.
func newMemory(list []table) *memory {
	m := &memory{tables: map[string]*stored{}}
	for id, t := range list {
		s := &stored{columns: map[string]int{}}
		dicts := make([]*vector.Dict, len(t.columns))
		for i := range t.columns {
			s.columns[t.columns[i].name] = i
			if t.columns[i].coded {
				dicts[i] = t.columns[i].dictionary(uint64(id)<<32 | uint64(i))
			}
		}
		for at := int64(0); at < t.rows; at += vector.BatchRows {
			n := int(min(vector.BatchRows, t.rows-at))
			b := &vector.Batch{N: n, Cols: make([]*vector.Vector, len(t.columns))}
			for i := range t.columns {
				b.Cols[i] = fitted(t.columns[i].fill(nil, dicts[i], at, n))
			}
			s.batches = append(s.batches, b)
		}
		m.tables[t.name] = s
	}
	return m
}

// fitted cuts the room of texts to what they use.
func fitted(v *vector.Vector) *vector.Vector {
	v.Data = append(make([]byte, 0, len(v.Data)), v.Data...)
	return v
}

// Open implements odata.Source.
func (m *memory) Open(_ context.Context, r odata.Request) (odata.Reader, error) {
	t := m.tables[r.Query.EntitySet]
	if t == nil {
		return nil, fmt.Errorf("there is no set %q", r.Query.EntitySet)
	}
	if q := r.Query; q.Filter != nil || q.OrderBy != nil || q.Top != nil || q.Skip != nil || q.Count != 0 {
		return nil, fmt.Errorf("the source can only be read whole, not as %s", q.Canonical())
	}
	out := &memoryReader{batches: t.batches, places: make([]int, len(r.Columns))}
	for i, c := range r.Columns {
		at, ok := t.columns[c.Path.String()]
		if !ok {
			return nil, fmt.Errorf("there is no property %q", c.Path)
		}
		out.places[i] = at
	}
	return out, nil
}

// Count implements odata.Source.
func (m *memory) Count(context.Context, odata.Request) (int64, error) {
	return 0, errors.New("the source does not count")
}

// memoryReader gives the batches with the columns that were asked for.
type memoryReader struct {
	batches []*vector.Batch
	places  []int
	at      int
	rows    int64
}

// Next implements odata.Reader.
func (r *memoryReader) Next(ctx context.Context) (*vector.Batch, error) {
	if r.at == len(r.batches) || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	from := r.batches[r.at]
	r.at++
	r.rows += int64(from.N)
	out := &vector.Batch{N: from.N, Cols: make([]*vector.Vector, len(r.places))}
	for i, p := range r.places {
		out.Cols[i] = from.Cols[p]
	}
	return out, nil
}

// Ready implements odata.Reader.
func (r *memoryReader) Ready() bool { return true }

// Notices implements odata.Reader.
func (r *memoryReader) Notices() []odata.Notice { return nil }

// Stats implements odata.Reader.
func (r *memoryReader) Stats() odata.Stats { return odata.Stats{Rows: r.rows, Count: -1} }

// Close implements odata.Reader.
func (r *memoryReader) Close() error { return nil }
