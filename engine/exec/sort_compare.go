package exec

import (
	"context"
	"slices"

	"github.com/odatagres/odatagres/internal/vector"
)

// compareRows compares two rows of a store in full.
func compareRows(s *rowStore, keys []sortColumn) func(a, b vector.Ref) int {
	cmps := keyComparators(keys)
	return func(a, b vector.Ref) int {
		ca, ia := s.at(int(a))
		cb, ib := s.at(int(b))
		return compareKeys(keys, cmps, ca, ia, cb, ib)
	}
}

func keyComparators(keys []sortColumn) []compareFunc {
	out := make([]compareFunc, len(keys))
	for i, k := range keys {
		out[i] = comparatorOf(k.typ)
	}
	return out
}

func compareKeys(keys []sortColumn, cmps []compareFunc, a *vector.Batch, i int, b *vector.Batch, j int) int {
	for n, k := range keys {
		if c := compareNulls(cmps[n], a.Cols[k.col], i, b.Cols[k.col], j, k.desc, k.first); c != 0 {
			return c
		}
	}
	return 0
}

// sortRun is how many rows are sorted by comparing between two looks at the context.
const sortRun = 1 << 15

// sortRows sorts stably by comparing, in runs that are then merged, so that it can be cancelled.
func sortRows[T any](ctx context.Context, order []T, compare func(a, b T) int) error {
	for lo := 0; lo < len(order); lo += sortRun {
		if err := ctx.Err(); err != nil {
			return err
		}
		slices.SortStableFunc(order[lo:min(lo+sortRun, len(order))], compare)
	}
	if len(order) <= sortRun {
		return nil
	}
	from, to := order, make([]T, len(order))
	for width := sortRun; width < len(order); width *= 2 {
		for lo := 0; lo < len(order); lo += 2 * width {
			mid, hi := min(lo+width, len(order)), min(lo+2*width, len(order))
			if err := mergeRuns(ctx, to[lo:hi], from[lo:mid], from[mid:hi], compare); err != nil {
				return err
			}
		}
		from, to = to, from
	}
	copy(order, from)
	return nil
}

// mergeRuns merges two sorted runs into out; of equal rows those of a come first.
func mergeRuns[T any](ctx context.Context, out, a, b []T, compare func(a, b T) int) error {
	for i := range out {
		if i%sortRun == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) <= 0 {
			out[i], a = a[0], a[1:]
		} else {
			out[i], b = b[0], b[1:]
		}
	}
	return nil
}
