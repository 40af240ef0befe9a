package simulator

import "iter"

// Column is a column of an entity set as $metadata declares it.
type Column struct {
	Name       string
	EdmType    string // "Edm.Int32", "Collection(Edm.String)", "Sample.Types.Color"
	Underlying string // EdmType with a type definition resolved
	Nullable   bool
	Key        bool
	References string // "set.property", by value
}

// Versions are the service's api-versions; a service without versions has "".
func (s *Server) Versions() []string {
	if !s.opts.versioned() {
		return []string{""}
	}
	return []string{"v1.0", "beta"}
}

// Sets are the entity sets of a version by name.
func (s *Server) Sets(version string) []string {
	var out []string
	if m := s.state.Load().models[version]; m != nil {
		for _, set := range m.sets {
			out = append(out, set.name)
		}
	}
	return out
}

// Columns are the columns of a set in the order of the declaration, streams
// included; nil for an unknown set.
func (s *Server) Columns(version, set string) []Column {
	m := s.state.Load().models[version]
	if m == nil || m.set(set) == nil {
		return nil
	}
	var out []Column
	for _, p := range m.set(set).props {
		c := Column{p.name, p.typ.csdl(), p.typ.csdl(), p.nullable, p.key, p.references}
		for _, def := range m.typeDefs {
			if p.typ.name == m.namespace+"."+def[0] {
				c.Underlying = def[1]
			}
		}
		out = append(out, c)
	}
	return out
}

// RowCount is the number of rows of a set.
func (s *Server) RowCount(set string) int {
	if d := s.data[set]; d != nil {
		return d.rows
	}
	return 0
}

// Rows yields the rows that the service answers with, in its order, one value
// for each of [Server.Columns]; nothing for an unknown set. Values are
//
//   - nil for null and for streams,
//   - bool, int64 (every integer type), float32 (Single), float64 (Double),
//   - time.Time in UTC with 100 ns (DateTimeOffset), []byte (Binary),
//   - json.RawMessage (complex values, collections, Untyped, geography),
//   - string for everything else: Guid in lower case, Decimal in plain digits,
//     Date, TimeOfDay, Duration and enum members as in JSON.
//
// Each row is a slice of its own.
func (s *Server) Rows(version, set string) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		b := s.state.Load()
		m := b.models[version]
		if m == nil || m.set(set) == nil {
			return
		}
		es, data := m.set(set), b.data[set]
		cols := data.columns(es)
		for at := data.at(0); at.i < data.rows; at = data.next(at) {
			row := make([]any, len(cols))
			for i, c := range cols {
				row[i] = c(at).native()
			}
			if !yield(row) {
				return
			}
		}
	}
}
