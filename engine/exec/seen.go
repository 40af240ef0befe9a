package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// seenRows tells new rows from those that came before, for a recursive query without ALL. While the rows fit, a new one is known at once.
// Later they are in files by their hash, and the rows of a round wait in files too, until settle goes through the parts one by one.
type seenRows struct {
	types []sqltype.Type
	mem   *memory
	table *hashTable
	seen  partFiles    // rows that were seen; nil while all of them are in the table
	asked partFiles    // rows of this round of which that is not known
	yield func() error // gives back what others keep in the same memory

	all    []int // places of all columns
	nums   []int32
	sel    []int32
	hashes []uint64
	sels   [][]int32
	out    vector.Batch

	part int           // that settle is at; its rows are in the table
	r    *spill.Reader // of what is asked there
}

// seenParts is how many times its memory a query's rows may be: a power of two.
const seenParts = 64

func newSeenRows(types []sqltype.Type, mem *memory, yield func() error) *seenRows {
	s := &seenRows{types: types, mem: mem, yield: yield, table: newHashTable(types, mem.Budget), all: make([]int, len(types))}
	for i := range s.all {
		s.all[i] = i
	}
	return s
}

// add returns the new ones among the rows of b that count, nil if there are none or it is not known yet.
func (s *seenRows) add(b *vector.Batch) (*vector.Batch, error) {
	if s.seen == nil {
		out, err := s.insert(b)
		if !s.mem.full(err) {
			return out, err
		}
		if err := s.divide(); err != nil {
			return nil, err
		}
	}
	return nil, s.write(b, s.asked)
}

// insert returns the rows that are not in the table, and puts them there.
func (s *seenRows) insert(b *vector.Batch) (*vector.Batch, error) {
	seen := int32(s.table.len())
	s.nums = growInts(s.nums, b.Rows())
	if err := s.table.insert(b, s.nums); err != nil {
		return nil, err
	}
	s.sel = s.sel[:0]
	for i, n := range s.nums[:b.Rows()] {
		if n >= seen { // numbers are handed out in order, so a first occurrence has the next one
			s.sel = append(s.sel, int32(b.Row(i)))
			seen++
		}
	}
	if len(s.sel) == 0 {
		return nil, nil
	}
	s.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: s.sel}
	return &s.out, nil
}

// insertPart is insert while the table holds one part, which must fit.
func (s *seenRows) insertPart(b *vector.Batch) (*vector.Batch, error) {
	out, err := s.insert(b)
	if !s.mem.full(err) {
		return out, err
	}
	if err := s.yield(); err != nil {
		return nil, err
	}
	return s.insert(b)
}

// divide writes the table's rows to files.
func (s *seenRows) divide() error {
	s.seen, s.asked, s.sels, s.part = make(partFiles, seenParts), make(partFiles, seenParts), make([][]int32, seenParts), -1
	b := vector.Batch{Cols: make([]*vector.Vector, len(s.types))}
	for i, t := range s.types {
		b.Cols[i] = vector.New(t)
	}
	for from := 0; from < s.table.len(); from += b.N {
		b.N = min(vector.BatchRows, s.table.len()-from)
		for i, c := range b.Cols {
			s.table.gather(c, i, from, b.N)
		}
		if err := s.write(&b, s.seen); err != nil {
			return err
		}
	}
	s.table.release()
	return nil
}

func (s *seenRows) write(b *vector.Batch, files partFiles) error {
	n := b.Rows()
	s.hashes = growWords(s.hashes, n)
	eval.HashColumns(b, s.all, s.hashes)
	sels := emptied(s.sels)
	for i, h := range s.hashes {
		part := hashInt(int64(h)) & uint64(len(files)-1)
		sels[part] = append(sels[part], int32(b.Row(i)))
	}
	return files.write(s.mem, s.types, b, sels)
}

// settle returns more of the round's new rows that add did not know of; nil when it has given them all.
func (s *seenRows) settle(ctx context.Context) (*vector.Batch, error) {
	for s.seen != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.r == nil {
			more, err := s.nextPart()
			if err != nil || !more {
				return nil, err
			}
		}
		b, err := s.r.Next()
		if err != nil {
			return nil, err
		}
		if b == nil {
			if err := s.endPart(); err != nil {
				return nil, err
			}
			continue
		}
		out, err := s.insertPart(b)
		if err != nil {
			return nil, err
		}
		if out == nil {
			continue
		}
		if s.seen[s.part] == nil {
			if s.seen[s.part], err = s.mem.file(s.types); err != nil {
				return nil, err
			}
		}
		return out, s.seen[s.part].Write(out)
	}
	return nil, nil
}

// nextPart loads what was seen of the next part of which rows are asked; false after the last one.
func (s *seenRows) nextPart() (bool, error) {
	if s.part < 0 {
		if err := s.rest(); err != nil {
			return false, err
		}
	}
	for s.part++; s.part < len(s.asked); s.part++ {
		if s.asked[s.part] == nil {
			continue
		}
		s.table = newHashTable(s.types, s.mem.Budget)
		if seen := s.seen[s.part]; seen != nil {
			if err := s.load(seen); err != nil {
				return false, err
			}
		}
		s.r = s.asked[s.part].Reader()
		return true, nil
	}
	s.part = -1
	return false, nil
}

// rest gives the buffers of all files back.
func (s *seenRows) rest() error {
	if err := s.seen.rest(); err != nil {
		return err
	}
	return s.asked.rest()
}

func (s *seenRows) load(f *spill.File) error {
	r := f.Reader()
	defer r.Close()
	for {
		b, err := r.Next()
		if b == nil || err != nil {
			return err
		}
		if _, err := s.insertPart(b); err != nil {
			return err
		}
	}
}

func (s *seenRows) endPart() error {
	s.r.Close()
	s.r = nil
	s.table.release()
	if seen := s.seen[s.part]; seen != nil {
		if err := seen.Rest(); err != nil {
			return err
		}
	}
	return s.asked.take(s.part).Close()
}

func (s *seenRows) close() error {
	if s == nil {
		return nil
	}
	s.table.release()
	s.r.Close()
	s.r = nil
	err := s.seen.close()
	if err2 := s.asked.close(); err == nil {
		err = err2
	}
	s.seen, s.asked = nil, nil
	return err
}
