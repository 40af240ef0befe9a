package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

func projectFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(running.Root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is the text of the README under a heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(projectFile(t, "README.md"), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("the README has no section %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// blocks are the code blocks of a language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTheReadmeShowsTheWholeConfiguration(t *testing.T) {
	t.Parallel()
	shown := blocks(section(t, "Configuration"), "yaml")
	if len(shown) != 1 || shown[0] != projectFile(t, "testdata/config/full.yaml") {
		t.Error("the README's block of every key is not testdata/config/full.yaml")
	}
}

// TestTheReadmesFirstCommandsAreTargets reads the first block, which is what somebody types who has just cloned.
func TestTheReadmesFirstCommandsAreTargets(t *testing.T) {
	t.Parallel()
	makefile := projectFile(t, "Makefile")
	var targets []string
	for line := range strings.Lines(blocks(projectFile(t, "README.md"), "sh")[0]) {
		command := strings.Fields(line)
		if len(command) < 2 || command[0] != "make" {
			t.Fatalf("the first block has a line %q", line)
		}
		targets = append(targets, command[1])
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(command[1]) + `:`).MatchString(makefile) {
			t.Errorf("the Makefile has no target %s", command[1])
		}
	}
	if !slices.Equal(targets, []string{"demo", "test"}) {
		t.Errorf("the first commands are %v", targets)
	}
}

// TestTheReadmeNamesTheCommands compares the list of commands, and every flag that follows a command's name, with the program.
func TestTheReadmeNamesTheCommands(t *testing.T) {
	t.Parallel()
	root := (&program{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}).root()
	readme := projectFile(t, "README.md")
	_, list, ok := strings.Cut(section(t, "What it is"), "\nCommands: ")
	if !ok {
		t.Fatal("the README lists no commands")
	}
	var named, real []string
	for _, m := range regexp.MustCompile("`(?:odatagres )?([a-z]+)[^`]*`").FindAllStringSubmatch(list, -1) {
		named = append(named, m[1])
	}
	for _, c := range root.Commands() {
		real = append(real, c.Name())
	}
	slices.Sort(named)
	slices.Sort(real)
	if !slices.Equal(named, real) {
		t.Errorf("the README lists the commands %v, the program has %v", named, real)
	}
	for _, m := range regexp.MustCompile("`(?:odatagres )?("+strings.Join(real, "|")+")( [^`]*)?`").FindAllStringSubmatch(readme, -1) {
		command, _, err := root.Find([]string{m[1]})
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(m[2], -1) {
			if !hasFlag(command, strings.TrimPrefix(flag, "--")) {
				t.Errorf("%s has no flag %s", m[1], flag)
			}
		}
	}
}

func hasFlag(c *cobra.Command, name string) bool {
	c.InitDefaultHelpFlag()
	return c.Flags().Lookup(name) != nil
}

// TestTheReadmesTableOfPushdown makes the rows of the table from the profiles.
func TestTheReadmesTableOfPushdown(t *testing.T) {
	t.Parallel()
	text := section(t, "What is pushed down")
	head := "|"
	for _, p := range profile.All() {
		head += " | `" + p.Name + "`"
	}
	if !strings.Contains(text, head+" |\n") {
		t.Errorf("the table has no head\n%s |", head)
	}
	for _, option := range []struct {
		name  string
		taken func(*profile.Profile) string
	}{
		{"$select", func(p *profile.Profile) string { return yesNo(p.Select) }},
		{"$filter", filters},
		{"$top", func(p *profile.Profile) string {
			if p.Top && len(p.OrderBy) > 0 {
				return "yes, with `ORDER BY` too"
			}
			return yesNo(p.Top)
		}},
		{"$orderby", orders},
		{"$count", func(p *profile.Profile) string { return yesNo(p.Count) }},
	} {
		row := "| `" + option.name + "` |"
		for _, p := range profile.All() {
			row += " " + option.taken(p) + " |"
		}
		if !strings.Contains(text, "\n"+row+"\n") {
			t.Errorf("the table has no row\n%s", row)
		}
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// filters words the conditions that a profile takes: for kinds of properties with the same conditions together.
func filters(p *profile.Profile) string {
	properties := []string{""}
	for _, r := range p.Filter {
		if !slices.Contains(properties, r.Property) {
			properties = append(properties, r.Property)
		}
	}
	var parts, conditions []string
	kinds := map[string][]string{}
	for _, property := range properties {
		for _, k := range kindsOfColumns() {
			c := conditionsOn(p, property, k)
			if c == "" {
				continue
			}
			if property != "" {
				c += " on `" + property + "`"
			}
			if !slices.Contains(conditions, c) {
				conditions = append(conditions, c)
			}
			if property == "" {
				kinds[c] = append(kinds[c], strings.TrimPrefix(k.String(), "Edm."))
			}
		}
	}
	for _, c := range conditions {
		if len(kinds[c]) > 0 {
			c += " of " + strings.Join(kinds[c], ", ")
		}
		parts = append(parts, c)
	}
	if len(parts) == 0 {
		return "no"
	}
	if p.InList > 0 {
		parts = append(parts, "`IN` with up to "+strconv.Itoa(p.InList)+" members where `=` goes")
	}
	if p.And {
		parts = append(parts, "`AND`")
	}
	if p.Or {
		parts = append(parts, "`OR`")
	}
	if len(properties) == 3 && p.Exclusive("", properties[1], properties[2]) {
		parts = append(parts, "one of the two columns")
	}
	return strings.Join(parts, "; ")
}

func kindsOfColumns() []edm.Kind {
	return []edm.Kind{
		edm.KindByte, edm.KindSByte, edm.KindInt16, edm.KindInt32, edm.KindInt64, edm.KindDecimal, edm.KindDate, edm.KindDouble,
		edm.KindSingle, edm.KindBoolean, edm.KindGuid, edm.KindEnum, edm.KindString, edm.KindDateTimeOffset, edm.KindTimeOfDay,
		edm.KindDuration, edm.KindBinary,
	}
}

func conditionsOn(p *profile.Profile, property string, k edm.Kind) string {
	words := map[profile.Op]string{
		profile.Eq: "=", profile.Ne: "<>", profile.Lt: "<", profile.Le: "<=", profile.Gt: ">", profile.Ge: ">=", profile.In: "IN",
		profile.IsNull: "IS NULL", profile.IsNotNull: "IS NOT NULL",
		profile.StartsWith: "LIKE 'a%'", profile.EndsWith: "LIKE '%a'", profile.Contains: "LIKE '%a%'",
	}
	var taken []string
	for _, op := range profile.Ops() {
		switch v, _ := p.FilterVerdict("", property, op, edm.Type{Kind: k}); v {
		case profile.Exact:
			taken = append(taken, "`"+words[op]+"`")
		case profile.Superset:
			taken = append(taken, "`"+words[op]+"` (superset)")
		case profile.Local:
		}
	}
	return strings.Join(taken, " ")
}

// orders words the orders that a profile keeps, for columns without nulls.
func orders(p *profile.Profile) string {
	var kinds []string
	for _, k := range kindsOfColumns() {
		six := edm.Type{Kind: k, Facets: edm.Facets{Precision: 6}}
		if proof, _ := p.OrderVerdict("", "", six, false, false, false); proof == profile.SameOrder {
			kinds = append(kinds, strings.TrimPrefix(k.String(), "Edm."))
		}
	}
	if len(kinds) == 0 {
		return "no"
	}
	text := "columns without nulls of " + strings.Join(kinds, ", ")
	first, _ := p.OrderVerdict("", "", edm.Type{Kind: edm.KindInt32}, true, false, true)
	last, _ := p.OrderVerdict("", "", edm.Type{Kind: edm.KindInt32}, true, true, false)
	if first == profile.SameOrder && last == profile.SameOrder {
		text += "; with nulls by `ASC NULLS FIRST` and `DESC NULLS LAST`"
	}
	return text
}

// TestTheReadmeListsTheDifferences compares the table of differences with the entries of the file that excuses cases.
func TestTheReadmeListsTheDifferences(t *testing.T) {
	t.Parallel()
	entry := regexp.MustCompile(`^(newer grammar|no storage behind it|service's nature|security): (.+)$`)
	var want []string
	for line := range strings.Lines(projectFile(t, "testdata/differences.txt")) {
		line = strings.TrimRight(line, "\n")
		if m := entry.FindStringSubmatch(line); m != nil {
			want = append(want, "| "+m[1]+" | "+m[2]+" |")
		} else if line != "" && line[0] != '#' && line[0] != ' ' {
			t.Errorf("testdata/differences.txt has a line that is none: %q", line)
		}
	}
	_, table, ok := strings.Cut(section(t, "Differences from PostgreSQL"), "\n| Reason | What |\n| --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	got := strings.Split(strings.TrimSpace(table), "\n")
	slices.Sort(want)
	slices.Sort(got)
	if !ok || !slices.Equal(got, want) {
		t.Errorf("the table of differences must be\n| Reason | What |\n| --- | --- |\n%s\nbut is\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}
