package wire

import (
	"bytes"
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// The shapes of the frontend's messages (PostgreSQL documentation, section 55.7). pgproto3's decoders index without looking
// at lengths in several places: Bind with a negative length, FunctionCall with a short or null argument, Query and CopyFail
// without any byte, SASLInitialResponse without a length all panic. So a body is decoded only after its shape was checked,
// with PostgreSQL's own texts (pqformat.c).

// shapes holds a check for every type that a client may send after authentication. A type that is missing here is no
// message: the connection ends.
var shapes = map[byte]func(*shape){
	'Q': func(s *shape) { s.cstring() },
	'P': func(s *shape) {
		s.cstring()
		s.cstring()
		s.skip(4 * s.count())
	},
	'B': func(s *shape) {
		s.cstring()
		s.cstring()
		s.skip(2 * s.count())
		s.values()
		s.skip(2 * s.count())
	},
	'C': func(s *shape) { s.skip(1); s.cstring() },
	'D': func(s *shape) { s.skip(1); s.cstring() },
	'E': func(s *shape) { s.cstring(); s.skip(4) },
	'F': func(s *shape) {
		s.skip(4)
		s.skip(2 * s.count())
		s.values()
		s.skip(2)
	},
	'H': func(*shape) {},
	'S': func(*shape) {},
	'X': func(*shape) {},
	// The COPY messages are ignored unread: they follow a COPY that failed.
	'c': func(s *shape) { s.rest = nil },
	'd': func(s *shape) { s.rest = nil },
	'f': func(s *shape) { s.rest = nil },
}

// checkShape returns the error for a body that its type does not allow, or nil.
func checkShape(kind byte, body []byte) *pgerr.Error {
	s := shape{rest: body}
	shapes[kind](&s)
	return s.end()
}

// checkInitialResponse checks SASLInitialResponse: a mechanism, a length or -1, and so many bytes.
func checkInitialResponse(body []byte) *pgerr.Error {
	s := shape{rest: body}
	s.cstring()
	s.value()
	return s.end()
}

// shape walks through a body and keeps the first fault.
type shape struct {
	rest []byte
	err  *pgerr.Error
}

func (s *shape) fail(text string) {
	if s.err == nil {
		s.err = pgerr.New(pgerr.ProtocolViolation, text)
	}
	s.rest = nil
}

func (s *shape) cstring() {
	i := bytes.IndexByte(s.rest, 0)
	if i < 0 {
		s.fail("invalid string in message")
		return
	}
	s.rest = s.rest[i+1:]
}

func (s *shape) skip(n int) {
	if n < 0 || n > len(s.rest) {
		s.fail("insufficient data left in message")
		return
	}
	s.rest = s.rest[n:]
}

// count reads an Int16 that counts, which is unsigned as pgproto3 reads it.
func (s *shape) count() int {
	if len(s.rest) < 2 {
		s.fail("insufficient data left in message")
		return 0
	}
	n := int(binary.BigEndian.Uint16(s.rest))
	s.rest = s.rest[2:]
	return n
}

// value skips an Int32 length and its bytes; -1 has none.
func (s *shape) value() {
	if len(s.rest) < 4 {
		s.fail("insufficient data left in message")
		return
	}
	n := int32(binary.BigEndian.Uint32(s.rest))
	s.rest = s.rest[4:]
	if n == -1 {
		return
	}
	s.skip(int(n))
}

func (s *shape) values() {
	for range s.count() {
		if s.value(); s.err != nil {
			return
		}
	}
}

func (s *shape) end() *pgerr.Error {
	if s.err == nil && len(s.rest) != 0 {
		s.fail("invalid message format")
	}
	return s.err
}
