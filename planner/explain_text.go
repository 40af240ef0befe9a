package planner

import (
	"fmt"
	"strings"
	"time"

	"github.com/odatagres/odatagres/planner/plan"
)

// ExplainText prints a plan in EXPLAIN's text form, one line per element.
func ExplainText(root plan.Node, opts ExplainOptions) []string {
	x := newExplainer(root, opts)
	t := &textPrinter{opts: opts}
	t.entry(x.node(root, nil), 0, true)
	if opts.Summary {
		t.lines = append(t.lines, fmt.Sprintf("Planning Time: %s ms", millis(opts.Planning)))
		if opts.Analyze {
			t.lines = append(t.lines, fmt.Sprintf("Execution Time: %s ms", millis(opts.Execution)))
		}
	}
	return t.lines
}

type textPrinter struct {
	opts  ExplainOptions
	lines []string
}

func millis(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d)/1e6) }

// entry prints a node whose line starts at column indent; children are indented by six, properties by two from the title.
func (t *textPrinter) entry(e *entry, indent int, root bool) {
	pad := strings.Repeat(" ", indent)
	line := pad
	if e.label != "" {
		t.lines = append(t.lines, pad+e.label)
		pad += "  "
		line = pad
		indent += 2
	}
	if !root {
		line += "->  "
		indent += 4
	}
	line += e.title + t.costs(e)
	t.lines = append(t.lines, line)
	inner := strings.Repeat(" ", indent+2)
	for _, p := range e.props {
		switch {
		case p.list != nil && (p.key == "Pushed" || p.key == "Kept"):
			for _, l := range p.list {
				t.lines = append(t.lines, inner+p.key+": "+l)
			}
		case p.list != nil:
			t.lines = append(t.lines, inner+p.key+": "+strings.Join(p.list, ", "))
		default:
			t.lines = append(t.lines, inner+p.key+": "+p.text)
		}
	}
	if s := e.stats; s != nil && t.opts.Analyze {
		if e.sort != "" {
			line := inner + "Sort Method: " + e.sort
			if kB, of := s.space(); kB > 0 {
				line += fmt.Sprintf("  %s: %dkB", of, kB)
			}
			t.lines = append(t.lines, line)
		}
		if batches, memory, disk := e.hash(); batches > 0 {
			line := fmt.Sprintf("%sBatches: %d  Memory Usage: %dkB", inner, batches, memory)
			if disk > 0 {
				line += fmt.Sprintf("  Disk Usage: %dkB", disk)
			}
			t.lines = append(t.lines, line)
		}
		if s.Removed > 0 {
			t.lines = append(t.lines, fmt.Sprintf("%sRows Removed by Filter: %.0f", inner, float64(s.Removed)/float64(max(s.Loops, 1))))
		}
		if s.Remote {
			t.lines = append(t.lines, fmt.Sprintf("%sRequests: %d  Pages: %d  Rows: %d  Bytes: %d  Retries: %d", inner, s.Requests, s.Pages, s.Read, s.Bytes, s.Retries))
			if t.opts.Timing {
				t.lines = append(t.lines, fmt.Sprintf("%sWaiting: %s ms  Decoding: %s ms", inner, millis(s.Waiting), millis(s.Decoding)))
			}
		}
	}
	for _, c := range e.children {
		t.entry(c, indent+2, false)
	}
}

func (t *textPrinter) costs(e *entry) string {
	s := ""
	if t.opts.Costs {
		s = fmt.Sprintf("  (cost=%.2f..%.2f rows=%.0f width=%d)", e.cost[0], e.cost[1], e.rows, e.width)
	}
	if !t.opts.Analyze {
		return s
	}
	st := e.stats
	if st == nil || st.Loops == 0 {
		return s + " (never executed)"
	}
	rows := float64(st.Rows) / float64(st.Loops)
	if !t.opts.Timing {
		return s + fmt.Sprintf(" (actual rows=%.0f loops=%d)", rows, st.Loops)
	}
	return s + fmt.Sprintf(" (actual time=%s..%s rows=%.0f loops=%d)", millis(st.First), millis(st.Total/time.Duration(st.Loops)), rows, st.Loops)
}
