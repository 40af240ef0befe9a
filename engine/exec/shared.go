package exec

import "github.com/odatagres/odatagres/planner/plan"

// sharedReads lets equal reads of one statement be made once: the rows are kept, and every reader begins at the first one.
type sharedReads struct {
	uses   map[string]int
	stores map[string]*cteStore
}

// newSharedReads counts the reads of the statement, those inside subqueries included.
func newSharedReads(root plan.Node, rt *Runtime) *sharedReads {
	s := &sharedReads{uses: map[string]int{}, stores: map[string]*cteStore{}}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		plan.Walk(n, func(n plan.Node) bool {
			if r, ok := n.(*plan.Remote); ok && !r.Count {
				s.uses[requestOf(r, rt).Key()]++
			}
			for _, e := range plan.Exprs(n) {
				plan.WalkExpr(e, func(e plan.Expr) bool {
					if q, ok := e.(*plan.Subquery); ok {
						visit(q.Plan)
					}
					return true
				})
			}
			return true
		})
	}
	visit(root)
	return s
}

// store returns the shared rows of a read that occurs several times, nil for others.
func (s *sharedReads) store(key string, read Operator, n *plan.Remote, b *builder) *cteStore {
	if s.uses[key] < 2 {
		return nil
	}
	st, ok := s.stores[key]
	if !ok {
		st = &cteStore{in: read, ctx: b.rt.Context, cols: n.Columns(), types: columnTypes(n.Columns()), budget: b.rt.Budget}
		s.stores[key] = st
		*b.cleanup = append(*b.cleanup, st.reset)
	}
	return st
}
