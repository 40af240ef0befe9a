package spill

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Dir is a directory for files, and the bytes that they may hold together.
type Dir struct {
	path  string
	limit int64
	// compressors are *lz4.Compressor: each has a table of 128 KiB, too much for every file to have its own.
	compressors sync.Pool

	mu   sync.Mutex
	used int64
	peak int64
	open int
}

// NewDir returns the directory at path, which must exist; the system's directory for temporary files where path is empty. A limit of 0
// forbids files.
func NewDir(path string, limit int64) *Dir {
	if path == "" {
		path = os.TempDir()
	}
	return &Dir{path: path, limit: limit}
}

// Enabled reports whether files may be made at all. A nil directory allows none.
func (d *Dir) Enabled() bool { return d != nil && d.limit > 0 }

// Used is the bytes of all open files now, Peak the most that they ever had, Open the number of files.
func (d *Dir) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Peak is the most bytes that the files ever held together.
func (d *Dir) Peak() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.peak
}

// Open is the number of files that are not closed.
func (d *Dir) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// Take claims n bytes of the limit (53400 if there are not so many left), Give gives them back. They are for files of others that count
// toward the same limit.
func (d *Dir) Take(n int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.used+n > d.limit {
		return pgerr.Newf(pgerr.ConfigurationLimitExceeded, "temporary file size exceeds limits.spill_bytes (%d bytes)", d.limit).
			WithHint("Reduce the rows or columns that queries must hold at once, or raise limits.query_memory or limits.spill_bytes.")
	}
	d.used += n
	d.peak = max(d.peak, d.used)
	return nil
}

// Give gives bytes back that Take claimed.
func (d *Dir) Give(n int64) {
	d.mu.Lock()
	d.used -= n
	d.mu.Unlock()
}

// Create makes a file for rows of these types. Its buffers are charged to budget. The caller closes it.
func (d *Dir) Create(types []sqltype.Type, budget *vector.Budget) (*File, error) {
	if !d.Enabled() {
		return nil, pgerr.New(pgerr.ConfigurationLimitExceeded, "temporary files are not allowed").
			WithHint("Raise limits.spill_bytes or limits.query_memory.")
	}
	f, err := os.CreateTemp(d.path, "odatagres-spill-*") // its mode is 0600
	if err != nil {
		return nil, ioError("create", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(ioError("unlink", err), f.Close())
	}
	d.mu.Lock()
	d.open++
	d.mu.Unlock()
	return &File{dir: d, f: f, types: types, budget: budget}, nil
}

func ioError(what string, err error) error {
	code := pgerr.IOError
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		code = pgerr.DiskFull
	}
	return pgerr.Newf(code, "could not %s temporary file", what).WithDetail("%v", err).WithCause(err)
}
