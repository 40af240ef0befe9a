package exec

import (
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// memory is what an operator that keeps rows may use: a budget of its own, and files for what does not fit.
//
// All such operators of a query share seven eighths of its budget; the last eighth is left to expressions and batches. Each has a small
// floor reserved, in which it can do its work by spilling, whatever the others take. Where there are several, none may take more than half,
// or its equal share where that is more.
type memory struct {
	*vector.Budget
	dir   *spill.Dir
	floor int64 // what is reserved
}

const (
	// mostFloor is enough for a merge or for the buffers of some partitions.
	mostFloor = 1 << 20
	// floorPart of a query's budget are all floors together at the most.
	floorPart = 16
)

// keepers counts the nodes of a plan whose operators keep rows.
func keepers(root plan.Node) int64 {
	var n int64
	plan.WalkDeep(root, func(node plan.Node) {
		switch node := node.(type) {
		case *plan.Sort, *plan.TopN, *plan.Distinct, *plan.Join, *plan.Aggregate, *plan.Window, *plan.Recursive, *plan.Apply, *plan.FunctionScan:
			n++
		case *plan.SetOp:
			if node.Kind != plan.Union || !node.All {
				n++
			}
		case *plan.With:
			n += int64(len(node.CTEs))
		}
	})
	return n
}

// Floor is the bytes without which a plan's operators and reads cannot work side by side under a budget of limit bytes (0: unlimited). A
// query whose budget has them reserved does not fail because other queries took the server's memory.
func Floor(root plan.Node, limit int64) int64 {
	n, r := keepers(root), reads(root)
	return n*floorOf(n, limit) + r*floorOf(r, limit)
}

// reads counts the nodes of a plan that read from services: each has buffers, and rows that were decoded.
func reads(root plan.Node) int64 {
	var n int64
	plan.WalkDeep(root, func(node plan.Node) {
		if _, ok := node.(*plan.Remote); ok {
			n++
		}
	})
	return n
}

func floorOf(n, limit int64) int64 {
	if n == 0 {
		return 0
	}
	if limit <= 0 {
		return mostFloor
	}
	return min(mostFloor, limit/floorPart/n)
}

// operatorMemory divides the query's budget among its operators.
type operatorMemory struct {
	all   *vector.Budget // of all operators together
	dir   *spill.Dir
	query int64 // the query's limit
	limit int64 // of one operator; 0: no limit of its own
	floor int64
	reads *vector.Budget // of all reads together, with a floor for each
}

func divide(root plan.Node, query *vector.Budget, dir *spill.Dir) *operatorMemory {
	n, limit := keepers(root), query.Limit()
	m := &operatorMemory{dir: dir, query: limit, floor: floorOf(n, limit)}
	all := limit - limit/8
	m.all = vector.NewBudget(query, "query", all)
	m.reads = vector.NewBudget(query, "query", 0)
	if n > 1 {
		m.limit = max(all/n, all/2)
	}
	return m
}

// each is the most that one operator may take; 0: no limit.
func (m *operatorMemory) each() int64 {
	if m.limit > 0 {
		return m.limit
	}
	return m.all.Limit()
}

// reserveReads takes the floors of all reads, to be given back at the statement's end.
func (m *operatorMemory) reserveReads(root plan.Node, cleanup *[]func() error) error {
	n := reads(root)
	if err := m.reads.Reserve(n * floorOf(n, m.query)); err != nil {
		return err
	}
	*cleanup = append(*cleanup, func() error { m.reads.Release(); return nil })
	return nil
}

// memory is the share of one more operator. Its reserve is given back at the statement's end.
func (b *builder) memory() (*memory, error) {
	m := &memory{Budget: vector.NewBudget(b.mem.all, "query", b.mem.limit), dir: b.mem.dir, floor: b.mem.floor}
	if err := m.Reserve(b.mem.floor); err != nil {
		// More operators run than the plan has nodes for; this one has no floor and may fail for it.
		if pgerr.CodeOf(err) != pgerr.OutOfMemory {
			return nil, err
		}
		return m, nil
	}
	*b.cleanup = append(*b.cleanup, func() error { m.Release(); return nil })
	return m, nil
}

// full reports that err says the budget is used up and that files may take what it holds.
func (m *memory) full(err error) bool {
	return err != nil && pgerr.CodeOf(err) == pgerr.OutOfMemory && m.dir.Enabled()
}

// file makes a file for rows of these types. Whoever gets it closes it.
func (m *memory) file(types []sqltype.Type) (*spill.File, error) {
	return m.dir.Create(types, m.Budget)
}
