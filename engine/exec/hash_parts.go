package exec

import (
	"math/bits"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// partFiles are the files of parts that rows are divided among; nil: no row came into the part.
type partFiles []*spill.File

// write adds to each part the rows of b that sels lists for it.
func (p partFiles) write(mem *memory, types []sqltype.Type, b *vector.Batch, sels [][]int32) (err error) {
	for at, sel := range sels {
		if len(sel) == 0 {
			continue
		}
		if p[at] == nil {
			if p[at], err = mem.file(types); err != nil {
				return err
			}
		}
		if err := p[at].Write(&vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}); err != nil {
			return err
		}
	}
	return nil
}

// rest ends the writing.
func (p partFiles) rest() error {
	for _, f := range p {
		if f == nil {
			continue
		}
		if err := f.Rest(); err != nil {
			return err
		}
	}
	return nil
}

// take gives the file of a part away.
func (p partFiles) take(part int) *spill.File {
	f := p[part]
	p[part] = nil
	return f
}

// close ends the files that were not taken.
func (p partFiles) close() (err error) {
	for i := range p {
		if err2 := p.take(i).Close(); err == nil {
			err = err2
		}
	}
	return err
}

// emptied is a list of no rows for each part.
func emptied(sels [][]int32) [][]int32 {
	for i := range sels {
		sels[i] = sels[i][:0]
	}
	return sels
}

// hashParts are files that rows are divided among by the hash of their keys, so that equal keys meet in one of them. A file is divided again
// by other bits of the hash if it is still too large.
type hashParts struct {
	mem   *memory
	types []sqltype.Type
	level int // how often the rows were divided before
	files partFiles
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
	return &hashParts{mem: mem, types: types, level: level, files: make(partFiles, n), sels: make([][]int32, n)}
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
	sels := emptied(p.sels)
	for i, row := range rows {
		at := partOf(hashes[i], p.level, len(p.files))
		sels[at] = append(sels[at], row)
	}
	return p.files.write(p.mem, p.types, b, sels)
}

// rest ends the writing.
func (p *hashParts) rest(st *NodeStats) error {
	if p == nil {
		return nil
	}
	if err := p.files.rest(); err != nil || st == nil {
		return err
	}
	for _, f := range p.files {
		if f != nil {
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
	return p.files.take(i)
}

// close ends the files that were not taken.
func (p *hashParts) close() error {
	if p == nil {
		return nil
	}
	return p.files.close()
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
