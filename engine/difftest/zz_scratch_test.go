package difftest

import (
	"os"
	"testing"
	"strings"
)

func TestScratch(t *testing.T) {
	p := os.Getenv("SCRATCH")
	if p == "" {
		t.Skip()
	}
	server, db := database(t)
	c := connect(t, server.DSNOf(db))
	b, _ := os.ReadFile(p)
	for _, sql := range strings.Split(string(b), ";\n") {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		a, err := ask(t.Context(), c, sql, nil, simple)
		t.Logf("%s\n%s %v", sql, a, err)
	}
}
