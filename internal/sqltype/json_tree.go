package sqltype

// JSONKind is the kind of a JSON value, in the order of jsonb.
type JSONKind uint8

// The kinds of JSON values.
const (
	JSONNull JSONKind = iota
	JSONString
	JSONNumber
	JSONBool
	JSONArray
	JSONObject
)

// JSON is a parsed JSON value. Members of an object from jsonb are in jsonb's order: shorter keys first, then by bytes.
type JSON struct {
	Kind   JSONKind
	Bool   bool
	String string  // JSONString
	Number Numeric // JSONNumber
	Elems  []JSON  // elements, or the values of an object
	Keys   []string
	Raw    string // the text of the value; set by ParseJSON alone
}

// jsonTree builds a JSON.
type jsonTree struct {
	binary bool // numbers are read
	root   JSON
	stack  []JSON // containers that are open
}

func (b *jsonTree) begin(object bool) {
	v := JSON{Kind: JSONArray}
	if object {
		v.Kind = JSONObject
	}
	b.stack = append(b.stack, v)
}

func (b *jsonTree) key(s string) {
	top := &b.stack[len(b.stack)-1]
	top.Keys = append(top.Keys, s)
}

func (b *jsonTree) put(v JSON) {
	if len(b.stack) == 0 {
		b.root = v
		return
	}
	top := &b.stack[len(b.stack)-1]
	top.Elems = append(top.Elems, v)
}

func (b *jsonTree) scalar(kind jsonTokenKind, text, str string) error {
	v := JSON{Raw: text}
	if b.binary {
		v.Raw = ""
	}
	switch kind {
	case tokenString:
		v.Kind, v.String = JSONString, str
	case tokenNumber:
		v.Kind = JSONNumber
		if b.binary {
			n, err := ParseNumeric(text)
			if err != nil {
				return err
			}
			v.Number = n
		}
	case tokenTrue, tokenFalse:
		v.Kind, v.Bool = JSONBool, kind == tokenTrue
	}
	b.put(v)
	return nil
}

func (b *jsonTree) end(raw string) {
	v := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	if !b.binary {
		v.Raw = raw
	}
	b.put(v)
}

// jsonTop counts the elements of the outermost value.
type jsonTop struct {
	kind  JSONKind
	items int
	depth int
}

func (t *jsonTop) put(kind JSONKind) {
	switch t.depth {
	case 0:
		t.kind = kind
	case 1:
		t.items++
	}
}

func (t *jsonTop) begin(object bool) {
	kind := JSONArray
	if object {
		kind = JSONObject
	}
	t.put(kind)
	t.depth++
}

func (t *jsonTop) key(string) {}

func (t *jsonTop) scalar(kind jsonTokenKind, _, _ string) error {
	switch kind {
	case tokenString:
		t.put(JSONString)
	case tokenNumber:
		t.put(JSONNumber)
	case tokenTrue, tokenFalse:
		t.put(JSONBool)
	default:
		t.put(JSONNull)
	}
	return nil
}

func (t *jsonTop) end(string) { t.depth-- }

// JSONTop is the kind of the value that a text of type json or jsonb holds, and the number of its elements or members as they are written.
// Nothing is kept of them.
func JSONTop(s string) (kind JSONKind, items int, err error) {
	var top jsonTop
	err = (&jsonReader{text: s}).whole(&top)
	return top.kind, top.items, err
}

// ParseJSON reads a text of type json as it is: members in order and repeated, numbers as their text, every value with
// its Raw text.
func ParseJSON(s string) (JSON, error) {
	tree := &jsonTree{}
	err := (&jsonReader{text: s, keep: true}).whole(tree)
	return tree.root, err
}
