package simulator

import (
	"bytes"
	"compress/gzip"
	"sync"
)

// memo remembers work that the pages of one read have in common, and whole
// responses when they are to be pre-rendered. It belongs to one behaviour and
// is dropped with it.
type memo struct {
	mu        sync.Mutex
	orders    map[string][]int32
	counts    map[string]int
	resume    map[string]int // row at which a page by $skip begins
	keepPages bool
	pages     map[string]*page
	pageBytes int
}

// page is a rendered response body.
type page struct {
	body []byte
	rows int

	zipOnce sync.Once
	zipped  []byte
}

// gzip is the compressed body, made when a client first asks for it.
func (p *page) gzip() []byte {
	p.zipOnce.Do(func() {
		var b bytes.Buffer
		// Neither the level is wrong nor does a buffer fail.
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = z.Write(p.body)
		_ = z.Close()
		p.zipped = b.Bytes()
	})
	return p.zipped
}

const (
	maxOrders    = 8
	maxCounts    = 10_000
	maxPageBytes = 6 << 30
)

func newMemo(keepPages bool) *memo {
	return &memo{orders: map[string][]int32{}, counts: map[string]int{}, resume: map[string]int{}, pages: map[string]*page{}, keepPages: keepPages}
}

// order gives the sorted rows of a read, sorting once for all of its pages.
func (m *memo) order(key string, sort func() ([]int32, error)) ([]int32, error) {
	m.mu.Lock()
	rows, ok := m.orders[key]
	m.mu.Unlock()
	if ok {
		return rows, nil
	}
	rows, err := sort()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.orders) >= maxOrders {
		clear(m.orders)
	}
	m.orders[key] = rows
	return rows, nil
}

func (m *memo) count(key string, count func() (int, error)) (int, error) {
	m.mu.Lock()
	n, ok := m.counts[key]
	m.mu.Unlock()
	if ok {
		return n, nil
	}
	n, err := count()
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.counts) >= maxCounts {
		clear(m.counts)
	}
	m.counts[key] = n
	return n, nil
}

func (m *memo) remember(key string, row int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.resume) >= maxCounts {
		clear(m.resume)
	}
	m.resume[key] = row
}

func (m *memo) recall(key string) (int, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.resume[key]
	return row, ok
}

func (m *memo) rendered(key string) *page {
	if !m.keepPages {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages[key]
}

func (m *memo) keep(key string, p *page) {
	if !m.keepPages {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pageBytes+len(p.body) <= maxPageBytes {
		m.pageBytes += len(p.body)
		m.pages[key] = p
	}
}
