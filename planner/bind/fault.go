package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

// fault carries an error out of the recursion to Bind.
type fault struct {
	err *pgerr.Error
	loc int // bytes of the query string, -1: unknown
}

func (f *fault) coded(stmt *parser.Statement) *pgerr.Error {
	if f.loc >= 0 && f.err.Position == 0 {
		return f.err.WithPosition(stmt.Position(f.loc))
	}
	return f.err
}

// fail ends the binding with an error at a place of the text.
func (b *binder) fail(err *pgerr.Error, loc int) { panic(&fault{err: err, loc: loc}) }

// failf ends the binding with a formatted error.
func (b *binder) failf(code pgerr.Code, loc int, format string, args ...any) {
	b.fail(pgerr.Newf(code, format, args...), loc)
}

// failErr ends the binding with an error from elsewhere.
func (b *binder) failErr(err error, loc int) {
	e := pgerr.As(err)
	if e == nil {
		e = pgerr.Internal("binding: %w", err)
	}
	b.fail(e, loc)
}

// unsupported ends the binding with 0A000.
func (b *binder) unsupported(loc int, hint, format string, args ...any) {
	b.fail(pgerr.Unsupported(hint, format, args...), loc)
}
