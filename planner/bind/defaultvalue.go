package bind

import (
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

func itoa(n int) string { return strconv.Itoa(n) }

// defaultValue reads the default of a built-in function's argument as pg_get_expr prints it: a literal, perhaps with a cast.
// Nothing else occurs among them, which a test proves.
func (b *binder) defaultValue(text string, t uint32, loc int) plan.Expr {
	s := text
	if strings.HasPrefix(s, "'") {
		end := strings.LastIndex(s, "'")
		s = strings.ReplaceAll(s[1:end], "''", "'")
	} else if i := strings.Index(s, "::"); i >= 0 {
		s = s[:i]
	}
	c := &plan.Const{T: sqltype.Of(t)}
	if strings.EqualFold(s, "NULL") {
		c.Value = sqltype.NullValue()
		return c
	}
	v, err := sqltype.ParseText(c.T, s, nil)
	if err != nil {
		b.fail(pgerr.Internal("default %q of type %d: %w", text, t, err), loc)
	}
	c.Value = v
	return c
}
