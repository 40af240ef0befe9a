package running

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	lineTimeout = 60 * time.Second // for a line that the command prints once it has started
	endTimeout  = 30 * time.Second // for its end after SIGTERM
)

// Process is a running command.
type Process struct {
	tb     testing.TB
	cmd    *exec.Cmd
	stderr buffer
	done   chan struct{} // closed when it has ended
	err    error         // of waiting for it, valid once done

	mu    sync.Mutex
	more  *sync.Cond
	lines []string
	eof   bool

	killed bool // by Kill
}

// buffer is a bytes.Buffer that is written and read at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Start runs the command with an environment of its own (beside PATH and HOME), and ends it with the test.
func Start(tb testing.TB, env []string, args ...string) *Process {
	tb.Helper()
	return StartProgram(tb, Binary(tb), env, args...)
}

// StartProgram is Start for another program, such as the test binary itself, that ends on SIGTERM with exit code 0.
func StartProgram(tb testing.TB, program string, env []string, args ...string) *Process {
	tb.Helper()
	p := &Process{tb: tb, cmd: exec.Command(program, args...), done: make(chan struct{})} //nolint:noctx // ended by the clean-up
	p.more = sync.NewCond(&p.mu)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go p.read(stdout)
	tb.Cleanup(func() {
		if code := p.Stop(); code != 0 && !p.killed {
			tb.Errorf("%v ended with exit code %d: %v\n%s", args, code, p.err, p.Stderr())
		} else if tb.Failed() {
			tb.Logf("standard error of %v:\n%s", args, tail(p.Stderr(), 3000))
		}
	})
	return p
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (p *Process) read(r io.Reader) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		p.mu.Lock()
		p.lines = append(p.lines, s.Text())
		p.mu.Unlock()
		p.more.Broadcast()
	}
	p.err = p.cmd.Wait()
	p.mu.Lock()
	p.eof = true
	p.mu.Unlock()
	p.more.Broadcast()
	close(p.done)
}

// Line waits for the first line of standard output that begins with a word, and returns what follows it.
func (p *Process) Line(word string) string {
	p.tb.Helper()
	line := p.Match(`^` + regexp.QuoteMeta(word) + ` `)
	return strings.TrimPrefix(line, word+" ")
}

// Match waits for the first line of standard output that fits a pattern.
func (p *Process) Match(pattern string) string {
	p.tb.Helper()
	want := regexp.MustCompile(pattern)
	late := false
	timer := time.AfterFunc(lineTimeout, func() {
		p.mu.Lock()
		late = true
		p.mu.Unlock()
		p.more.Broadcast()
	})
	defer timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := 0; ; {
		for ; i < len(p.lines); i++ {
			if want.MatchString(p.lines[i]) {
				return p.lines[i]
			}
		}
		if late || p.eof {
			p.tb.Fatalf("no line %q in\n%s\nstandard error:\n%s", pattern, strings.Join(p.lines, "\n"), p.stderr.String())
		}
		p.more.Wait()
	}
}

// Output is standard output so far; after Wait or Stop it is whole.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.lines) == 0 {
		return ""
	}
	return strings.Join(p.lines, "\n") + "\n"
}

// Stderr is standard error so far.
func (p *Process) Stderr() string { return p.stderr.String() }

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Error(err)
	}
}

// Running says whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Wait waits for the end and returns the exit code.
func (p *Process) Wait() int {
	p.tb.Helper()
	select {
	case <-p.done:
	case <-time.After(endTimeout):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // prints the goroutines
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
			_ = p.cmd.Process.Kill()
			<-p.done
		}
		p.tb.Errorf("the process did not end within %v:\n%s", endTimeout, tail(p.Stderr(), 30000))
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the process by SIGKILL and waits for its end, which is then no fault.
func (p *Process) Kill() {
	p.killed = true
	p.Signal(syscall.SIGKILL)
	p.Wait()
}

// Stop ends the process by SIGTERM and returns its exit code. A process that has ended already gives the code it ended with.
func (p *Process) Stop() int {
	p.tb.Helper()
	p.Signal(syscall.SIGTERM)
	return p.Wait()
}

// PeakMemory is the most that the process had in memory, in bytes (VmHWM, proc(5)).
func (p *Process) PeakMemory() int64 {
	p.tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		p.tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				p.tb.Fatal(err)
			}
			return kb << 10
		}
	}
	p.tb.Fatal("there is no VmHWM")
	return 0
}

// CPU is the processor time that the process has used so far, of all its threads (utime and stime, proc(5)).
func (p *Process) CPU() time.Duration {
	p.tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		p.tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold blanks
	fields := strings.Fields(rest)
	var ticks int64
	for _, i := range []int{11, 12} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			p.tb.Fatal(err)
		}
		ticks += n
	}
	const perSecond = 100 // USER_HZ is 100 on every Linux that Go runs on
	return time.Duration(ticks) * time.Second / perSecond
}

// Run runs the command to its end.
func Run(tb testing.TB, env []string, args ...string) (stdout, stderr string, code int) {
	tb.Helper()
	cmd := exec.Command(Binary(tb), args...) //nolint:noctx // go test's own time limit holds
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
