package planner

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/odatagres/odatagres/planner/plan"
)

// ExplainJSON prints a plan in EXPLAIN (FORMAT JSON)'s form, which plan viewers read.
func ExplainJSON(root plan.Node, opts ExplainOptions) (string, error) {
	x := newExplainer(root, opts)
	top := &object{}
	top.add("Plan", jsonNode(x.node(root, nil), "", opts))
	if opts.Summary {
		top.add("Planning Time", rounded(opts.Planning))
		if opts.Analyze {
			top.add("Execution Time", rounded(opts.Execution))
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode([]*object{top}); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

func rounded(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// object is a JSON object that keeps the order of its members.
type object struct {
	keys   []string
	values []any
}

func (o *object) add(key string, v any) {
	o.keys, o.values = append(o.keys, key), append(o.values, v)
}

// MarshalJSON implements json.Marshaler.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{k, o.values[i]} {
			if j == 1 {
				b.WriteByte(':')
			}
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(v); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// parentage is PostgreSQL's Parent Relationship of the i-th child that is no subplan.
func parentage(c *entry, i int) string {
	switch {
	case strings.HasPrefix(c.label, "SubPlan"):
		return "SubPlan"
	case c.label != "":
		return "InitPlan"
	case i == 0:
		return "Outer"
	}
	return "Inner"
}

func jsonNode(e *entry, parent string, opts ExplainOptions) *object {
	o := &object{}
	o.add("Node Type", e.nodeType)
	if parent != "" {
		o.add("Parent Relationship", parent)
	}
	if e.label != "" {
		o.add("Subplan Name", e.label)
	}
	o.add("Parallel Aware", false)
	o.add("Async Capable", false)
	for _, p := range e.extra {
		o.add(p.key, p.text)
	}
	if opts.Costs {
		o.add("Startup Cost", math.Round(e.cost[0]*100)/100)
		o.add("Total Cost", math.Round(e.cost[1]*100)/100)
		o.add("Plan Rows", int64(e.rows))
		o.add("Plan Width", e.width)
	}
	if s := e.stats; opts.Analyze {
		if s == nil {
			s = &NodeStats{}
		}
		loops := max(s.Loops, 1)
		if opts.Timing {
			o.add("Actual Startup Time", rounded(s.First))
			o.add("Actual Total Time", rounded(s.Total/time.Duration(loops)))
		}
		o.add("Actual Rows", s.Rows/loops)
		o.add("Actual Loops", s.Loops)
	}
	for _, p := range e.props {
		if p.list != nil {
			o.add(p.key, p.list)
		} else {
			o.add(p.key, p.text)
		}
	}
	if s := e.stats; s != nil && opts.Analyze && e.sort != "" {
		o.add("Sort Method", e.sort)
		if kB, of := s.space(); kB > 0 {
			o.add("Sort Space Used", kB)
			o.add("Sort Space Type", of)
		}
	}
	if batches, memory, disk := e.hash(); opts.Analyze && batches > 0 {
		o.add("HashAgg Batches", batches)
		o.add("Peak Memory Usage", memory)
		o.add("Disk Usage", disk)
	}
	if s := e.stats; s != nil && opts.Analyze && hasFilter(e) {
		o.add("Rows Removed by Filter", s.Removed/max(s.Loops, 1))
	}
	if s := e.stats; s != nil && opts.Analyze && s.Remote {
		o.add("Requests", s.Requests)
		o.add("Pages", s.Pages)
		o.add("Rows Read", s.Read)
		o.add("Bytes", s.Bytes)
		o.add("Retries", s.Retries)
		o.add("Waiting Time", rounded(s.Waiting))
		o.add("Decoding Time", rounded(s.Decoding))
	}
	if len(e.children) > 0 {
		var plans []*object
		inputs := 0
		for _, c := range e.children {
			plans = append(plans, jsonNode(c, parentage(c, inputs), opts))
			if c.label == "" {
				inputs++
			}
		}
		o.add("Plans", plans)
	}
	return o
}

func hasFilter(e *entry) bool {
	for _, p := range e.props {
		if p.key == "Filter" {
			return true
		}
	}
	return false
}
