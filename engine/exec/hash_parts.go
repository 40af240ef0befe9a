package exec

import (
	"math/bits"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// hashParts are files that rows are divided among by the hash of their keys, so that equal keys meet in one of them. A file is divided again
// by other bits of the hash if it is still too large.
type hashParts struct {
	mem   *memory
	types []sqltype.Type
	level int // how often the rows were divided before
	files []*spill.File
	sels  [][]int32
}

const (
	leastParts = 4
	mostParts  = 32
	// partBytes is what a file that is written takes of the memory.
	partBytes = 256 << 10
)

// filesFor is how many files an operator divides rows among under a limit.
func filesFor(limit int64) int {
	n := int64(mostParts)
	if limit > 0 {
		n = max(leastParts, min(n, limit/8/partBytes))
	}
	return 1 << (bits.Len64(uint64(n)) - 1)
}

func newHashParts(mem *memory, types []sqltype.Type, level, n int) *hashParts {
	return &hashParts{mem: mem, types: types, level: level, files: make([]*spill.File, n), sels: make([][]int32, n)}
}

// partOf is the part of a hash after level divisions. When the upper half of the hash is used up there is one part: a pass still takes the
// keys that fit.
func partOf(h uint64, level, parts int) int {
	width := bits.Len(uint(parts)) - 1
	if used := width * (level + 1); used <= 32 {
		return int(h>>(64-used)) & (parts - 1)
	}
	return 0
}

// write adds rows of b, whose hashes stand in their order.
func (p *hashParts) write(b *vector.Batch, rows []int32, hashes []uint64) error {
	for i := range p.sels {
		p.sels[i] = p.sels[i][:0]
	}
	for i, row := range rows {
		at := partOf(hashes[i], p.level, len(p.files))
		p.sels[at] = append(p.sels[at], row)
	}
	for at, sel := range p.sels {
		if len(sel) == 0 {
			continue
		}
		if p.files[at] == nil {
			f, err := p.mem.file(p.types)
			if err != nil {
				return err
			}
			p.files[at] = f
		}
		if err := p.files[at].Write(&vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}); err != nil {
			return err
		}
	}
	return nil
}

// rest ends the writing.
func (p *hashParts) rest(st *NodeStats) error {
	if p == nil {
		return nil
	}
	for _, f := range p.files {
		if f == nil {
			continue
		}
		if err := f.Rest(); err != nil {
			return err
		}
		if st != nil {
			st.Disk += f.Bytes()
		}
	}
	return nil
}

// passed notes that a node which divides its rows by hash has ended a pass.
func (st *NodeStats) passed(m *memory) {
	if st != nil {
		st.Peak = max(st.Peak, m.Used())
		st.Batches++
	}
}

// take gives file i away; nil where no row came into it.
func (p *hashParts) take(i int) *spill.File {
	if p == nil {
		return nil
	}
	f := p.files[i]
	p.files[i] = nil
	return f
}

// close ends the files that were not taken.
func (p *hashParts) close() (err error) {
	if p == nil {
		return nil
	}
	for i, f := range p.files {
		if err2 := f.Close(); err == nil {
			err = err2
		}
		p.files[i] = nil
	}
	return err
}

// fileRows reads a file to its end and closes it.
type fileRows struct {
	file *spill.File
	r    *spill.Reader
}

func openFile(f *spill.File) *fileRows { return &fileRows{file: f, r: f.Reader()} }

func (f *fileRows) close() error {
	if f == nil {
		return nil
	}
	f.r.Close()
	return f.file.Close()
}
