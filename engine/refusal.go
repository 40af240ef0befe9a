package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// again closes the operators and runs the query anew, with what caps leave out.
func (q *queryRun) again(ctx context.Context, caps *capabilities) (*vector.Batch, error) {
	if err := q.stop(); err != nil {
		return nil, err
	}
	q.caps = caps
	if err := q.replan(); err != nil {
		return nil, err
	}
	return q.attempt(ctx)
}

// mend plans again after a refusal or a lie, or returns the error.
func (q *queryRun) mend(ctx context.Context, err error) (*vector.Batch, error) {
	// Each lie takes something away, so this ends.
	for {
		var lie *exec.Lie
		if !errors.As(err, &lie) {
			break
		}
		caps := q.caps.copy()
		for _, k := range q.lied(lie.Remote) {
			caps.without[k] = true
		}
		if len(caps.without) == len(q.caps.without) {
			return nil, err
		}
		var b *vector.Batch
		if b, err = q.again(ctx, caps); err == nil {
			return b, nil
		}
	}
	return q.relent(ctx, err)
}

// lied is what a contradicted read must not ask for again: the conditions that were found broken, else the order.
func (q *queryRun) lied(r *plan.Remote) []string {
	if broken := q.caps.brokenKeys(); len(broken) > 0 {
		return broken
	}
	keys := trusted(r)
	if len(r.Order) > 0 {
		keys = []string{optionKey(r.Scan.Service, r.Scan.EntitySet, "$orderby")}
	}
	q.learn(keys, "the service's answer contradicted the request")
	return keys
}

// trial is one way to ask again after a refusal: without some conditions and options, with other spellings of properties.
type trial struct {
	without []string
	spell   map[string]string // by spellingKey
}

// refused is a set of which the service refused a read.
type refused struct {
	fault  *odata.Error // the first refusal
	err    error
	trials []trial
	at     int // the trial that is made now
}

// relent asks the sets that refused their reads in other ways, one after the other for each set, since the sets of a query are read
// at once and any of them may be refused first. Something is learned only when the whole query is answered without it.
func (q *queryRun) relent(ctx context.Context, err error) (*vector.Batch, error) {
	sets := map[[2]string]*refused{}
	first := q.caps
	for {
		fault := asRefusal(err)
		if fault == nil {
			return nil, err
		}
		set := [2]string{fault.Service, fault.Set}
		r := sets[set]
		if r == nil {
			r = &refused{fault: fault, err: err, trials: q.trials(fault)}
			sets[set] = r
		} else {
			r.at++
		}
		if r.at >= len(r.trials) {
			return nil, r.err
		}
		caps := first.copy()
		for _, r := range sets {
			t := r.trials[r.at]
			for _, k := range t.without {
				caps.without[k] = true
			}
			maps.Copy(caps.spell, t.spell)
		}
		var b *vector.Batch
		if b, err = q.again(ctx, caps); err != nil {
			continue
		}
		for _, r := range sets {
			t := r.trials[r.at]
			q.learn(t.without, "the service refused it: "+r.fault.Message)
			q.s.e.services.learned.learnSpelling(t.spell)
		}
		return b, nil
	}
}

// The HTTP statuses by which a service refuses options.
const (
	statusBadRequest     = 400
	statusNotImplemented = 501
)

// late handles a refusal after rows have left, of a set that is read later than others: the statement fails, since what was given cannot
// be taken back, but the set is asked for a few rows in other ways, so that the statement succeeds when it is run again.
func (q *queryRun) late(ctx context.Context, err error) error {
	fault := asRefusal(err)
	if fault == nil {
		return err
	}
	first := q.caps
	for _, t := range q.trials(fault) {
		caps := first.copy()
		for _, k := range t.without {
			caps.without[k] = true
		}
		maps.Copy(caps.spell, t.spell)
		q.caps = caps
		if q.stop() != nil || q.replan() != nil {
			break
		}
		if q.answered(ctx, fault) {
			q.learn(t.without, "the service refused it: "+fault.Message)
			q.s.e.services.learned.learnSpelling(t.spell)
			if e := pgerr.As(err); e != nil {
				return e.WithHint("It is known now what the service does not take: run the statement again.")
			}
			break
		}
	}
	return err
}

// answered reports that the service begins to answer every read of a set as it is planned now.
func (q *queryRun) answered(ctx context.Context, fault *odata.Error) bool {
	n, ok := 0, true
	visit(q.root, func(node plan.Node) {
		r, is := node.(*plan.Remote)
		if !is || !ok || r.Scan.Service != fault.Service || r.Scan.EntitySet != fault.Set {
			return
		}
		n++
		probe := *r
		probe.Filter, probe.Check, probe.RowLimit = nil, nil, 1
		rt := q.runtime()
		rt.Instrument = false
		op, err := exec.Build(&probe, nil, rt)
		if err != nil {
			ok = false
			return
		}
		if err = op.Open(ctx); err == nil {
			_, err = op.Next(ctx)
		}
		ok = errors.Join(err, op.Close()) == nil
	})
	return ok && n > 0
}

// asRefusal is the error as a service's refusal of a request's options, or nil. 401, 403, 404, 414 and 429 say nothing about them.
func asRefusal(err error) *odata.Error {
	fault := odata.AsError(err)
	if fault == nil || fault.Status != statusBadRequest && fault.Status != statusNotImplemented {
		return nil
	}
	return fault
}

func (q *queryRun) learn(keys []string, why string) {
	if len(keys) == 0 {
		return
	}
	if err := q.s.e.services.learned.learn(keys, why); err != nil {
		q.s.e.opts.Logger.Warn().Err(err).Msg("learned capabilities are not kept")
	}
}

// maxTrials bounds how often a refused read is asked again.
const maxTrials = 40

// trials are the ways to ask the refused set again, the least loss first: other spellings of the properties in conditions, then one thing
// left out at a time, then two (the service may refuse a request for two reasons at once), each in either spelling, then everything.
func (q *queryRun) trials(fault *odata.Error) []trial {
	var spellings []map[string]string
	var parts [][]string
	visit(q.root, func(n plan.Node) {
		r, ok := n.(*plan.Remote)
		if !ok || r.Scan.Service != fault.Service || fault.Set != "" && r.Scan.EntitySet != fault.Set {
			return
		}
		spellings = append(spellings, q.caps.otherSpellings(r)...)
		for _, keys := range q.removable(r) {
			if !slices.ContainsFunc(parts, func(k []string) bool { return slices.Equal(k, keys) }) {
				parts = append(parts, keys)
			}
		}
	})
	ways := append([]map[string]string{nil}, spellings...)
	var out []trial
	for _, s := range spellings {
		out = append(out, trial{spell: s})
	}
	for _, keys := range parts {
		for _, s := range ways {
			out = append(out, trial{without: keys, spell: s})
		}
	}
	for i, a := range parts {
		for _, b := range parts[:i] {
			for _, s := range ways {
				out = append(out, trial{without: slices.Concat(b, a), spell: s})
			}
		}
	}
	if len(out) >= maxTrials {
		out = out[:maxTrials-1]
	}
	if len(parts) > 2 {
		out = append(out, trial{without: slices.Concat(parts...)})
	}
	return out
}

// trusted are the options that stand on the service's word in a read.
func trusted(r *plan.Remote) []string {
	var keys []string
	add := func(set bool, option string) {
		if set {
			keys = append(keys, optionKey(r.Scan.Service, r.Scan.EntitySet, option))
		}
	}
	add(r.Query.Top != nil, "$top")
	add(len(r.Query.OrderBy) > 0, "$orderby")
	add(r.Count, "$count")
	return keys
}

// removable lists what could be left out of a read, one by one: conditions from the last to the first, then options, at last the
// condition that the profile holds dearest: without it a day's read becomes a full scan.
func (q *queryRun) removable(r *plan.Remote) [][]string {
	var out, dear [][]string
	last := ""
	if p := q.caps.Profile(r.Scan.Service); p != nil {
		last = p.DropLast
	}
	if usesOr(r.Query.Filter) {
		out = append(out, []string{optionKey(r.Scan.Service, r.Scan.EntitySet, "or")})
	}
	for _, p := range slices.Backward(r.Pushed) {
		if p.Pred == nil {
			continue
		}
		keys := q.caps.conditionKeys(r, p.Pred)
		switch {
		case len(keys) == 0:
		case last != "" && slices.ContainsFunc(p.Conditions, func(c plan.Condition) bool { return c.Property == last }):
			dear = append(dear, keys)
		default:
			out = append(out, keys)
		}
	}
	for _, k := range trusted(r) {
		out = append(out, []string{k})
	}
	if len(r.Query.Select) > 0 {
		out = append(out, []string{optionKey(r.Scan.Service, r.Scan.EntitySet, "$select")})
	}
	return append(out, dear...)
}

func usesOr(e query.Expr) bool {
	found := false
	if e != nil {
		query.Walk(e, func(e query.Expr) {
			if b, ok := e.(*query.Binary); ok && b.Op == query.Or {
				found = true
			}
		})
	}
	return found
}

// visit calls f for every node, those inside subqueries too.
func visit(root plan.Node, f func(plan.Node)) {
	plan.Walk(root, func(n plan.Node) bool {
		f(n)
		for _, e := range plan.Exprs(n) {
			plan.WalkExpr(e, func(e plan.Expr) bool {
				if s, ok := e.(*plan.Subquery); ok {
					visit(s.Plan, f)
				}
				return true
			})
		}
		return true
	})
}
