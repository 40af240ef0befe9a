package config

import (
	"fmt"
	"sort"
	"strings"
)

// Fault is one thing that is wrong with a configuration.
type Fault struct {
	// Line is where, from 1; 0 if the configuration was not read from text.
	Line int
	// Path is the key, such as services[0].url; empty for the file as a whole.
	Path string
	// Message says what is wrong with it, without a secret's value.
	Message string
}

// Faults is everything that is wrong with a configuration, as one error.
type Faults struct {
	// File is the name that was given to Load or Parse.
	File string
	// List has at least one fault, in the order of their lines.
	List []Fault
}

// Error prints one fault a line, as file:line: path: message.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, one := range f.List {
		var b strings.Builder
		if f.File != "" {
			b.WriteString(f.File)
			if one.Line > 0 {
				fmt.Fprintf(&b, ":%d", one.Line)
			}
			b.WriteString(": ")
		}
		if one.Path != "" {
			b.WriteString(one.Path)
			b.WriteString(": ")
		}
		b.WriteString(one.Message)
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// faultList collects faults, and knows on which line each key was given.
type faultList struct {
	list  []Fault
	lines map[string]int
}

func newFaultList() *faultList {
	return &faultList{lines: make(map[string]int)}
}

// at notes the line of a key, for faults that are found when only its value is
// at hand.
func (f *faultList) at(path string, line int) { f.lines[path] = line }

// add reports a fault of a key whose line is known, or that of the nearest key
// around it if the key itself was not given.
func (f *faultList) add(path, format string, args ...any) {
	f.addLine(f.line(path), path, format, args...)
}

func (f *faultList) addLine(line int, path, format string, args ...any) {
	f.list = append(f.list, Fault{Line: line, Path: path, Message: fmt.Sprintf(format, args...)})
}

func (f *faultList) line(path string) int {
	for {
		if line, ok := f.lines[path]; ok {
			return line
		}
		if path == "" {
			return 0
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// has says whether a key, one inside it or one around it was already found
// faulty, so that a second fault about it would only repeat the first.
func (f *faultList) has(path string) bool {
	for _, one := range f.list {
		if one.Path != "" && (isWithin(one.Path, path) || isWithin(path, one.Path)) {
			return true
		}
	}
	return false
}

// isWithin says whether a path is the other one or inside it.
func isWithin(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// err is nil without faults.
func (f *faultList) err(file string) error {
	if len(f.list) == 0 {
		return nil
	}
	sort.SliceStable(f.list, func(i, j int) bool { return f.list[i].Line < f.list[j].Line })
	return &Faults{File: file, List: f.list}
}
