package plan

import (
	"slices"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// ColID names a column of a plan, uniquely within a statement. 0 is no column.
type ColID int32

// Column is a column that a node gives.
type Column struct {
	ID      ColID
	Name    string
	Type    sqltype.Type
	NotNull bool // proved by the plan itself, never by a service's claim
	// TableOID and Attnum say which table column it is an unchanged copy of; 0 for an expression.
	TableOID uint32
	Attnum   int16
}

// IDs hands out the column ids of one statement.
type IDs struct{ last ColID }

// Next returns an id that was not given before.
func (n *IDs) Next() ColID {
	n.last++
	return n.last
}

// Set is a set of column ids.
type Set map[ColID]struct{}

// Has reports whether the set holds the id.
func (s Set) Has(id ColID) bool {
	_, ok := s[id]
	return ok
}

// Add puts ids into the set.
func (s Set) Add(ids ...ColID) {
	for _, id := range ids {
		s[id] = struct{}{}
	}
}

// Without are the columns but those with the ids.
func Without(cols []Column, ids []ColID) []Column {
	if len(ids) == 0 {
		return cols
	}
	out := make([]Column, 0, len(cols))
	for _, c := range cols {
		if !slices.Contains(ids, c.ID) {
			out = append(out, c)
		}
	}
	return out
}
