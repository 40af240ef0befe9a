package difftest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// ulps is how far two double results may lie apart: sums of doubles depend on the order of the rows, which SQL leaves open.
const ulps = 16

// differ tells what distinguishes two answers; empty if nothing that matters. Rows are compared in order if ordered.
func differ(want, got *answer, f format, ordered bool) string {
	if want.fault != nil || got.fault != nil {
		return differFault(want, got)
	}
	if d := differColumns(want, got); d != "" {
		return d
	}
	if want.tag != got.tag {
		return fmt.Sprintf("command tag %q instead of %q", got.tag, want.tag)
	}
	if len(want.rows) != len(got.rows) {
		return fmt.Sprintf("%d rows instead of %d", len(got.rows), len(want.rows))
	}
	a, b := want.rows, got.rows
	if !ordered {
		a, b = sorted(a), sorted(b)
	}
	for i := range a {
		if !equalRows(want, a[i], b[i], f) {
			// Doubles that differ in their last digits may sort elsewhere, and so may arrays with another flag.
			if !ordered && (approximate(want) || f == extendedBinary) && sameMultiset(want, a, b, f) {
				return ""
			}
			return fmt.Sprintf("row %d is\n %s\ninstead of\n %s%s", i+1, rowText(b[i]), rowText(a[i]), differCell(want, a[i], b[i], f))
		}
	}
	return ""
}

// differCell shows the first cell of a wide row that differs.
func differCell(want *answer, a, b [][]byte, f format) string {
	for i := range a {
		if len(a) > 1 && !equalCells(want.columns[i].DataTypeOID, a[i], b[i], f) {
			return fmt.Sprintf("\n(column %d: %.300q instead of %.300q)", i+1, b[i], a[i])
		}
	}
	return ""
}

func differFault(want, got *answer) string {
	switch {
	case want.fault == nil:
		return fmt.Sprintf("error %s %s", got.fault.Code, got.fault.Message)
	case got.fault == nil:
		return fmt.Sprintf("no error %s %s", want.fault.Code, want.fault.Message)
	case want.fault.Code != got.fault.Code:
		return fmt.Sprintf("error %s %s instead of %s %s", got.fault.Code, got.fault.Message, want.fault.Code, want.fault.Message)
	case want.fault.Message != got.fault.Message:
		return fmt.Sprintf("message %q instead of %q", got.fault.Message, want.fault.Message)
	case want.fault.Position != got.fault.Position:
		return fmt.Sprintf("%s at %d instead of %d", want.fault.Message, got.fault.Position, want.fault.Position)
	case want.fault.Severity != got.fault.Severity:
		return fmt.Sprintf("severity %s instead of %s", got.fault.Severity, want.fault.Severity)
	}
	return ""
}

// differAdvice compares what an error says beyond its message.
func differAdvice(want, got *answer) string {
	switch {
	case want.fault == nil || got.fault == nil:
	case want.fault.Hint != got.fault.Hint:
		return fmt.Sprintf("%s with the hint %q instead of %q", want.fault.Message, got.fault.Hint, want.fault.Hint)
	case want.fault.Detail != got.fault.Detail:
		return fmt.Sprintf("%s with the detail %q instead of %q", want.fault.Message, got.fault.Detail, want.fault.Detail)
	case want.fault.Where != got.fault.Where && !strings.HasPrefix(want.fault.Where, "SQL function "): // what is written in SQL there is not here
		return fmt.Sprintf("%s with the context %q instead of %q", want.fault.Message, got.fault.Where, want.fault.Where)
	}
	return ""
}

func differColumns(want, got *answer) string {
	if len(want.columns) != len(got.columns) {
		return fmt.Sprintf("%d columns instead of %d", len(got.columns), len(want.columns))
	}
	for i, w := range want.columns {
		g := got.columns[i]
		switch {
		case w.Name != g.Name:
			return fmt.Sprintf("column %d is named %q instead of %q", i+1, g.Name, w.Name)
		case !sameType(w.DataTypeOID, g.DataTypeOID):
			return fmt.Sprintf("column %q has the type %d instead of %d", w.Name, g.DataTypeOID, w.DataTypeOID)
		case w.TypeModifier != g.TypeModifier:
			return fmt.Sprintf("column %q has the type modifier %d instead of %d", w.Name, g.TypeModifier, w.TypeModifier)
		case w.DataTypeSize != g.DataTypeSize:
			return fmt.Sprintf("column %q has the size %d instead of %d", w.Name, g.DataTypeSize, w.DataTypeSize)
		case w.Format != g.Format:
			return fmt.Sprintf("column %q has the format %d instead of %d", w.Name, g.Format, w.Format)
		}
	}
	return ""
}

// sameType leaves the types of a user's objects alone: each server numbers them for itself.
func sameType(a, b uint32) bool {
	const firstUser = 16384
	return a == b || a >= firstUser && b >= firstUser
}

func sorted(rows [][][]byte) [][][]byte {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, compareRows)
	return out
}

func compareRows(a, b [][]byte) int {
	for i := range a {
		if (a[i] == nil) != (b[i] == nil) {
			if a[i] == nil {
				return 1
			}
			return -1
		}
		if c := bytes.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func approximate(a *answer) bool {
	for _, c := range a.columns {
		if c.DataTypeOID == sqltype.OIDFloat8 || c.DataTypeOID == sqltype.OIDFloat4 {
			return true
		}
	}
	return false
}

// sameMultiset pairs each row with an equal one.
func sameMultiset(want *answer, a, b [][][]byte, f format) bool {
	used := make([]bool, len(b))
	for _, row := range a {
		at := -1
		for j := range b {
			if !used[j] && equalRows(want, row, b[j], f) {
				at = j
				break
			}
		}
		if at < 0 {
			return false
		}
		used[at] = true
	}
	return true
}

func equalRows(want *answer, a, b [][]byte, f format) bool {
	for i := range a {
		if !equalCells(want.columns[i].DataTypeOID, a[i], b[i], f) {
			return false
		}
	}
	return true
}

func equalCells(oid uint32, a, b []byte, f format) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	if bytes.Equal(a, b) {
		return true
	}
	switch oid {
	case sqltype.OIDFloat8:
		x, ok1 := double(a, f)
		y, ok2 := double(b, f)
		return ok1 && ok2 && near(x, y)
	case sqltype.OIDFloat4:
		x, ok1 := single(a, f)
		y, ok2 := single(b, f)
		return ok1 && ok2 && x != x && y != y || ok1 && ok2 && math.Abs(float64(x)-float64(y)) <= 4*float64(math.Nextafter32(x, math.MaxFloat32)-x)
	}
	if f == extendedBinary && sqltype.ElemOf(oid) != 0 && len(a) > 8 && len(b) > 8 {
		// The flag that nulls may come is set for some arrays without any.
		return bytes.Equal(a[:4], b[:4]) && bytes.Equal(a[8:], b[8:])
	}
	return false
}

func double(b []byte, f format) (float64, bool) {
	if f == extendedBinary {
		if len(b) != 8 {
			return 0, false
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), true
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(string(b)), 64)
	return x, err == nil
}

func single(b []byte, f format) (float32, bool) {
	if f == extendedBinary {
		if len(b) != 4 {
			return 0, false
		}
		return math.Float32frombits(binary.BigEndian.Uint32(b)), true
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(string(b)), 32)
	return float32(x), err == nil
}

func near(x, y float64) bool {
	if x == y || math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	if math.IsInf(x, 0) || math.IsInf(y, 0) || (x < 0) != (y < 0) {
		return false
	}
	a, b := int64(math.Float64bits(math.Abs(x))), int64(math.Float64bits(math.Abs(y)))
	return max(a, b)-min(a, b) <= ulps
}
