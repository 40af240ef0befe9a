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
	plan.WalkDeep(root, func(n plan.Node) {
		if r, ok := n.(*plan.Remote); ok && !r.Count {
			s.uses[sharedKey(r, rt)]++
		}
	})
	return s
}

// sharedKey names a read within the statement. Two services may have sets of one name.
func sharedKey(n *plan.Remote, rt *Runtime) string {
	return n.Scan.Service + "\x00" + requestOf(n, rt).Key()
}

// store returns the shared rows of a read that occurs several times, nil for others.
func (s *sharedReads) store(key string, read Operator, n *plan.Remote, b *builder) (*cteStore, error) {
	if s.uses[key] < 2 {
		return nil, nil
	}
	if st, ok := s.stores[key]; ok {
		return st, nil
	}
	st, err := b.keep(read, n.Columns())
	s.stores[key] = st
	return st, err
}
