package edm

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a document, against documents made to exhaust memory.
const (
	maxDepth    = 200       // of elements; honest annotations reach about 20
	maxProblems = 1000      // kept; the rest is only counted away
	maxDocument = 256 << 20 // bytes, where the caller states no limit
)

// SyntaxError says where a document cannot be read.
type SyntaxError struct {
	Line, Column int
	Text         string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return "metadata: " + e.Text
	}
	return fmt.Sprintf("metadata, line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// ErrTooLarge says that a document passes the caller's limit.
var ErrTooLarge = errors.New("metadata: document too large")

// Read reads a CSDL XML document of at most limit bytes (0: 256 MiB).
func Read(src io.Reader, limit int64) (*Model, error) {
	if limit <= 0 {
		limit = maxDocument
	}
	raw, err := io.ReadAll(io.LimitReader(src, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, ErrTooLarge
	}
	return Parse(raw)
}

// Parse reads a CSDL XML document.
func Parse(raw []byte) (*Model, error) {
	doc, err := decodeText(raw)
	if err != nil {
		return nil, err
	}
	r := &reader{
		doc:      doc,
		dec:      xml.NewDecoder(strings.NewReader(doc)),
		aliases:  map[string]string{},
		typedefs: map[string]*typeDef{},
		model:    &Model{Types: map[string]*StructType{}, Enums: map[string]*EnumType{}, sets: map[string]*EntitySet{}},
	}
	// The text is UTF-8 by now whatever its declaration says.
	r.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := r.document(); err != nil {
		return nil, err
	}
	r.resolve()
	return r.model, nil
}

// reader reads a document in one pass into types whose references are still text; resolve.go then ties them together.
type reader struct {
	doc   string
	dec   *xml.Decoder
	depth int

	model      *Model
	aliases    map[string]string // of schemas and of included vocabularies
	typedefs   map[string]*typeDef
	types      []*rawStruct
	containers []*rawContainer
	outer      []outerAnnotations
	schemas    int // that are OData 4
	older      string
}

// rawStruct holds a type's references as they are written.
type rawStruct struct {
	*StructType
	base       string
	references []typeRef // as StructType.Properties
}

// typeRef is a Type attribute with the facets beside it.
type typeRef struct {
	name   string
	facets Facets
	line   int
}

type typeDef struct {
	underlying typeRef
	resolving  bool
}

type rawContainer struct {
	name    string
	extends string
	sets    []*EntitySet
	line    int
}

type outerAnnotations struct {
	target      string
	annotations []Annotation
}

func (r *reader) fail(format string, args ...any) error {
	line, col := r.dec.InputPos()
	return &SyntaxError{Line: line, Column: col, Text: fmt.Sprintf(format, args...)}
}

func (r *reader) line() int {
	line, _ := r.dec.InputPos()
	return line
}

func (r *reader) problem(line int, format string, args ...any) {
	if len(r.model.Problems) < maxProblems {
		r.model.Problems = append(r.model.Problems, Problem{Line: line, Text: fmt.Sprintf(format, args...)})
	}
}

func (r *reader) token() (xml.Token, error) {
	t, err := r.dec.Token()
	if err == nil {
		return t, nil
	}
	var syn *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return nil, err
	case errors.As(err, &syn):
		if strings.Contains(syn.Msg, "unexpected EOF") {
			return nil, r.fail("the document ends early")
		}
		return nil, r.fail("%s", syn.Msg)
	}
	return nil, r.fail("%s", err)
}

// document reads the root element.
func (r *reader) document() error {
	for {
		t, err := r.token()
		if errors.Is(err, io.EOF) {
			return r.fail("the document is empty")
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "Edmx":
				r.model.Version = attr(t, "Version")
				err = r.edmx(t)
			case "Schema":
				err = r.schema(t)
			default:
				return r.fail("the root element is %s, not Edmx: this is no OData metadata", t.Name.Local)
			}
			if err != nil {
				return err
			}
			return r.afterRoot()
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" {
				return r.fail("text instead of XML: %.40q", s)
			}
		}
	}
}

func (r *reader) afterRoot() error {
	switch {
	case r.schemas == 0 && r.older != "":
		return &SyntaxError{Text: "the document describes OData 3 or older (namespace " + r.older + "); only OData 4 services can be read"}
	case r.schemas == 0:
		return &SyntaxError{Text: "the document has no Schema"}
	}
	return nil
}

// children calls f for each child element. f consumes the element, by reading its children or by skip.
func (r *reader) children(f func(el xml.StartElement) error) error {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		return r.fail("elements are nested deeper than %d", maxDepth)
	}
	for {
		t, err := r.token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return r.fail("the document ends early")
			}
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// skip passes over the rest of the element that was just begun. It counts elements, so a child that is not understood cannot
// end its parent.
func (r *reader) skip() error {
	return r.children(func(xml.StartElement) error { return r.skip() })
}

// attr is the value of an attribute that has no namespace of its own; attributes of other namespaces may repeat its name.
func attr(el xml.StartElement, name string) string {
	v, _ := lookup(el, name)
	return v
}

func lookup(el xml.StartElement, name string) (string, bool) {
	for _, a := range el.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

func (r *reader) edmx(xml.StartElement) error {
	return r.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "DataServices":
			return r.children(func(el xml.StartElement) error {
				if el.Name.Local == "Schema" {
					return r.schema(el)
				}
				return r.skip()
			})
		case "Schema":
			return r.schema(el)
		case "Reference":
			return r.children(func(el xml.StartElement) error {
				if ns, alias := attr(el, "Namespace"), attr(el, "Alias"); el.Name.Local == "Include" && alias != "" {
					r.aliases[alias] = ns
				}
				return r.skip()
			})
		}
		return r.skip()
	})
}
