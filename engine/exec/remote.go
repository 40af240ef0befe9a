package exec

import (
	"cmp"
	"context"
	"math/bits"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/planner/plan"
)

// Lie is the cause of an error that was raised because a service's answer contradicts what was asked, and something that stands
// on it ($top, $count, $orderby) cannot be trusted. While no row has left, the statement can be planned again without
// trusting the service so far.
type Lie struct{ Remote *plan.Remote }

func (l *Lie) Error() string { return "the service's answer contradicts the query" }

func lied(r *plan.Remote, format string, args ...any) error {
	return pgerr.Newf(pgerr.SystemError, format, args...).
		WithDetail("Service %q was asked for %s.", r.Scan.Service, r.Query.Canonical()).WithCause(&Lie{Remote: r})
}

// remote builds the read, shares it with equal reads of the statement, and tests the rows.
func (b *builder) remote(n *plan.Remote) (Operator, error) {
	src := b.rt.Services.Source(n.Scan.Service)
	if src == nil {
		return nil, pgerr.Internal("no service %q", n.Scan.Service)
	}
	req := requestOf(n, b.rt)
	req.Budget = b.mem.reads
	if n.Count {
		return &countOp{rt: b.rt, node: n, src: src, req: req}, nil
	}
	read := &readOp{rt: b.rt, node: n, src: src, req: req, short: b.rt.Services.ShortPage(n.Scan.Service)}
	if b.rt.Instrument {
		st := b.rt.Stats.Nodes[n]
		if st == nil {
			st = &NodeStats{}
			b.rt.Stats.Nodes[n] = st
		}
		read.st = st
	}
	keys, err := b.orderTest(n.Order, n.Scan.Columns())
	if err != nil {
		return nil, err
	}
	read.order, read.ctx = keys, b.ctx
	in, err := b.kept(n, read)
	if err != nil {
		return nil, err
	}
	checks, err := b.compileAll(n.Check, n.Scan.Columns())
	if err != nil {
		return nil, err
	}
	filters, err := b.compileAll(plan.ByCost(n.Filter), n.Scan.Columns())
	if err != nil {
		return nil, err
	}
	if len(checks)+len(filters) == 0 {
		return in, nil
	}
	o := &checkOp{ctx: b.ctx, rt: b.rt, node: n, in: in, st: read.st, first: firstPart(n.Filter)}
	o.check.programs, o.filter.programs = checks, filters
	return o, nil
}

// kept is the read, or what stands before it if its rows are read several times: predicates may name outer columns, the
// request does not, so it is sent once for all openings of the scope and for all equal reads of the statement.
func (b *builder) kept(n *plan.Remote, read *readOp) (Operator, error) {
	store, err := b.shared.store(sharedKey(n, b.rt), read, n, b)
	if err != nil {
		return nil, err
	}
	if store == nil && !b.again {
		return read, nil
	}
	if store == nil {
		if store, err = b.keep(read, n.Columns()); err != nil {
			return nil, err
		}
	}
	if b.again {
		op, err := b.keyed(store, store.all(), n.Columns(), append(append([]plan.Expr(nil), n.Check...), n.Filter...))
		if op != nil || err != nil {
			return op, err
		}
	}
	return b.scanOf(store, store.all()), nil
}

func requestOf(n *plan.Remote, rt *Runtime) odata.Request {
	r := odata.Request{
		Principal: rt.Principal, Query: n.Query, Columns: rt.Services.Columns(n.Scan), RowLimit: n.RowLimit,
	}
	if rt.Complete != nil {
		rt.Complete(n, &r)
	}
	return r
}

// readOp reads one query. If the service's $top is relied upon and a short answer is no proof of the end, the read is repeated
// without it, and rows that were already given are skipped after their digest has been compared.
type readOp struct {
	rt    *Runtime
	ctx   *eval.Ctx
	node  *plan.Remote
	src   odata.Source
	req   odata.Request
	short bool
	order orderTest
	st    *NodeStats

	reader odata.Reader
	rows   int64
	digest uint64
	skip   int64 // rows to skip in a repeated read
	reread bool
	ended  bool
	last   *rowStore // the last row's order keys
	want   uint64    // digest of the first read, while a repeated one is compared
}

func (o *readOp) Open(context.Context) error {
	o.rows, o.digest, o.skip, o.reread, o.ended, o.last = 0, 0, 0, false, false, nil
	return o.start(o.req)
}

func (o *readOp) start(req odata.Request) error {
	r, err := o.src.Open(o.rt.Context, req)
	if err != nil {
		return o.rt.Services.Fault(err)
	}
	o.reader = r
	return nil
}

func (o *readOp) Ready() bool { return o.ended || o.reader != nil && o.reader.Ready() }

func (o *readOp) Close() error {
	if o.reader == nil {
		return nil
	}
	o.account()
	err := o.reader.Close()
	o.reader = nil
	if err != nil {
		return o.rt.Services.Fault(err)
	}
	return nil
}

// account adds what the reader cost.
func (o *readOp) account() {
	o.notices()
	s := o.reader.Stats()
	addStats(&o.rt.Stats.Remote, s)
	if o.st != nil {
		if o.st.Remote == nil {
			o.st.Remote = &odata.Stats{}
		}
		addStats(o.st.Remote, s)
	}
}

func addStats(to *odata.Stats, s odata.Stats) {
	to.Requests += s.Requests
	to.Retries += s.Retries
	to.Pages += s.Pages
	to.Rows += s.Rows
	to.Bytes += s.Bytes
	to.Waiting += s.Waiting
	to.Decoding += s.Decoding
	to.URLs = append(to.URLs, s.URLs...)
}

func (o *readOp) notices() {
	for _, n := range o.reader.Notices() {
		o.rt.Env.Notice(pgerr.Notice("%s", n.Text))
	}
}

func (o *readOp) Next(ctx context.Context) (*vector.Batch, error) {
	for !o.ended {
		b, err := o.reader.Next(ctx)
		if err != nil {
			return nil, o.rt.Services.Fault(err)
		}
		o.notices()
		if b == nil {
			again, err := o.atEnd()
			if err != nil {
				return nil, err
			}
			if again {
				continue
			}
			break
		}
		if b, err = o.take(b); err != nil {
			return nil, err
		}
		if b != nil {
			return b, nil
		}
	}
	o.ended = true
	return nil, nil
}

// take counts, checks and, in a repeated read, skips rows. It never gives more than $top.
func (o *readOp) take(b *vector.Batch) (*vector.Batch, error) {
	if o.skip > 0 {
		n := min(o.skip, int64(b.Rows()))
		o.note(b.Head(int(n)))
		o.skip -= n
		if o.skip == 0 {
			if o.digest != o.want {
				return nil, pgerr.Newf(pgerr.IOError, "the rows of %q changed while they were read", o.node.Scan.EntitySet)
			}
			o.reread = true
		}
		if int(n) == b.Rows() {
			return nil, nil
		}
		b = b.Slice(int(n), b.Rows())
	}
	if top := o.node.Query.Top; top != nil && o.rows+int64(b.Rows()) > *top {
		b = b.Head(int(*top - o.rows))
		if b.Rows() == 0 {
			o.ended = true
			return nil, nil
		}
	}
	if err := o.inOrder(b); err != nil {
		return nil, err
	}
	o.note(b)
	o.rows += int64(b.Rows())
	return b, nil
}

func (o *readOp) note(b *vector.Batch) {
	if !o.node.Limited || o.short {
		return
	}
	for _, h := range hashRows(b, nil) {
		o.digest = bits.RotateLeft64(o.digest, 5) ^ h
	}
}

// atEnd decides whether the answer is complete; true: the read was begun again.
func (o *readOp) atEnd() (again bool, err error) {
	top := o.node.Query.Top
	if o.skip > 0 {
		return false, pgerr.Newf(pgerr.IOError, "the rows of %q changed while they were read", o.node.Scan.EntitySet)
	}
	if !o.node.Limited || top == nil || o.short || o.reread || o.rows >= *top {
		return false, nil
	}
	if err := o.Close(); err != nil {
		return false, err
	}
	req := o.req
	req.Query.Top = nil
	o.want, o.digest, o.skip, o.reread = o.digest, 0, o.rows, o.rows == 0
	return true, o.start(req)
}

// inOrder checks the order that was asked for.
func (o *readOp) inOrder(b *vector.Batch) error {
	if len(o.order.types) == 0 {
		return nil
	}
	cols, _, err := o.order.exprs.eval(o.ctx, b)
	if err != nil {
		return err
	}
	if o.node.Limited {
		// Nulls of a column that was claimed to have none may stand elsewhere in the service's order than in SQL's, so the first rows
		// are not SQL's first rows.
		for i := range b.Rows() {
			if anyNull(cols, b.Row(i)) {
				return lied(o.node, "the service returned nulls in a column that it says has none, under an order with a limit")
			}
		}
	}
	s := newRowStore(o.order.types, nil)
	if o.last != nil {
		s.add(o.last.chunks[0].Cols, 0)
	}
	for i := range b.Rows() {
		s.add(cols, b.Row(i))
	}
	cmp := compareRows(s, o.order.columns)
	for i := 1; i < s.n; i++ {
		if cmp(vector.Ref(i-1), vector.Ref(i)) > 0 {
			return lied(o.node, "the service did not keep the order that it was asked for")
		}
	}
	o.last = newRowStore(o.order.types, nil)
	c, i := s.at(s.n - 1)
	o.last.add(c.Cols, i)
	return nil
}

// checkOp evaluates every pushed predicate again, and the kept ones.
type checkOp struct {
	ctx           *eval.Ctx
	rt            *Runtime
	node          *plan.Remote
	in            Operator
	check, filter predicates
	st            *NodeStats
	first         int // rows of the first part of a batch; 0: all
	rest          partial
	out           vector.Batch
	later         later
}

func (o *checkOp) Open(ctx context.Context) error {
	o.later, o.rest = later{}, partial{step: o.first}
	return o.in.Open(ctx)
}
func (o *checkOp) Ready() bool  { return o.later.err != nil || o.rest.some() || o.in.Ready() }
func (o *checkOp) Close() error { return o.in.Close() }

func (o *checkOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
			return nil, err
		}
		if !o.rest.some() {
			b, err := o.in.Next(ctx)
			if b == nil || err != nil {
				return nil, err
			}
			o.rest.start(b)
		}
		o.ctx.Context = ctx
		b := o.rest.next()
		total := b.Rows()
		if _, err := o.rest.done(b, total, nil); err != nil {
			return nil, err
		}
		cur := vector.Batch{Cols: b.Cols, N: b.N, Sel: b.Sel}
		if len(o.check.programs) > 0 {
			sel, _, err := o.check.keep(o.ctx, &cur)
			if len(sel) < total && err == nil {
				if err := o.violated(&cur); err != nil {
					return nil, err
				}
			}
			cur.Sel, o.later.err = sel, err
		}
		if len(o.filter.programs) > 0 && cur.Rows() > 0 {
			sel, _, err := o.filter.keep(o.ctx, &cur)
			if cur.Sel = sel; err != nil {
				o.later.err = err
			}
		}
		if o.later.err != nil {
			o.rest = partial{}
		}
		if o.st != nil {
			o.st.Removed += int64(total - cur.Rows())
		}
		if cur.Rows() == 0 {
			continue
		}
		o.out = cur
		return &o.out, nil
	}
}

// violated finds the predicate that the service broke. It hurts only where $top stood on it.
func (o *checkOp) violated(b *vector.Batch) error {
	for i, p := range o.check.programs {
		one := predicates{programs: []*eval.Program{p}}
		if sel, _, err := one.keep(o.ctx, b); err == nil && len(sel) < b.Rows() {
			o.rt.Services.Lied(o.node, o.node.Check[i])
		}
	}
	if o.node.Limited || o.node.Query.Skip != nil {
		return lied(o.node, "the service returned rows that its filter excludes, under a limit")
	}
	return nil
}

// countOp asks for the number of rows.
type countOp struct {
	rt   *Runtime
	node *plan.Remote
	src  odata.Source
	req  odata.Request
	done bool
}

func (o *countOp) Open(context.Context) error {
	o.done = false
	return nil
}
func (o *countOp) Ready() bool  { return o.done }
func (o *countOp) Close() error { return nil }

func (o *countOp) Next(ctx context.Context) (*vector.Batch, error) {
	if o.done {
		return nil, nil
	}
	n, err := o.src.Count(ctx, o.req)
	if err != nil {
		return nil, o.rt.Services.Fault(err)
	}
	o.done = true
	o.rt.Stats.Remote.Requests++
	if o.rt.Instrument {
		st := o.rt.Stats.Nodes[o.node]
		if st == nil {
			st = &NodeStats{}
			o.rt.Stats.Nodes[o.node] = st
		}
		if st.Remote == nil {
			st.Remote = &odata.Stats{}
		}
		st.Remote.Requests++
	}
	v := vector.NewFlat(o.node.CountCol.Type, 0)
	v.Append(sqltype.Int(n))
	return &vector.Batch{Cols: []*vector.Vector{v}, N: 1}, nil
}
