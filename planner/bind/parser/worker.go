package parser

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"

	cparser "github.com/pganalyze/pg_query_go/v5/parser"
)

// WorkerArgument is the command that makes a process of this binary a parse worker.
const WorkerArgument = "parse-worker"

// The bounds that a worker sets on itself. RLIMIT_AS is no use: Go reserves more address space than it uses.
const (
	workerStack    = 8 << 20
	workerData     = 512 << 20
	workerWatchdog = 6 * time.Second
)

// Exit statuses of a worker.
const (
	exitLate   = 3
	exitBroken = 4
)

// MaybeRunWorker turns the process into a parse worker if it was started as one, and then does not return. Every program
// that parses SQL (the command, and TestMain of tests) calls it first.
func MaybeRunWorker() {
	if len(os.Args) == 2 && os.Args[1] == WorkerArgument {
		WorkerMain()
	}
}

// WorkerMain is the worker's main function. It does not return: it ends with the process when the parent closes the pipe.
func WorkerMain() {
	runtime.LockOSThread()
	if !boundStack() {
		os.Exit(exitBroken) //nolint:forbidigo // a worker is a command of its own
	}
	bound(syscall.RLIMIT_DATA, workerData)
	bound(syscall.RLIMIT_CORE, 0)
	os.Exit(serveWorker()) //nolint:forbidigo // a worker is a command of its own
}

// boundStack sets the stack limit and starts the program anew, because the size of a thread's stack and the room that the
// kernel leaves below the main thread's are fixed when a program starts. It returns true in the new program.
func boundStack() bool {
	var cur syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_STACK, &cur); err != nil {
		return false
	}
	want := uint64(workerStack)
	if cur.Max < want {
		want = cur.Max
	}
	if cur.Cur == want && cur.Max == want {
		return true
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_STACK, &syscall.Rlimit{Cur: want, Max: want}); err != nil {
		return false
	}
	exe, err := os.Executable()
	if err != nil {
		return false
	}
	return syscall.Exec(exe, []string{os.Args[0], WorkerArgument}, nil) == nil
}

func bound(resource int, limit uint64) {
	var cur syscall.Rlimit
	if syscall.Getrlimit(resource, &cur) != nil {
		os.Exit(exitBroken) //nolint:forbidigo // a worker is a command of its own
	}
	limit = min(limit, cur.Max)
	if syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}) != nil {
		os.Exit(exitBroken) //nolint:forbidigo // a worker is a command of its own
	}
}

func serveWorker() int {
	in, out := bufio.NewReader(os.Stdin), os.Stdout
	watchdog := time.AfterFunc(time.Hour, func() { os.Exit(exitLate) }) //nolint:forbidigo // a worker is a command of its own
	watchdog.Stop()
	for {
		text, err := readRequest(in)
		if err != nil {
			return 0
		}
		watchdog.Reset(workerWatchdog)
		tree, err := cparser.ParseToProtobuf(text)
		watchdog.Stop()
		if err == nil {
			err = writeAnswer(out, answerTree, tree)
		} else {
			var fault workerFault
			var pe *cparser.Error
			if errors.As(err, &pe) {
				fault = workerFault{Message: pe.Message, Function: pe.Funcname, Cursor: pe.Cursorpos}
			} else {
				fault = workerFault{Message: err.Error()}
			}
			body, jerr := json.Marshal(fault)
			if jerr != nil {
				return exitBroken
			}
			err = writeAnswer(out, answerFault, body)
		}
		if err != nil {
			return exitBroken
		}
	}
}
