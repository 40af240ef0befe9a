package odata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math/bits"
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata/edm"
)

var (
	errDepth   = errors.New("values are nested too deeply")
	errRowSize = errors.New("an entity is too large")
	errValSize = errors.New("a value is too large")
)

// slot is one column to fill.
type slot struct {
	col              Column
	name             string // the path, for messages
	vec              *vector.Vector
	read             valueReader
	dict             *dictionary // nil: the column's strings are written flat
	index            int
	usual            int     // bytes of text in a full batch
	serial           uint64  // of the row that has written it last; the property must not come twice
	noticed          [2]bool // by NoticeKind
	lo, hi           int64   // of integers
	precision, scale int     // of a decimal with a modifier; scale is -1 without one
}

// valueReader reads one JSON value at p into row of the slot's vector and returns the place behind it. What is no JSON fails
// as in scanner; a value that is JSON and does not fit fails with *valueError.
type valueReader func(d *decoder, s *slot, p, row int) int

// valueError is a value that does not convert.
type valueError struct {
	slot *slot
	text string
}

func (e *valueError) Error() string { return e.text }

// node is an object in the shape that the columns expect: the entity, or a complex value inside it.
type node struct {
	children map[string]*child
	leaves   []*slot // of the subtree, null if the object is
	order    []member
	tail     []byte // between the last value and the end of the object
}

type child struct {
	slot *slot
	node *node
}

// member is what came at one place in the previous object: sep is everything between the value before and this value, white
// space, comma, name and colon. If it comes again, a single comparison replaces reading it.
type member struct {
	sep   []byte
	child *child // nil: not wanted
}

// maxSep bounds what is remembered of one place.
const maxSep = 256

// decoder reads entities from a buffer into vectors. It does not know where bytes come from (page.go does), and a row that the
// buffer does not hold whole is read again from its start when more has come.
type decoder struct {
	scanner
	root   *node
	slots  []*slot
	limits Limits

	batch     *vector.Batch
	rows      int  // complete in the batch
	room      int  // rows that the vectors have room for
	usual     int  // rows that a batch has room for at first, more once batches have been full
	large     bool // the batch holds a row of many bytes
	serial    uint64
	filled    int  // slots written in this row
	omitNulls bool // the service said that it leaves nulls out

	scratch []byte
	errorAt int // where a member called error stands in the row, 0 nowhere
	notices []Notice
	set     string
	seed    maphash.Seed
}

func newDecoder(set string, cols []Column, limits Limits) *decoder {
	d := &decoder{root: &node{}, limits: limits, set: set, seed: maphash.MakeSeed(), usual: vector.InitialRows}
	d.depth = limits.Depth
	for i := range cols {
		s := newSlot(cols[i], i)
		d.slots = append(d.slots, s)
		d.root.add(cols[i].Path, s)
	}
	return d
}

func (n *node) add(path []string, s *slot) {
	n.leaves = append(n.leaves, s)
	if n.children == nil {
		n.children = map[string]*child{}
	}
	c := n.children[path[0]]
	if c == nil {
		c = &child{}
		n.children[path[0]] = c
	}
	if len(path) == 1 {
		c.slot = s
		return
	}
	if c.node == nil {
		c.node = &node{}
	}
	c.node.add(path[1:], s)
}

// row reads the entity at p as the next row of the batch. The row is not yet part of it: commit makes it so.
func (d *decoder) row(p int) int {
	d.serial++
	d.filled, d.errorAt = 0, 0
	if d.rows == d.room {
		d.grow()
	}
	if p = d.object(d.root, p, 3); p < 0 {
		d.rewind()
		return -1
	}
	if d.filled < len(d.slots) {
		if q := d.absent(p); q < 0 {
			d.rewind()
			return q
		}
	}
	return p
}

// rewind takes back what a row that is not committed has left: what it appended, and its nulls. The other values are
// simply written again.
func (d *decoder) rewind() {
	row := d.rows
	for _, s := range d.slots {
		if s.dict != nil {
			continue
		}
		if v := s.vec; v.Valid != nil {
			v.Valid[row>>6] |= 1 << (uint(row) & 63)
		}
		if vector.HasBytes(s.vec.Kind) {
			s.vec.Data = s.vec.Data[:s.vec.Offsets[row]]
		}
	}
}

// commit adds the row that was just read, of so many bytes of JSON.
func (d *decoder) commit(size int) {
	d.rows++
	d.large = d.large || size > batchBytes/64
}

// object reads an object of the expected shape.
func (d *decoder) object(n *node, p, nesting int) int {
	if nesting > d.depth {
		d.err = errDepth
		return -1
	}
	from := p // end of the value before
	for i := 0; ; i++ {
		var c *child
		if i < len(n.order) && bytes.HasPrefix(d.buf[from:d.end], n.order[i].sep) && from+len(n.order[i].sep) < d.end {
			c, p = n.order[i].child, from+len(n.order[i].sep)
			if d.buf[p] <= ' ' { // more white space than before
				if p = d.space(p); p >= d.end {
					return -1
				}
			}
		} else {
			if i == len(n.order) && len(n.tail) > 0 && bytes.HasPrefix(d.buf[from:d.end], n.tail) {
				return from + len(n.tail)
			}
			var done bool
			if c, p, done = d.member(n, i, from); p < 0 || done {
				return p
			}
		}
		switch {
		case c == nil:
			p = d.skip(p, nesting)
		case c.slot != nil:
			p = d.leaf(c.slot, p)
		case d.buf[p] == '{':
			p = d.object(c.node, p, nesting+1)
		default:
			p = d.nullObject(c.node, p)
		}
		if p < 0 {
			return -1
		}
		from = p
	}
}

// member reads the way to a member's value without a prediction, and remembers it. done: the object ended instead.
func (d *decoder) member(n *node, i, from int) (c *child, p int, done bool) {
	p = from
	if i == 0 {
		if d.buf[p] != '{' {
			return nil, d.unexpected(p, "an object"), false
		}
		p = d.space(p + 1)
	} else {
		p = d.space(p)
	}
	switch b := d.buf[p]; {
	case b == '}':
		if p+1-from <= maxSep && i == len(n.order) {
			n.tail = append(n.tail[:0], d.buf[from:p+1]...)
		}
		return nil, p + 1, true
	case i > 0 && b == ',':
		p = d.space(p + 1)
	case i > 0:
		return nil, d.unexpected(p, "a comma or }"), false
	}
	at := p
	raw, p := d.key(p)
	if p < 0 {
		return nil, -1, false
	}
	name := raw
	if bytes.IndexByte(raw, '\\') >= 0 {
		var ok bool
		if name, ok = unescape(d.scratch[:0], raw); !ok {
			return nil, d.malformed(at, "a property name with half a surrogate pair"), false
		}
		d.scratch = name
	}
	c = n.children[string(name)]
	if c == nil && n == d.root && string(name) == "error" {
		d.errorAt = p
		return nil, p, false // never predicted, so that it is found each time
	}
	if p-from <= maxSep {
		n.remember(i, d.buf[from:p], c)
	} else if i < len(n.order) {
		n.order = n.order[:i]
	}
	return c, p, false
}

// maxMembers bounds the places that are remembered of one object.
const maxMembers = 4096

func (n *node) remember(i int, sep []byte, c *child) {
	if i < len(n.order) {
		m := &n.order[i]
		m.sep, m.child = append(m.sep[:0], sep...), c
		return
	}
	if i == len(n.order) && i < maxMembers {
		n.order = append(n.order, member{sep: bytes.Clone(sep), child: c})
		n.tail = n.tail[:0]
	}
}

func (d *decoder) leaf(s *slot, p int) int {
	if s.serial == d.serial {
		return d.malformed(p, "property %s comes twice in one entity", s.name)
	}
	s.serial = d.serial
	d.filled++
	start := p
	if d.buf[p] == 'n' {
		if p = d.word(p, "null"); p >= 0 {
			d.null(s)
		}
		return p
	}
	p = s.read(d, s, p, d.rows)
	if p < 0 {
		return d.misfit(s, start)
	}
	if p-start > d.limits.ValueBytes {
		d.err = errValSize
		return -1
	}
	return p
}

// misfit turns a value that does not convert into null where the column says so.
func (d *decoder) misfit(s *slot, start int) int {
	var ve *valueError
	if s.col.OnError != Null || !errors.As(d.err, &ve) {
		return -1
	}
	saved := d.err
	d.err = nil
	p := d.skip(start, 4)
	if p < 0 {
		return -1
	}
	d.notice(s, NoticeValue, saved.Error())
	if vector.HasBytes(s.vec.Kind) && s.dict == nil {
		s.vec.Data = s.vec.Data[:s.vec.Offsets[d.rows]]
	}
	d.setNull(s)
	return p
}

func (d *decoder) null(s *slot) {
	if !s.col.Nullable && !s.noticed[NoticeNull] {
		d.notice(s, NoticeNull, "the service sent a null although its metadata says that there is none")
	}
	d.setNull(s)
}

func (d *decoder) notice(s *slot, k NoticeKind, text string) {
	if s.noticed[k] {
		return
	}
	s.noticed[k] = true
	d.notices = append(d.notices, Notice{Kind: k, Set: d.set, Property: s.name, Text: text})
}

func (d *decoder) setNull(s *slot) {
	v, row := s.vec, d.rows
	if s.dict != nil {
		v.Codes[row] = -1
		return
	}
	if v.Valid == nil {
		v.Valid = allValid(d.room)
	}
	v.Valid[row>>6] &^= 1 << (uint(row) & 63)
	if vector.HasBytes(v.Kind) {
		v.Offsets[row+1] = int32(len(v.Data))
		if v.Kind == sqltype.KindNumeric {
			v.I64[row], v.Scales[row] = 0, 0
		}
	}
}

// nullObject reads what stands where a complex value should: null, which makes its members null.
func (d *decoder) nullObject(n *node, p int) int {
	if d.buf[p] != 'n' {
		return d.unexpected(p, "an object or null")
	}
	if p = d.word(p, "null"); p < 0 {
		return -1
	}
	for _, s := range n.leaves {
		if s.serial == d.serial {
			return d.malformed(p, "property %s comes twice in one entity", s.name)
		}
		s.serial = d.serial
		d.filled++
		d.null(s)
	}
	return p
}

// absent handles properties that were asked for and did not come. A null may be left out only where the service says that it
// leaves nulls out, and for a collection, of which services do so unasked.
func (d *decoder) absent(p int) int {
	for _, s := range d.slots {
		if s.serial == d.serial {
			continue
		}
		if d.errorAt > 0 {
			d.err = &streamError{at: d.errorAt}
			return -1
		}
		if !d.omitNulls && s.col.Edm.Kind != edm.KindCollection {
			d.err = &valueError{slot: s, text: "the property was asked for and is missing"}
			return -1
		}
		s.serial = d.serial
		d.null(s)
	}
	return p
}

// streamError is an error object in the middle of an answer.
type streamError struct{ at int }

func (e *streamError) Error() string { return "the service ended its answer with an error" }

// hash is the digest of a row's text.
func (d *decoder) hash(from, to int) uint64 { return maphash.Bytes(d.seed, d.buf[from:to]) }

// mix hashes short text quickly; the dictionary compares afterwards.
func mix(b []byte) uint64 {
	h := uint64(len(b)) * 0x9E3779B97F4A7C15
	for len(b) >= 8 {
		h = bits.RotateLeft64((h^binary.LittleEndian.Uint64(b))*0xFF51AFD7ED558CCD, 29)
		b = b[8:]
	}
	var w uint64
	for i, c := range b {
		w |= uint64(c) << (8 * uint(i))
	}
	h = (h ^ w) * 0xC4CEB9FE1A85EC53
	return h ^ h>>32
}

// view is the bytes as a string that must not outlive them.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
