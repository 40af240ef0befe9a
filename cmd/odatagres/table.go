package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// cell is a value as psql prints it: NULL is nothing.
func cell(v *string) string {
	if v == nil {
		return ""
	}
	return *v
}

// table prints rows as psql's aligned format does: right names the columns that stand at the right.
func table(names []string, right []bool, rows [][]*string) string {
	width := make([]int, len(names))
	for i, n := range names {
		width[i] = utf8.RuneCountInString(n)
		for _, row := range rows {
			width[i] = max(width[i], utf8.RuneCountInString(cell(row[i])))
		}
	}
	var b strings.Builder
	line := func(text func(i int) string, separator string) {
		for i := range names {
			if i > 0 {
				b.WriteString(separator)
			}
			b.WriteString(text(i))
		}
		b.WriteByte('\n')
	}
	pad := func(n int) string { return strings.Repeat(" ", n) }
	line(func(i int) string {
		free := width[i] - utf8.RuneCountInString(names[i])
		return " " + pad(free/2) + names[i] + pad(free-free/2) + " "
	}, "|")
	line(func(i int) string { return strings.Repeat("-", width[i]+2) }, "+")
	for _, row := range rows {
		line(func(i int) string {
			text := cell(row[i])
			free := width[i] - utf8.RuneCountInString(text)
			if right[i] {
				text = pad(free) + text
			} else if i < len(names)-1 {
				text += pad(free)
			}
			if i < len(names)-1 { // psql leaves out blanks at the end of a line
				text += " "
			}
			return " " + text
		}, "|")
	}
	if len(rows) == 1 {
		b.WriteString("(1 row)\n")
	} else {
		fmt.Fprintf(&b, "(%d rows)\n", len(rows))
	}
	return b.String()
}

// sqlError is an error of the engine as one line, with what psql shows beside the message.
func sqlError(err error) error {
	e := pgerr.As(err)
	if e == nil {
		return err
	}
	var b strings.Builder
	b.WriteString(e.Message)
	fmt.Fprintf(&b, " (SQLSTATE %s)", e.Code)
	if e.Position > 0 {
		fmt.Fprintf(&b, " at character %d", e.Position)
	}
	for _, more := range []string{e.Detail, e.Hint} {
		if more != "" {
			b.WriteString("; ")
			b.WriteString(more)
		}
	}
	return errors.New(strings.ReplaceAll(b.String(), "\n", " "))
}
