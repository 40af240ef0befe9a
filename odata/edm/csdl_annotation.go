package edm

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// annotationsBlock reads <Annotations Target="…">, whose annotations belong to something defined elsewhere.
func (r *reader) annotationsBlock(el xml.StartElement) error {
	block := outerAnnotations{target: attr(el, "Target")}
	qualifier := attr(el, "Qualifier")
	err := r.annotated(&block.annotations)
	if qualifier != "" {
		for i := range block.annotations {
			block.annotations[i].Qualifier = qualifier
		}
	}
	r.outer = append(r.outer, block)
	return err
}

// constants are the attributes and elements of constant expressions and paths (CSDL XML 4.01 section 14.3).
func isConstant(name string) bool {
	switch name {
	case "String", "Bool", "Int", "Decimal", "Float", "Date", "DateTimeOffset", "TimeOfDay", "Duration", "Guid", "Binary",
		"EnumMember", "Path", "PropertyPath", "NavigationPropertyPath", "AnnotationPath", "ModelElementPath":
		return true
	}
	return false
}

// annotation reads an Annotation element. A constant is its value; anything else is kept as XML, uninterpreted.
func (r *reader) annotation(el xml.StartElement, into *[]Annotation) error {
	a := Annotation{Term: attr(el, "Term"), Qualifier: attr(el, "Qualifier")}
	hasValue := false
	for _, at := range el.Attr {
		if at.Name.Space == "" && isConstant(at.Name.Local) {
			a.Value, hasValue = at.Value, true
			break
		}
	}
	start := r.dec.InputOffset()
	end, text, children, err := r.annotationBody()
	if err != nil {
		return err
	}
	switch {
	case hasValue:
	case children == 0:
		a.Value = "true" // a tag term without value
	case children == 1 && text != nil:
		a.Value = *text
	default:
		a.XML = strings.TrimSpace(r.doc[start:end])
	}
	*into = append(*into, a)
	return nil
}

// annotationBody passes over an annotation's children. text is the text of the child if it is a constant. Annotations of the
// annotation itself are no value.
func (r *reader) annotationBody() (end int64, text *string, children int, err error) {
	r.depth++
	defer func() { r.depth-- }()
	for {
		end = r.dec.InputOffset()
		t, err := r.token()
		if errors.Is(err, io.EOF) {
			return 0, nil, 0, r.fail("the document ends early")
		}
		if err != nil {
			return 0, nil, 0, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return end, text, children, nil
		case xml.StartElement:
			switch {
			case t.Name.Local == "Annotation":
				err = r.skip()
			case isConstant(t.Name.Local):
				children++
				var s string
				s, err = r.elementText()
				text = &s
			default:
				children++
				err = r.skip()
			}
			if err != nil {
				return 0, nil, 0, err
			}
		}
	}
}

// elementText reads an element's own text.
func (r *reader) elementText() (string, error) {
	var b strings.Builder
	for {
		t, err := r.token()
		if errors.Is(err, io.EOF) {
			return "", r.fail("the document ends early")
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			if err := r.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return b.String(), nil
		}
	}
}
