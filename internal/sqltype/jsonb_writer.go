package sqltype

import (
	"sort"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// maxNumberGrowth bounds how much longer the numbers of a jsonb may be than their text: 1e131071 has eight characters and
// 131,072 digits.
const maxNumberGrowth = 16 << 20

// jsonbWriter writes the text form of jsonb while it is read, without a tree: a tree takes a hundred times the memory of
// a list of digits. The members of an object are put in order when it ends.
type jsonbWriter struct {
	dst    []byte
	growth int
	stack  []jsonbFrame
}

type jsonbFrame struct {
	object  bool
	start   int // in dst, after the brace
	count   int
	ordered bool // the keys so far ascend
	members []jsonbMember
}

// jsonbMember is a member in dst, from its key to the end of its value.
type jsonbMember struct {
	key     string
	at, end int
}

func (w *jsonbWriter) top() *jsonbFrame { return &w.stack[len(w.stack)-1] }

// before starts an element of an array; a member of an object was started by its key.
func (w *jsonbWriter) before() {
	if len(w.stack) == 0 || w.top().object {
		return
	}
	w.separate()
}

func (w *jsonbWriter) separate() {
	if t := w.top(); t.count > 0 {
		w.dst = append(w.dst, ',', ' ')
	}
	w.top().count++
}

func (w *jsonbWriter) after() {
	if len(w.stack) > 0 && w.top().object {
		t := w.top()
		t.members[len(t.members)-1].end = len(w.dst)
	}
}

func (w *jsonbWriter) begin(object bool) {
	w.before()
	open := byte('[')
	if object {
		open = '{'
	}
	w.dst = append(w.dst, open)
	w.stack = append(w.stack, jsonbFrame{object: object, start: len(w.dst), ordered: true})
}

func (w *jsonbWriter) key(s string) {
	w.separate()
	t := w.top()
	if n := len(t.members); n > 0 && cmpKeys(t.members[n-1].key, s) >= 0 {
		t.ordered = false
	}
	t.members = append(t.members, jsonbMember{key: s, at: len(w.dst)})
	w.dst = append(AppendJSONString(w.dst, s), ':', ' ')
}

func (w *jsonbWriter) scalar(kind jsonTokenKind, text, str string) error {
	w.before()
	switch kind {
	case tokenString:
		w.dst = AppendJSONString(w.dst, str)
	case tokenNumber:
		n, err := ParseNumeric(text)
		if err != nil {
			return err
		}
		at := len(w.dst)
		w.dst = AppendNumeric(w.dst, n)
		if w.growth += len(w.dst) - at - len(text); w.growth > maxNumberGrowth {
			return pgerr.New(pgerr.ProgramLimitExceeded, "jsonb value is too large").
				WithHint("Its numbers, written without exponents, take more than %d bytes.", maxNumberGrowth)
		}
	default:
		w.dst = append(w.dst, text...)
	}
	w.after()
	return nil
}

func (w *jsonbWriter) end(string) {
	t := w.top()
	if t.object {
		if !t.ordered {
			w.order(t)
		}
		w.dst = append(w.dst, '}')
	} else {
		w.dst = append(w.dst, ']')
	}
	w.stack = w.stack[:len(w.stack)-1]
	w.after()
}

// order writes the members of an object anew: ascending, the last of equal keys alone.
func (w *jsonbWriter) order(t *jsonbFrame) {
	sort.SliceStable(t.members, func(a, b int) bool { return cmpKeys(t.members[a].key, t.members[b].key) < 0 })
	ordered := make([]byte, 0, len(w.dst)-t.start)
	for i, m := range t.members {
		if i+1 < len(t.members) && t.members[i+1].key == m.key {
			continue
		}
		if len(ordered) > 0 {
			ordered = append(ordered, ',', ' ')
		}
		ordered = append(ordered, w.dst[m.at:m.end]...)
	}
	w.dst = append(w.dst[:t.start], ordered...)
}
