package soaktest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/internal/oracle"
)

const mb = 1 << 20

// The bounds of a scan's memory: what the gateway may have in memory at its peak, and by how much pages ten times as large
// may raise it.
const (
	peakBound   = 150 * mb
	growthBytes = 15 * mb
	growthShare = 0.10
)

// history is the widest of the large sets, whole.
const history = `select * from "devicePropertyHistories"`

// copyTo has psql copy a query's rows to a file and returns the number of lines.
func copyTo(tb testing.TB, url, query, file string) int {
	tb.Helper()
	psql, err := oracle.Binary("psql")
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", `\copy (`+query+`) to '`+file+`'`)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(file), "LC_ALL=C.UTF-8"}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		tb.Fatalf("psql: %v\n%s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for s := bufio.NewScanner(f); s.Scan(); lines++ {
		// COPY's lines end with a newline each; a short one would be a lost column.
		if n := bytes.Count(s.Bytes(), []byte("\t")); n != 12 {
			tb.Fatalf("line %d has %d tabs: %s", lines, n, s.Text())
		}
	}
	return lines
}

// peak scans the history once with a fresh gateway and returns the most memory that it had.
func peak(t *testing.T, w *running.Warehouse, rows int) int64 {
	t.Helper()
	g := running.ServeWith(t, "log: {level: info, format: json}\n", w.Intune())
	if n := copyTo(t, g.URL, history, filepath.Join(t.TempDir(), "rows")); n != rows {
		t.Fatalf("%d rows, not %d", n, rows)
	}
	bytes := g.PeakMemory()
	if code := g.Stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	return bytes
}

func TestMemoryOfAScan(t *testing.T) {
	const devices, days, runs = 10_000, 30, 3
	median := func(pageSize int) int64 {
		w := running.Simulate(t, "--profile", "intune", "--devices", strconv.Itoa(devices), "--days", strconv.Itoa(days),
			"--page-size", strconv.Itoa(pageSize))
		defer w.Stop()
		var peaks []int64
		for range runs {
			peaks = append(peaks, peak(t, w, devices*days))
		}
		slices.Sort(peaks)
		t.Logf("pages of %d rows: peaks of %s", pageSize, megabytes(peaks...))
		return peaks[runs/2]
	}
	small, large := median(10_000), median(100_000)
	for _, p := range []int64{small, large} {
		if p >= peakBound {
			t.Errorf("the gateway's memory peaks at %s, the bound is %s", megabytes(p), megabytes(peakBound))
		}
	}
	if bound := small + max(growthBytes, int64(growthShare*float64(small))); large > bound {
		t.Errorf("pages ten times as large raise the peak from %s to %s, the bound is %s", megabytes(small), megabytes(large), megabytes(bound))
	}
}

func megabytes(bytes ...int64) string {
	text := ""
	for i, b := range bytes {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%.1f MB", float64(b)/mb)
	}
	return text
}
