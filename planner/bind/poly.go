package bind

import (
	"fmt"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// isPolymorphic is IsPolymorphicType.
func isPolymorphic(oid uint32) bool { return polyFamily1(oid) || polyFamily2(oid) }

func polyFamily1(oid uint32) bool {
	switch oid {
	case sqltype.OIDAnyElement, sqltype.OIDAnyArray, sqltype.OIDAnyNonArray, sqltype.OIDAnyEnum, sqltype.OIDAnyRange, sqltype.OIDAnyMultirange:
		return true
	}
	return false
}

func polyFamily2(oid uint32) bool {
	switch oid {
	case sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleArray, sqltype.OIDAnyCompatibleNonArray, sqltype.OIDAnyCompatibleRange, sqltype.OIDAnyCompatibleMultirange:
		return true
	}
	return false
}

// poly resolves the polymorphic arguments of one call: PostgreSQL's check_generic_type_consistency and
// enforce_generic_type_consistency, whose rules are stated in its documentation, section 38.2.5.
type poly struct {
	b *binder

	elem, array, rng, multi uint32
	haveElem, haveArray     bool // a declared anyelement, anyarray
	haveRange, haveMulti    bool
	nonArray, enum          bool
	unknownArray            bool // an argument of type anyarray itself (pg_statistic)

	cArray, cRange   uint32
	cTypes           []uint32
	cNonArray        bool
	haveC            bool
	cRangeSub        uint32
	nArgs, nUnknown1 int
	have1            bool
}

// mismatch is an error of the resolution, nil in the mere check.
type mismatch struct{ err *pgerr.Error }

func (p *poly) collect(actual, declared []uint32) *mismatch {
	b := p.b
	for j, decl := range declared {
		if j >= len(actual) {
			break
		}
		act := actual[j]
		switch decl {
		case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyEnum:
			p.have1, p.haveElem = true, true
			p.nArgs++
			p.nonArray = p.nonArray || decl == sqltype.OIDAnyNonArray
			p.enum = p.enum || decl == sqltype.OIDAnyEnum
			if act == sqltype.OIDUnknown {
				p.nUnknown1++
				continue
			}
			if p.elem != 0 && p.elem != act {
				return p.alike("anyelement", p.elem, act)
			}
			p.elem = act
		case sqltype.OIDAnyArray:
			p.have1, p.haveArray = true, true
			p.nArgs++
			if act == sqltype.OIDUnknown {
				p.nUnknown1++
				continue
			}
			if p.array != 0 && p.array != act {
				return p.alike("anyarray", p.array, act)
			}
			p.array = act
		case sqltype.OIDAnyRange:
			p.have1, p.haveRange = true, true
			p.nArgs++
			if act == sqltype.OIDUnknown {
				p.nUnknown1++
				continue
			}
			if p.rng != 0 && p.rng != act {
				return p.alike("anyrange", p.rng, act)
			}
			p.rng = act
		case sqltype.OIDAnyMultirange:
			p.have1, p.haveMulti = true, true
			p.nArgs++
			if act == sqltype.OIDUnknown {
				p.nUnknown1++
				continue
			}
			if p.multi != 0 && p.multi != act {
				return p.alike("anymultirange", p.multi, act)
			}
			p.multi = act
		case sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
			p.haveC = true
			p.cNonArray = p.cNonArray || decl == sqltype.OIDAnyCompatibleNonArray
			if act == sqltype.OIDUnknown {
				continue
			}
			p.cTypes = append(p.cTypes, act)
		case sqltype.OIDAnyCompatibleArray:
			p.haveC = true
			if act == sqltype.OIDUnknown {
				continue
			}
			e := b.elem(act)
			if e == 0 {
				return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not an array but type %s", "anycompatiblearray", b.typeName(act))}
			}
			p.cArray = act
			p.cTypes = append(p.cTypes, e)
		case sqltype.OIDAnyCompatibleRange, sqltype.OIDAnyCompatibleMultirange:
			p.haveC = true
			if act == sqltype.OIDUnknown {
				continue
			}
			sub := rangeSubtype(act)
			if sub == 0 {
				return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not a range type but type %s", b.typeName(decl), b.typeName(act))}
			}
			p.cRange, p.cRangeSub = act, sub
			p.cTypes = append(p.cTypes, sub)
		}
	}
	return nil
}

func (p *poly) alike(decl string, first, second uint32) *mismatch {
	return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "arguments declared \"%s\" are not all alike", decl).
		WithDetail("%s versus %s", p.b.typeName(first), p.b.typeName(second))}
}

// settle relates the kinds of the first family to each other.
func (p *poly) settle() *mismatch {
	b := p.b
	if p.array != 0 {
		if p.array == sqltype.OIDAnyArray {
			// Only columns of pg_statistic are of this type: good for a lone anyarray.
			p.unknownArray = true
			if p.haveElem {
				return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "cannot determine element type of \"%s\" argument", "anyarray")}
			}
			return nil
		}
		e := b.elem(p.array)
		if e == 0 {
			return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not an array but type %s", "anyarray", b.typeName(p.array))}
		}
		if p.elem == 0 {
			p.elem = e
		} else if p.elem != e {
			return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not consistent with argument declared %s", "anyarray", "anyelement").
				WithDetail("%s versus %s", b.typeName(p.array), b.typeName(p.elem))}
		}
	}
	if p.rng != 0 || p.multi != 0 {
		r := p.rng
		if r == 0 {
			r = p.multi
		}
		sub := rangeSubtype(r)
		if sub == 0 {
			return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not a range type but type %s", "anyrange", b.typeName(r))}
		}
		if p.elem == 0 {
			p.elem = sub
		} else if p.elem != sub {
			return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "argument declared %s is not consistent with argument declared %s", "anyrange", "anyelement").
				WithDetail("%s versus %s", b.typeName(r), b.typeName(p.elem))}
		}
	}
	if p.nonArray && p.elem != 0 && b.elem(p.elem) != 0 {
		return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "type matched to anynonarray is an array type: %s", b.typeName(p.elem))}
	}
	if p.enum && p.elem != 0 {
		if i, ok := sqltype.Lookup(p.elem); !ok || i.TypType != 'e' {
			return &mismatch{pgerr.Newf(pgerr.DatatypeMismatch, "type matched to anyenum is not an enum type: %s", b.typeName(p.elem))}
		}
	}
	return nil
}

// genericConsistent is check_generic_type_consistency.
func (b *binder) genericConsistent(actual, declared []uint32) bool {
	p := &poly{b: b}
	if p.collect(actual, declared) != nil || p.settle() != nil {
		return false
	}
	if p.haveC && len(p.cTypes) > 0 {
		t := b.commonOf(p.cTypes)
		if t == 0 {
			return false
		}
		for _, c := range p.cTypes {
			if !b.can(c, t, implicit) {
				return false
			}
		}
		if p.cNonArray && b.elem(t) != 0 {
			return false
		}
		if p.cRangeSub != 0 && p.cRangeSub != t {
			return false
		}
	}
	return true
}

// commonOf is select_common_type_from_oids; 0 if there is none.
func (b *binder) commonOf(types []uint32) uint32 {
	p := types[0]
	for _, n := range types[1:] {
		if n == sqltype.OIDUnknown || n == p {
			continue
		}
		switch {
		case p == sqltype.OIDUnknown:
			p = n
		case b.category(n) != b.category(p):
			return 0
		case !b.preferred(p) && b.can(p, n, implicit) && !b.can(n, p, implicit):
			p = n
		}
	}
	if p == sqltype.OIDUnknown {
		return sqltype.OIDText
	}
	return p
}

// resolvePoly is enforce_generic_type_consistency: it replaces the polymorphic types among the declared ones and gives the
// result type.
func (b *binder) resolvePoly(actual, declared []uint32, result uint32, allowPoly bool) uint32 {
	any1 := false
	any2 := false
	for _, d := range declared {
		any1 = any1 || polyFamily1(d)
		any2 = any2 || polyFamily2(d)
	}
	if !any1 && !any2 {
		return result
	}
	p := &poly{b: b}
	if m := p.collect(actual, declared); m != nil {
		b.fail(m.err, -1)
	}
	if m := p.settle(); m != nil {
		b.fail(m.err, -1)
	}
	if any1 {
		if p.elem == 0 && !p.unknownArray {
			if allowPoly {
				switch {
				case p.haveArray || p.haveElem:
					p.elem = sqltype.OIDAnyElement
				}
			} else if p.nUnknown1 == p.nArgs {
				b.failf(pgerr.DatatypeMismatch, -1, "could not determine polymorphic type because input has type %s", "unknown")
			}
		}
		arr := uint32(0)
		switch {
		case p.unknownArray:
			arr = sqltype.OIDAnyArray
		case p.array != 0:
			arr = p.array
		case p.elem != 0:
			arr = b.arrayOf(p.elem)
		}
		needArray := func() uint32 {
			if arr == 0 {
				b.failf(pgerr.UndefinedObject, -1, "could not find array type for data type %s", b.typeName(p.elem))
			}
			return arr
		}
		for j, d := range declared {
			switch d {
			case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyEnum:
				declared[j] = p.elem
			case sqltype.OIDAnyArray:
				declared[j] = needArray()
			case sqltype.OIDAnyRange:
				declared[j] = p.rng
			case sqltype.OIDAnyMultirange:
				declared[j] = p.multi
			}
		}
		switch result {
		case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyEnum:
			return p.elem
		case sqltype.OIDAnyArray:
			return needArray()
		case sqltype.OIDAnyRange:
			return p.rng
		case sqltype.OIDAnyMultirange:
			return p.multi
		}
	}
	if any2 {
		t := sqltype.OIDText
		if len(p.cTypes) > 0 {
			t = b.commonOf(p.cTypes)
			if t == 0 {
				// As PostgreSQL words it: the first pair of categories that do not meet.
				first := p.cTypes[0]
				for _, c := range p.cTypes[1:] {
					if b.category(c) != b.category(first) {
						b.failf(pgerr.DatatypeMismatch, -1, "arguments of anycompatible family cannot be cast to a common type")
					}
				}
				b.failf(pgerr.DatatypeMismatch, -1, "arguments of anycompatible family cannot be cast to a common type")
			}
		}
		if p.cNonArray && b.elem(t) != 0 {
			b.fail(pgerr.New(pgerr.DatatypeMismatch, fmt.Sprintf("type matched to anycompatiblenonarray is an array type: %s", b.typeName(t))), -1)
		}
		arr := b.arrayOf(t)
		needArray := func() uint32 {
			if arr == 0 {
				b.failf(pgerr.UndefinedObject, -1, "could not find array type for data type %s", b.typeName(t))
			}
			return arr
		}
		for j, d := range declared {
			switch d {
			case sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
				declared[j] = t
			case sqltype.OIDAnyCompatibleArray:
				declared[j] = needArray()
			case sqltype.OIDAnyCompatibleRange, sqltype.OIDAnyCompatibleMultirange:
				declared[j] = p.cRange
			}
		}
		switch result {
		case sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
			return t
		case sqltype.OIDAnyCompatibleArray:
			return needArray()
		case sqltype.OIDAnyCompatibleRange, sqltype.OIDAnyCompatibleMultirange:
			return p.cRange
		}
	}
	return result
}

// rangeSubtype gives the element type of the range and multirange types (pg_range).
func rangeSubtype(oid uint32) uint32 {
	switch oid {
	case 3904, 4451:
		return sqltype.OIDInt4
	case 3906, 4532:
		return sqltype.OIDNumeric
	case 3908, 4533:
		return sqltype.OIDTimestamp
	case 3910, 4534:
		return sqltype.OIDTimestampTZ
	case 3912, 4535:
		return sqltype.OIDDate
	case 3926, 4536:
		return sqltype.OIDInt8
	}
	return 0
}
