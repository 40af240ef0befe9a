package difftest

import "time"

// shrink cuts a statement down, piece by piece, as long as its answers still differ, for at most so long.
func shrink(root *piece, differs func(sql string, args []*string) bool, patience time.Duration) {
	end := time.Now().Add(patience)
	try := func(change, undo func()) bool {
		if time.Now().After(end) {
			return false
		}
		change()
		if sql, args := root.print(); !differs(sql, args) {
			undo()
			return false
		}
		return true
	}
	for again := true; again && time.Now().Before(end); {
		again = false
		for _, n := range everything(root) {
			if !reachable(root, n) {
				continue
			}
			if n.may && !tooFew(root, n) && try(func() { n.gone = true }, func() { n.gone = false }) {
				again = true
				continue
			}
			for _, other := range simpler(n) {
				if try(func() { n.as = other }, func() { n.as = nil }) {
					again = true
					break
				}
			}
		}
	}
}

// everything are all pieces that are printed, the large ones first.
func everything(root *piece) []*piece {
	var out []*piece
	seen := map[*piece]bool{}
	level := []*piece{root}
	for len(level) > 0 {
		var next []*piece
		for _, n := range level {
			if seen[n] || !n.alive() {
				continue
			}
			seen[n] = true
			out = append(out, n)
			next = append(next, n.kids()...)
		}
		level = next
	}
	return out
}

// kids are the pieces below.
func (n *piece) kids() []*piece {
	if n.as != nil {
		return []*piece{n.as}
	}
	var out []*piece
	for _, p := range n.parts {
		if k, ok := p.(*piece); ok {
			out = append(out, k)
		}
	}
	return out
}

func reachable(root, n *piece) bool {
	if !n.alive() || n.as != nil {
		return false
	}
	for _, k := range everything(root) {
		if k == n {
			return true
		}
	}
	return false
}

// tooFew says that a list must keep the piece.
func tooFew(root, n *piece) bool {
	for _, k := range everything(root) {
		if !k.list || k.least == 0 {
			continue
		}
		living := k.living()
		for _, l := range living {
			if l == n && len(living) <= k.least {
				return true
			}
		}
	}
	return false
}

// simpler are what may stand for a piece: what it says itself, expressions of its type in it, NULL and a plain value.
func simpler(n *piece) []*piece {
	out := append([]*piece(nil), n.alts...)
	if n.oid == 0 || len(n.kids()) == 0 {
		return out
	}
	for _, k := range everything(n)[1:] {
		if k.oid == n.oid && len(out) < 6 {
			out = append(out, k)
		}
	}
	tame, _ := literals(n.oid)
	for _, v := range tame[:min(2, len(tame))] {
		out = append(out, cat(n.oid, quoteText(v)+"::"+typeName(n.oid)))
	}
	return append(out, cat(n.oid, "null::"+typeName(n.oid)))
}
