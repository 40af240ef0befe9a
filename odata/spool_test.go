package odata

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// fewBytes is a disk with little room.
type fewBytes struct{ left int64 }

var errFull = errors.New("no room")

func (d *fewBytes) Take(n int64) error {
	if n > d.left {
		return errFull
	}
	d.left -= n
	return nil
}
func (d *fewBytes) Give(n int64) { d.left += n }

func TestSpoolSharesTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := &fewBytes{left: 3 << 20}
	s := spool{dir: dir, disk: disk, limit: 1 << 40}
	chunk := []byte(strings.Repeat("x", 1<<18))
	written, failed := 0, error(nil)
	for range 100 {
		if _, failed = s.Write(chunk); failed != nil {
			break
		}
		written += len(chunk)
	}
	if !errors.Is(failed, errFull) || written != spoolMemory+3<<20 {
		t.Fatalf("%d bytes written, then %v", written, failed)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("the file has a name: %v, %v", left, err)
	}
	n, err := io.Copy(io.Discard, &s)
	if err != nil || n != int64(written) {
		t.Fatalf("read %d of %d bytes: %v", n, written, err)
	}
	s.close()
	s.close()
	if disk.left != 3<<20 {
		t.Fatalf("%d bytes were not given back", 3<<20-disk.left)
	}
}

func TestSpoolHasItsOwnLimit(t *testing.T) {
	t.Parallel()
	s := spool{dir: t.TempDir(), limit: 10}
	if _, err := s.Write(make([]byte, 11)); !errors.Is(err, errSpoolLimit) {
		t.Fatal(err)
	}
	s = spool{dir: t.TempDir() + "/none", limit: 1 << 40}
	if _, err := s.Write(make([]byte, spoolMemory+1)); !errors.Is(err, errSpool) || errors.Is(err, errSpoolLimit) {
		t.Fatal(err)
	}
}
