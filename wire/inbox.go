package wire

import (
	"sync"
)

// inbox holds the messages that the reader goroutine has read and the session has not handled yet. Reading goes on while
// the session runs a statement or waits for the client to take rows, so a client that pipelines without reading does not
// deadlock, and one that goes away is noticed. Room is bounded in bytes; one message is always taken.
type inbox struct {
	mu    sync.Mutex
	queue []message
	size  int64
	limit int64
	err   error // why there will be no more

	arrived chan struct{} // something was put in, or err was set
	taken   chan struct{} // room was made
}

func newInbox(limit int64) *inbox {
	return &inbox{limit: limit, arrived: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// put waits for room, or until stop is closed, and then gives up.
func (b *inbox) put(m message, stop <-chan struct{}) bool {
	for {
		b.mu.Lock()
		if b.size == 0 || b.size+int64(m.size) <= b.limit {
			b.queue = append(b.queue, m)
			b.size += int64(m.size)
			b.mu.Unlock()
			signal(b.arrived)
			return true
		}
		b.mu.Unlock()
		select {
		case <-b.taken:
		case <-stop:
			return false
		}
	}
}

// end records why nothing more will come.
func (b *inbox) end(err error) {
	b.mu.Lock()
	if b.err == nil {
		b.err = err
	}
	b.mu.Unlock()
	signal(b.arrived)
}

// take returns the next message without waiting. The error comes after the last message.
func (b *inbox) take() (m message, ok bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return message{}, false, b.err
	}
	m = b.queue[0]
	b.queue[0] = message{}
	b.queue = b.queue[1:]
	if len(b.queue) == 0 {
		b.queue = nil
	}
	b.size -= int64(m.size)
	signal(b.taken)
	return m, true, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
