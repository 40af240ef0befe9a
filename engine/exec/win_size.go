package exec

import (
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowSize cuts a window's results where they become large, as lists over growing frames do.
type windowSize struct {
	mem     *memory
	least   int   // rows that a partition begins with
	step    int   // rows to compute next
	limit   int64 // bytes of results at which a batch ends
	used    int64
	charged int64
}

func newWindowSize(mem *memory, outs []*vector.Vector, n *plan.Window) windowSize {
	s := windowSize{mem: mem, least: vector.BatchRows, step: vector.BatchRows, limit: batchBytes}
	if l := mem.Limit(); l > 0 {
		s.limit = min(s.limit, l/16)
	}
	for i, v := range outs {
		switch {
		case listing()[n.Calls[i].Fn.Name]:
			s.least = 1 // which may be as long as the partition
		case vector.HasBytes(v.Kind):
			s.least = min(s.least, leastAhead)
		}
	}
	return s
}

func (s *windowSize) begin() { s.step = min(s.step, s.least) }

// grown looks at the results after n more rows.
func (s *windowSize) grown(outs []*vector.Vector, n int) error {
	if s.least == vector.BatchRows || n == 0 {
		return nil
	}
	size := textBytes(outs)
	each := max(1, (size-s.used)/int64(n))
	s.used = size
	s.step = int(max(1, min(vector.BatchRows, 2*int64(s.step), (s.limit-size)/(2*each))))
	if size <= s.charged+smallState {
		return nil
	}
	if err := s.mem.Grow(size - s.charged); err != nil {
		return err
	}
	s.charged = size
	return nil
}

func (s *windowSize) full() bool { return s.used >= s.limit }

func (s *windowSize) release() {
	s.mem.Shrink(s.charged)
	s.used, s.charged = 0, 0
}
