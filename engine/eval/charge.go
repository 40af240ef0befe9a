package eval

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// chargeStep is how many bytes of memory or of work pass before the budget and the end of the query are looked at. What is smaller
// costs an addition.
const chargeStep = 1 << 16

// Sizes in memory of what values are opened into: a Value with the header of its bytes, and a JSON value with its share of what its
// container's growth leaves behind.
const (
	openedElem = 104
	openedJSON = 200
	itemHeader = 4 // of an element among an array's bytes
)

// charges is what one call has taken of the query's memory.
type charges struct{ held, owed int64 }

// charge takes n bytes before they are allocated; settle gives them back. It fails with 53200 where the budget does not have them, and
// with 57014 where the query shall end, so a loop that charges what it builds can be ended.
func (m *charges) charge(ctx *Ctx, n int64) error {
	m.owed += n
	if m.owed < chargeStep {
		return nil
	}
	if err := ctx.alive(); err != nil {
		return err
	}
	n, m.owed = m.owed, 0
	if ctx == nil || ctx.Mem == nil {
		return nil
	}
	if err := ctx.Mem.Grow(n); err != nil {
		return err
	}
	m.held += n
	return nil
}

// settle gives back what was charged.
func (m *charges) settle(ctx *Ctx) {
	if m.held > 0 {
		ctx.Mem.Shrink(m.held)
	}
	m.held, m.owed = 0, 0
}

// charge pays for n bytes that the kernel allocates until its call is over, before it allocates them.
func (c *Call) charge(n int64) error { return c.charges.charge(c.Ctx(), n) }

// build is charge for a result of n bytes, which are kept until they stand among the call's results. No value may pass MaxValue.
func (c *Call) build(n int64) error {
	if n > MaxValue {
		return c.Ctx().checkSize(n)
	}
	return c.charge(n)
}

// chargeArray is charge for a result that is an array of n elements with size bytes among them.
func (c *Call) chargeArray(n, size int) error {
	return c.charge(int64(n)*(openedElem+2*itemHeader) + 2*int64(size))
}

// spend counts steps of a kernel's loop and looks now and then whether the query shall end.
func (c *Call) spend(n int) error {
	if c.steps += n; c.steps < chargeStep {
		return nil
	}
	c.steps = 0
	return c.Ctx().alive()
}

// fits reports whether n more bytes may stand in out, the call's result; if not, the row fails.
func (c *Call) fits(out *vector.Vector, row int32, n int) bool {
	if len(out.Data)+n <= cap(out.Data) && n < chargeStep {
		return true
	}
	if err := c.Ctx().room(out, n); err != nil {
		c.fail(row, err)
		return false
	}
	return true
}

// alive is the error of a query that shall end.
func (c *Ctx) alive() error {
	if c == nil || c.Context == nil {
		return nil
	}
	if err := c.Context.Err(); err != nil {
		return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(err)
	}
	return nil
}

// room refuses a value of n bytes behind those that a vector holds already: its rows are found by offsets of 32 bits, and what it
// grows to must be there.
func (c *Ctx) room(out *vector.Vector, n int) error {
	total := int64(len(out.Data)) + int64(n)
	switch {
	case total <= chargeStep:
		return nil
	case n <= MaxValue && c.fills(out, total):
		return errFull()
	case n > MaxValue || total > math.MaxInt32:
		return pgerr.New(pgerr.ProgramLimitExceeded, "requested length too large")
	}
	if n >= chargeStep {
		if err := c.alive(); err != nil {
			return err
		}
	}
	if total > int64(cap(out.Data)) && c.Mem != nil {
		if err := c.Mem.Grow(total); err != nil {
			return err
		}
		c.Mem.Shrink(total)
	}
	return nil
}

// openCost is about what memory a value of a type takes when it is opened: its elements one by one.
func openCost(t sqltype.Type, s string) int64 {
	switch {
	case len(s) < chargeStep/openedJSON:
		return 0
	case t.OID == sqltype.OIDJSON, t.OID == sqltype.OIDJSONB:
		nodes := 1
		for _, mark := range []string{",", ":", "[", "{"} {
			nodes += strings.Count(s, mark)
		}
		return int64(nodes)*openedJSON + int64(len(s))
	case t.Info().IsArray, t.OID == sqltype.OIDAnyArray, t.OID == sqltype.OIDInt2Vector, t.OID == sqltype.OIDOIDVector:
		return arrayItems(s)*openedElem + 3*int64(len(s)) // a copy of the bytes, and the result's
	}
	return 0
}

// readCost is about what memory a value of a type takes when it is read from its text form.
func readCost(t sqltype.Type, s string) int64 {
	switch {
	case len(s) < chargeStep/openedJSON:
		return 0
	case t.OID == sqltype.OIDJSON, t.OID == sqltype.OIDJSONB:
		return openCost(t, s)
	case t.Info().IsArray, t.OID == sqltype.OIDInt2Vector, t.OID == sqltype.OIDOIDVector:
		return int64(strings.Count(s, ",")+strings.Count(s, " ")+1)*openedElem + 2*int64(len(s))
	}
	return 0
}

// arrayItems is the number of elements that an array says it has, which it must have bytes for.
func arrayItems(s string) int64 {
	if len(s) < 12 {
		return 0
	}
	at := func(i int) int64 { return int64(binary.BigEndian.Uint32([]byte(s[i : i+4]))) }
	dims, items := at(0), int64(1)
	if dims == 0 || dims > sqltype.MaxDims || int64(len(s)) < 12+8*dims {
		return 0
	}
	for i := range int(dims) {
		items = min(items*at(12+8*i), int64(len(s))/4)
	}
	return items
}

// typeOfArg is the type of an argument, whatever its number.
func (c *Call) typeOfArg(i int) sqltype.Type {
	if i < len(c.ArgTypes) {
		return c.ArgTypes[i]
	}
	return sqltype.Type{}
}

// open pays for the arguments of one row, which the kernel opens, and looks whether the query shall end where they are large.
func (c *Call) open(args []sqltype.Value) error {
	total, size := int64(0), 0
	for i := range args {
		total += openCost(c.typeOfArg(i), args[i].S)
		size += len(args[i].S)
	}
	if size >= chargeStep {
		if err := c.Ctx().alive(); err != nil {
			return err
		}
	}
	return c.charge(total)
}

// openRows pays for the greatest of the values that a kernel over vectors opens one after the other in the rows of sel.
func (c *Call) openRows(args []*vector.Vector, sel []int32) error {
	most := int64(0)
	for i, v := range args {
		if v.Kind != sqltype.KindBytes || len(v.Physical().Data) < chargeStep {
			continue
		}
		rows := sel
		if v.Form == vector.Constant {
			rows = sel[:1]
		}
		greatest := int64(0)
		for _, r := range rows {
			if !v.IsNull(int(r)) {
				greatest = max(greatest, openCost(c.typeOfArg(i), alias(v.Bytes(int(r)))))
			}
		}
		most += greatest
	}
	if err := c.charge(most); err != nil {
		return err
	}
	return c.Ctx().alive()
}

// large reports whether any of the arguments holds much.
func large(args []*vector.Vector) bool {
	for _, v := range args {
		if v.Kind == sqltype.KindBytes && len(v.Physical().Data) >= chargeStep {
			return true
		}
	}
	return false
}
