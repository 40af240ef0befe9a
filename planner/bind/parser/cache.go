package parser

import (
	"container/list"
	"sync"
)

// treeFactor is how many bytes of memory a tree takes for each byte of its protobuf, measured over the grammar's
// productions.
const treeFactor = 24

// cache keeps parse results by exact text, bounded by the bytes that they take; the least recently used go first.
type cache struct {
	limit int64

	mu    sync.Mutex
	bytes int64
	order *list.List // front: most recently used
	index map[string]*list.Element
}

type cached struct {
	text  string
	stmts []*Statement
	bytes int64
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, order: list.New(), index: map[string]*list.Element{}}
}

func (c *cache) get(text string) ([]*Statement, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index[text]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).stmts, true
}

func (c *cache) put(text string, stmts []*Statement, bytes int64) {
	if bytes > c.limit/4 {
		return // one giant must not drive everything else out
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.index[text]; ok {
		return
	}
	c.index[text] = c.order.PushFront(&cached{text: text, stmts: stmts, bytes: bytes})
	c.bytes += bytes
	for c.bytes > c.limit {
		last := c.order.Back()
		old := c.order.Remove(last).(*cached)
		delete(c.index, old.text)
		c.bytes -= old.bytes
	}
}
