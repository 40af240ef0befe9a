package pushdown

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// Services is what the pushdown asks about services. It does no I/O.
type Services interface {
	// Profile is what the service can do, nil if the service is not known: nothing is then pushed.
	Profile(service string) *profile.Profile
	// Custom are the options that every request carries; Root is the service root's URL, for lengths.
	Custom(service string) []query.Option
	Root(service string) string
	// Refused reports a condition that the service refused or got wrong before, and why.
	Refused(service, set, property string, op profile.Op) (why string, refused bool)
	// NoOption reports a system query option ($select, $top …) that the service refused or got wrong before.
	NoOption(service, set, option string) (why string, refused bool)
	// Rows estimates the entities of a set.
	Rows(service, set string) float64
	// Key lists the declared key's properties, and whether the table has one.
	Key(tableOID uint32) []query.Property
}

// Consts evaluates constants with the session's settings.
type Consts interface {
	EvalConst(e plan.Expr) (sqltype.Value, error)
	// Instant is a date or timestamp as timestamptz, in the session's zone.
	Instant(k *plan.Const) (sqltype.Value, error)
}

// Push turns every Scan into a Remote that asks for as little as it must. disable names parts to leave out, for tests:
// pushFilter, pushCount, pushLimit, pushOrder; push stands for all of them.
func Push(root plan.Node, s Services, c Consts, disable map[string]bool) plan.Node {
	p := &pusher{services: s, consts: c, noFilter: disable["pushFilter"] || disable["push"]}
	root = plan.RewriteDeep(root, p.scans)
	for _, part := range []struct {
		name string
		run  func(plan.Node) plan.Node
	}{{"pushCount", p.counts}, {"pushLimit", p.limits}, {"pushOrder", p.sorts}} {
		if !disable[part.name] && !disable["push"] {
			root = plan.RewriteDeep(root, part.run)
		}
	}
	return root
}

type pusher struct {
	services Services
	consts   Consts
	noFilter bool
}

// scans makes Remotes of Scans and takes over the filters right above them.
func (p *pusher) scans(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return p.remote(n)
	case *plan.Filter:
		r, ok := n.Input.(*plan.Remote)
		if !ok || r.Query.Filter != nil || len(r.Filter) > 0 {
			return n
		}
		once, each := plan.SplitOnce(n.Preds, r)
		switch {
		case once == nil:
			return p.filterRemote(r, n.Preds)
		case each == nil:
			return n
		}
		// What is false for all rows keeps the request from being sent.
		return &plan.Filter{Input: p.filterRemote(r, each), Preds: once}
	}
	return n
}

func (p *pusher) remote(s *plan.Scan) *plan.Remote {
	r := &plan.Remote{Scan: s, EstimatedRows: p.services.Rows(s.Service, s.EntitySet)}
	r.Query = query.Query{EntitySet: s.EntitySet, Custom: p.services.Custom(s.Service)}
	p.selectColumns(r)
	return r
}

func (p *pusher) keep(r *plan.Remote, text, why string) {
	r.Kept = append(append([]plan.Kept(nil), r.Kept...), plan.Kept{Text: text, Why: why})
}

func (p *pusher) push(r *plan.Remote, text string, v profile.Verdict) {
	r.Pushed = append(append([]plan.Pushed(nil), r.Pushed...), plan.Pushed{Text: text, Verdict: v.String()})
}

// urlBytes is the length of the request, or a length beyond every limit if it cannot be written.
func (p *pusher) urlBytes(r *plan.Remote) int {
	n, err := r.Query.Len(p.services.Root(r.Scan.Service))
	if err != nil {
		return 1 << 30
	}
	return n
}
