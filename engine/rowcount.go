package engine

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
)

// countingSource learns the number of a set's rows, which serves estimates, from reads of the whole set that ran to their end.
type countingSource struct {
	odata.Source
	sv *service
}

// Open implements odata.Source.
func (s countingSource) Open(ctx context.Context, r odata.Request) (odata.Reader, error) {
	reader, err := s.Source.Open(ctx, r)
	if err != nil || r.Query.Filter != nil || r.Query.Top != nil || r.Query.Skip != nil || r.Singleton {
		return reader, err
	}
	return &countingReader{Reader: reader, sv: s.sv, set: r.Query.EntitySet}, nil
}

// Count implements odata.Source.
func (s countingSource) Count(ctx context.Context, r odata.Request) (int64, error) {
	n, err := s.Source.Count(ctx, r)
	if err == nil && r.Query.Filter == nil {
		s.sv.learnRows(r.Query.EntitySet, n)
	}
	return n, err
}

type countingReader struct {
	odata.Reader
	sv   *service
	set  string
	rows int64
}

// Next implements odata.Reader.
func (r *countingReader) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.Reader.Next(ctx)
	switch {
	case err != nil:
	case b == nil:
		r.sv.learnRows(r.set, r.rows)
	default:
		r.rows += int64(b.Rows())
	}
	return b, err
}

func (sv *service) learnRows(set string, n int64) {
	sv.mu.Lock()
	defer sv.mu.Unlock()
	sv.rows[set] = float64(n)
}
