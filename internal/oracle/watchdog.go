package oracle

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// Files in the server's folder.
const (
	logFile  = "log"  // what initdb and postgres print
	exitFile = "exit" // there once either has ended
)

// watchdogScript makes and runs the server, and ends it when its standard input
// does. Only the test process holds the other end of that pipe, so the kernel
// tells of its end even after SIGKILL. PostgreSQL is ended by SIGQUIT: nothing is
// worth a checkpoint.
//
// Arguments: the folder, the folder of PostgreSQL's programs, and settings.
const watchdogScript = `
exec 3<&0 </dev/null
cd "$1" || exit 1
bin=$2
shift 2
preload=${LD_PRELOAD-}
unset LD_PRELOAD
if "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >initlog 2>&1; then
	[ -z "$preload" ] || export LD_PRELOAD="$preload"
	"$bin/postgres" -D data "$@" >` + logFile + ` 2>&1 3<&- &
	pid=$!
	unset LD_PRELOAD
	(cat <&3 >/dev/null; kill -QUIT "$pid" 2>/dev/null) &
	wait "$pid"
	echo "$?" >` + exitFile + `
else
	mv initlog ` + logFile + `
	echo initdb >` + exitFile + `
	cat <&3 >/dev/null &
fi
exec 3<&-
wait
cd /
rm -rf "$OLDPWD"
`

// startWatchdog starts the script. Nothing of it may hold the test process's
// output, for which `go test` would wait; the session of its own keeps a Ctrl-C
// meant for the tests from it.
func startWatchdog(dir, bin string, cred *syscall.Credential, env, settings []string) (*os.File, *exec.Cmd, error) {
	args := []string{"-c", watchdogScript, "oracle-watchdog", dir, bin}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command("/bin/sh", args...) //nolint:noctx // it ends by the pipe
	cmd.Stdin = read
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: cred}
	err = cmd.Start()
	_ = read.Close()
	if err != nil {
		_ = write.Close()
		return nil, nil, fmt.Errorf("start the watchdog: %w", err)
	}
	return write, cmd, nil
}
