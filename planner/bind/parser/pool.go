package parser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// answerTimeout is how long the parent waits for one text; the child's own watchdog is a second later, for a parent that
// is gone.
const answerTimeout = 5 * time.Second

// errWorkerLost says that a child died or was late over a text.
var errWorkerLost = errors.New("the parser gave up")

// pool keeps child processes. Each works on one text at a time; idle ones wait for the next.
type pool struct {
	command func() (*exec.Cmd, error)
	slots   chan struct{} // one per child that may run

	mu     sync.Mutex
	idle   []*worker
	closed bool
}

type worker struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	used bool // has answered before: its death over the next text may have another cause than that text
}

func newPool(size int, command func() (*exec.Cmd, error)) *pool {
	return &pool{command: command, slots: make(chan struct{}, size)}
}

// selfCommand starts this very binary as a worker, with an empty environment.
func selfCommand() (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the parser's binary: %w", err)
	}
	cmd := exec.Command(exe, WorkerArgument) //nolint:noctx // the child outlives the statement that starts it
	cmd.Env = []string{}
	return cmd, nil
}

// do sends the text to a child and returns its answer. A child that fails in any way is ended and its error is
// errWorkerLost, the context's error, or the charge's.
func (p *pool) do(ctx context.Context, text string, charge func(int64) error) (byte, []byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	for {
		w, err := p.take()
		if err != nil {
			return 0, nil, err
		}
		used := w.used
		started := time.Now()
		kind, body, err := w.exchange(ctx, text, charge)
		if err == nil {
			w.used = true
			p.give(w)
			return kind, body, nil
		}
		w.kill()
		if errors.Is(err, errWorkerLost) && used && time.Since(started) < answerTimeout {
			// It may have died while it was idle: once more with a fresh one.
			p.dropIdle()
			continue
		}
		return 0, nil, err
	}
}

func (p *pool) take() (*worker, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errors.New("the parser is closed")
	}
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return w, nil
	}
	p.mu.Unlock()
	cmd, err := p.command()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: cmd}
	if w.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the parser: %w", err)
	}
	if w.out, err = cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("starting the parser: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the parser: %w", err)
	}
	return w, nil
}

func (p *pool) give(w *worker) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if closed {
		w.kill()
	}
}

func (p *pool) dropIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, w := range idle {
		w.kill()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.dropIdle()
}

// exchange runs one request. The goroutine that ends the child when the context ends or time is up is awaited.
func (w *worker) exchange(ctx context.Context, text string, charge func(int64) error) (byte, []byte, error) {
	done := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		timer := time.NewTimer(answerTimeout)
		defer timer.Stop()
		select {
		case <-done:
			ended <- nil
		case <-ctx.Done():
			_ = w.cmd.Process.Kill()
			ended <- ctx.Err()
		case <-timer.C:
			_ = w.cmd.Process.Kill()
			ended <- errWorkerLost
		}
	}()
	var chargeErr error
	err := writeRequest(w.in, text)
	var kind byte
	var body []byte
	if err == nil {
		kind, body, err = readAnswer(w.out, func(n int64) error {
			chargeErr = charge(n)
			return chargeErr
		})
	}
	close(done)
	cause := <-ended
	switch {
	case cause != nil:
		return 0, nil, cause
	case chargeErr != nil:
		return 0, nil, chargeErr
	case err != nil:
		return 0, nil, fmt.Errorf("%w: %w", errWorkerLost, err)
	}
	return kind, body, nil
}

// kill ends the child and waits for it.
func (w *worker) kill() {
	_ = w.in.Close()
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}
