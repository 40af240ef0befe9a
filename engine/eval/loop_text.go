package eval

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/vector"
)

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// isASCII reports whether every character is one byte.
func isASCII(s []byte) bool {
	for len(s) >= 8 {
		if binary.LittleEndian.Uint64(s)&highBits != 0 {
			return false
		}
		s = s[8:]
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendFolded appends ASCII text with the letters from first to first+25 in the other case, eight bytes at a time; false if the text is not
// ASCII.
func appendFolded(dst, s []byte, first byte) ([]byte, bool) {
	at := len(dst)
	dst = append(dst, s...)
	b := dst[at:]
	fromFirst, behindLast := uint64(0x80-first)*eachByte, uint64(0x80-first-26)*eachByte
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		if w&highBits != 0 {
			return dst[:at], false
		}
		letters := ((w + fromFirst) ^ (w + behindLast)) & highBits
		binary.LittleEndian.PutUint64(b, w^letters>>2)
		b = b[8:]
	}
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return dst[:at], false
		}
		if c-first < 26 {
			b[i] = c ^ 0x20
		}
	}
	return dst, true
}

// block is the text of the first n rows of a flat vector in one piece.
func (t *texts) block(n int) []byte { return t.data[t.offsets[0]:t.offsets[n]] }

// plainBlock reports whether the first n rows are those of a flat vector and all ASCII; then places in bytes are places in characters.
func (t *texts) plainBlock(n int) bool {
	return n > 0 && t.codes == nil && t.mask != 0 && isASCII(t.block(n))
}

// changeCase makes lower (first is A) and upper (a). ASCII rows that stand in one piece are changed in one piece.
func changeCase(name string, first byte, whole func(dst, s []byte) []byte) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		t, n, done := textsOf(v[0]), span(sel), false
		if n > 0 && t.codes == nil && t.mask != 0 && len(t.block(n)) < batchBytes {
			if out.Data, done = appendFolded(out.Data, t.block(n), first); done {
				for i, o := range t.offsets[:n+1] {
					out.Offsets[i] = o - t.offsets[0]
				}
				out.EndBytes(n - 1)
				return
			}
		}
		for _, r := range sel {
			s, plain := t.at(r), false
			if !c.fits(out, r, len(s)) {
				return
			}
			out.StartBytes(int(r))
			if out.Data, plain = appendFolded(out.Data, s, first); !plain {
				out.Data = whole(out.Data, s)
			}
			out.EndBytes(int(r))
		}
	}}
}

// textLength counts characters.
func textLength(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
	t, n := textsOf(v[0]), span(sel)
	if t.plainBlock(n) {
		dst, from := out.I32[:n], t.offsets[0]
		for i, to := range t.offsets[1 : n+1] {
			dst[i] = to - from
			from = to
		}
		return
	}
	for _, r := range sel {
		out.I32[r] = int32(utf8.RuneCount(t.at(r)))
	}
}

// part makes a kernel that gives a part of its text: op returns it, knowing whether each byte is a character.
func part(name string, op func(c *Call, s []byte, plain bool, a []view[int32], r int32) ([]byte, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		t := textsOf(v[0])
		var room [2]view[int32]
		args := room[:0]
		for _, a := range v[1:] {
			args = append(args, viewOf[int32](a))
		}
		plain := t.plainBlock(span(sel))
		for _, r := range sel {
			s := t.at(r)
			s, err := op(c, s, plain || isASCII(s), args, r)
			if err != nil {
				c.fail(r, err)
				return
			}
			if !c.fits(out, r, len(s)) {
				return
			}
			out.SetBytes(int(r), s)
		}
	}}
}

// countArg is an integer argument of a row.
func countArg(a []view[int32], i int, r int32) int64 { return int64(a[i].d[r&a[i].mask]) }

// cutRunes returns take characters of s behind the first skip ones.
func cutRunes(s []byte, skip, take int, plain bool) []byte {
	if plain {
		skip = min(skip, len(s))
		return s[skip : skip+min(max(take, 0), len(s)-skip)]
	}
	for ; skip > 0 && len(s) > 0; skip-- {
		_, n := utf8.DecodeRune(s)
		s = s[n:]
	}
	end := 0
	for ; take > 0 && end < len(s); take-- {
		_, n := utf8.DecodeRune(s[end:])
		end += n
	}
	return s[:end]
}

func countRunes(s []byte, plain bool) int {
	if plain {
		return len(s)
	}
	return utf8.RuneCount(s)
}

// texts2 makes a kernel of a text and another that appends its result.
func texts2(name string, op func(c *Call, dst, s, t []byte) ([]byte, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b := textsOf(v[0]), textsOf(v[1])
		for _, r := range sel {
			var err error
			if !c.fits(out, r, len(a.at(r))+len(b.at(r))) {
				return
			}
			out.StartBytes(int(r))
			if out.Data, err = op(c, out.Data, a.at(r), b.at(r)); err != nil {
				c.fail(r, err)
				return
			}
			out.EndBytes(int(r))
		}
	}}
}

// markContaining marks the first n rows of a flat vector that contain lit, which is not empty. The rows are searched as one text.
func markContaining(t *texts, n int, lit []byte, not bool, dst []bool) {
	for i := range dst[:n] {
		dst[i] = not
	}
	data, row := t.data[:t.offsets[n]], 0
	for at := int(t.offsets[0]); ; {
		i := bytes.Index(data[at:], lit)
		if i < 0 {
			return
		}
		at += i
		for int(t.offsets[row+1]) <= at {
			row++
		}
		if at+len(lit) > int(t.offsets[row+1]) { // it goes on in the next row's text
			at++
			continue
		}
		dst[row] = !not
		row++
		at = int(t.offsets[row])
	}
}
