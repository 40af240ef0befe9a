package spill

import (
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func TestADamagedFileIsNoticed(t *testing.T) {
	t.Parallel()
	types := []sqltype.Type{sqltype.Of(sqltype.OIDInt8), sqltype.Of(sqltype.OIDText)}
	b := newBatch(types)
	for i := range 1000 {
		b.Cols[0].Append(sqltype.Int(int64(i)))
		b.Cols[1].Append(sqltype.Value{S: "some text that repeats"})
		b.N++
	}
	f, err := NewDir(t.TempDir(), 1<<20).Create(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Rest(); err != nil {
		t.Fatal(err)
	}
	whole := make([]byte, f.Bytes())
	if _, err := f.f.ReadAt(whole, 0); err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		if at >= 12 && at < headerBytes {
			continue // how much memory to ask for; wrong, it is asked for in vain
		}
		if _, err := f.f.WriteAt([]byte{whole[at] ^ 0x41}, int64(at)); err != nil {
			t.Fatal(err)
		}
		r := f.Reader()
		got, err := r.Next()
		if pgerr.CodeOf(err) != pgerr.IOError {
			t.Fatalf("byte %d: %v, %v", at, got, err)
		}
		r.Close()
		if _, err := f.f.WriteAt(whole[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	r := f.Reader()
	defer r.Close()
	if got, err := r.Next(); err != nil || got.N != b.N || string(got.Cols[1].Bytes(999)) != string(b.Cols[1].Bytes(999)) {
		t.Fatalf("mended: %v", err)
	}
}

// BenchmarkFrames is the speed of writing and reading rows, in bytes of memory.
func BenchmarkFrames(b *testing.B) {
	types := []sqltype.Type{sqltype.Of(sqltype.OIDInt8), sqltype.Of(sqltype.OIDInt4), sqltype.Of(sqltype.OIDText)}
	rows := newBatch(types)
	for i := range vector.BatchRows {
		rows.Cols[0].Append(sqltype.Int(int64(i) * 7919 % 1000003))
		rows.Cols[1].Append(sqltype.Int(int64(i % 50)))
		rows.Cols[2].Append(sqltype.Value{S: "Windows 10.0.19045." + string(rune('a'+i%26))})
		rows.N++
	}
	dir := NewDir(b.TempDir(), 1<<40)
	const frames = 1000
	b.SetBytes(frames * rows.MemBytes())
	for b.Loop() {
		f, err := dir.Create(types, nil)
		if err != nil {
			b.Fatal(err)
		}
		for range frames {
			if err := f.Write(rows); err != nil {
				b.Fatal(err)
			}
		}
		r := f.Reader()
		for {
			got, err := r.Next()
			if err != nil {
				b.Fatal(err)
			}
			if got == nil {
				break
			}
		}
		b.ReportMetric(float64(f.Bytes())/float64(frames*rows.MemBytes()), "disk/memory")
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
