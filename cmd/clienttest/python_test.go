package clienttest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// python is Debian's, for whose packages the set-up looks.
const python = "/usr/bin/python3"

// program runs a program of testdata with JSON as its input.
func program(t *testing.T, input any, name string, args ...string) (stdout []byte) {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.Stdin = bytes.NewReader(data)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, errs.String())
	}
	return out
}

// checkProgram compares the answers that a program printed.
func checkProgram(t *testing.T, client string, qs []*question, out []byte) {
	t.Helper()
	var answers []struct {
		Names []string
		Rows  [][]*string
		Error string
	}
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(answers) != len(qs) {
		t.Fatalf("%s gave %d answers to %d questions", client, len(answers), len(qs))
	}
	for i, q := range qs {
		if answers[i].Error != "" {
			t.Errorf("%s: %s: %s", client, q.place, answers[i].Error)
			continue
		}
		q.check(t, client, answers[i].Names, q.canonicalRows(answers[i].Rows))
	}
}

func TestPython(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	qs := questions(t, g.URL)
	for _, client := range []string{"psycopg2", "psycopg2-named", "sqlalchemy", "asyncpg"} {
		t.Run(client, func(t *testing.T) {
			checkProgram(t, client, qs, program(t, texts(qs), python, "testdata/python_client.py", client, g.URL))
		})
	}
}

func TestPythonSessions(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	for _, client := range []string{"psycopg2", "asyncpg", "sqlalchemy"} {
		t.Run(client, func(t *testing.T) {
			if out := program(t, nil, python, "testdata/python_session.py", client, g.URL); len(out) > 0 {
				t.Errorf("%s", out)
			}
		})
	}
}
