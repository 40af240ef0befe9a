package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// memberSet holds an array's elements for look-up.
type memberSet struct {
	ints  intSet
	strs  map[string]struct{}
	few   []string // the same, where they are few
	sizes uint64   // bit i: an element has i bytes, or 63 and more
	null  bool
	n     int
}

// fewMembers is how many elements are looked through one by one.
const fewMembers = 4

// intSet is a hash table of integers with room for twice as many.
type intSet struct {
	keys  []int64
	used  []bool
	shift uint
}

func newIntSet(vals []int64) intSet {
	bits := uint(3)
	for 1<<bits < 2*len(vals) {
		bits++
	}
	s := intSet{keys: make([]int64, 1<<bits), used: make([]bool, 1<<bits), shift: 64 - bits}
	for _, v := range vals {
		i := s.place(v)
		for s.used[i] && s.keys[i] != v {
			i = (i + 1) & (len(s.keys) - 1)
		}
		s.keys[i], s.used[i] = v, true
	}
	return s
}

func (s *intSet) place(v int64) int { return int(uint64(v) * hashSeed >> (s.shift & 63)) }

func (s *intSet) has(v int64) bool {
	for i := s.place(v); s.used[i]; i = (i + 1) & (len(s.keys) - 1) {
		if s.keys[i] == v {
			return true
		}
	}
	return false
}

func newMemberSet(vals []sqltype.Value, kind sqltype.Kind) *memberSet {
	set := &memberSet{n: len(vals), strs: map[string]struct{}{}}
	var ints []int64
	for _, v := range vals {
		switch {
		case v.Null:
			set.null = true
		case kind == sqltype.KindBytes || kind == sqltype.KindUUID:
			s := strings.Clone(v.S)
			set.strs[s] = struct{}{}
			set.sizes |= 1 << min(len(s), 63)
		default:
			ints = append(ints, v.I)
		}
	}
	set.ints = newIntSet(ints)
	if len(set.strs) <= fewMembers {
		for s := range set.strs {
			set.few = append(set.few, s)
		}
	}
	return set
}

func (s *memberSet) hasText(b []byte) bool {
	if s.sizes>>min(len(b), 63)&1 == 0 {
		return false
	}
	if s.few != nil {
		for _, x := range s.few {
			if x == string(b) {
				return true
			}
		}
		return false
	}
	_, ok := s.strs[string(b)]
	return ok
}

// members decides the rows of sel: whether a value is among the elements, or is not if not is set. Without elements the answer does not
// depend on the value; otherwise a null, or an element that is null where none is equal, makes it null.
func (s *memberSet) members(l, out *vector.Vector, sel []int32, not bool) {
	dst := out.Bools
	if s.n == 0 {
		for _, r := range sel {
			dst[r] = not
		}
		return
	}
	if l.MayHaveNulls() || s.null || l.Form != vector.Flat {
		for _, r := range sel {
			if l.IsNull(int(r)) {
				setNull(out, r)
				continue
			}
			in := s.has(l.Physical(), int32(l.Index(int(r))))
			if !in && s.null {
				setNull(out, r)
				continue
			}
			dst[r] = in != not
		}
		return
	}
	switch l.Kind {
	case sqltype.KindInt32:
		for _, r := range sel {
			dst[r] = s.ints.has(int64(l.I32[r])) != not
		}
	case sqltype.KindInt64:
		for _, r := range sel {
			dst[r] = s.ints.has(l.I64[r]) != not
		}
	default:
		for _, r := range sel {
			dst[r] = s.has(l, r) != not
		}
	}
}

// has looks a row of a flat vector up.
func (s *memberSet) has(p *vector.Vector, i int32) bool {
	switch p.Kind {
	case sqltype.KindInt16:
		return s.ints.has(int64(p.I16[i]))
	case sqltype.KindInt32:
		return s.ints.has(int64(p.I32[i]))
	case sqltype.KindInt64:
		return s.ints.has(p.I64[i])
	case sqltype.KindUUID:
		return s.hasText(p.UUIDs[i][:])
	}
	return s.hasText(p.Data[p.Offsets[i]:p.Offsets[i+1]])
}
