package odata

import (
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much of a body is kept in memory before it goes to a file.
const spoolMemory = 1 << 20

// spool keeps the bytes of a body that had to be read before anybody wanted them, to give the connection away. Bytes leave in the
// order in which they came.
type spool struct {
	dir   string
	disk  Disk // nil: only limit counts
	limit int64

	mem   []byte
	file  *os.File // removed from its directory as soon as it is open
	w, r  int64    // places in the file
	size  int64
	taken int64 // of disk
}

// Write adds bytes at the end.
func (s *spool) Write(p []byte) (int, error) {
	if s.size += int64(len(p)); s.size > s.limit {
		return 0, fmt.Errorf("%w: more than %d bytes of it wait to be read", errSpoolLimit, s.limit)
	}
	if s.file == nil && len(s.mem)+len(p) <= spoolMemory {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "odatagres-page-*")
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errSpool, err)
		}
		if err := os.Remove(f.Name()); err != nil {
			_ = f.Close()
			return 0, fmt.Errorf("%w: %w", errSpool, err)
		}
		s.file = f
	}
	if s.disk != nil {
		if err := s.disk.Take(int64(len(p))); err != nil {
			return 0, err
		}
		s.taken += int64(len(p))
	}
	n, err := s.file.WriteAt(p, s.w)
	s.w += int64(n)
	if err != nil {
		return n, fmt.Errorf("%w: %w", errSpool, err)
	}
	return n, nil
}

// Read takes bytes from the front; io.EOF when there are none at the moment.
func (s *spool) Read(p []byte) (int, error) {
	if len(s.mem) > 0 {
		n := copy(p, s.mem)
		if s.mem = s.mem[n:]; len(s.mem) == 0 {
			s.mem = nil
		}
		return n, nil
	}
	if s.r == s.w {
		return 0, io.EOF
	}
	n, err := s.file.ReadAt(p[:min(int64(len(p)), s.w-s.r)], s.r)
	s.r += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%w: %w", errSpool, err)
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
	if s.disk != nil {
		s.disk.Give(s.taken)
		s.taken = 0
	}
}
