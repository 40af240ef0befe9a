package difftest

import (
	"fmt"
	"strconv"
	"strings"
)

// piece is a part of a generated statement: text and smaller pieces, or a list of pieces with separators. It is printed, and it is
// cut down piece by piece when the statement's answers differ. A piece may stand in several places, which then change as one, as
// GROUP BY and the select list have to.
type piece struct {
	parts []any // of string and *piece

	list             bool
	open, sep, close string
	least            int // how many must stay

	oid uint32 // type of an expression; 0: no expression

	may   bool     // can be left out
	drops bool     // keeps rows from what stands after it
	alts  []*piece // what can stand for it
	needs *piece   // without this one there is no place for it
	gone  bool
	as    *piece // what stands for it

	param   bool // a parameter's place, of this value
	value   *string
	ordinal *piece // the place of this piece in its list
	in      *piece // that list
}

// cat is an expression, or with type 0 another piece.
func cat(oid uint32, parts ...any) *piece { return &piece{oid: oid, parts: parts} }

// text is a piece that is only text.
func text(s string) *piece { return &piece{parts: []any{s}} }

// listed is a clause; nothing is printed of one without pieces.
func listed(open, sep, closing string, kids ...*piece) *piece {
	n := &piece{list: true, open: open, sep: sep, close: closing}
	for _, k := range kids {
		n.add(k)
	}
	return n
}

func (n *piece) add(k *piece) { n.parts = append(n.parts, k) }

// optional says that a piece can be left out.
func optional(n *piece) *piece {
	n.may = true
	return n
}

// filter is a condition that can be left out.
func filter(n *piece) *piece {
	n.drops = true
	return optional(n)
}

// alive tells whether a piece is printed.
func (n *piece) alive() bool { return !n.gone && (n.needs == nil || n.needs.alive()) }

// living are the pieces of a list that are printed.
func (n *piece) living() []*piece {
	var out []*piece
	for _, p := range n.parts {
		if k, ok := p.(*piece); ok && k.alive() {
			out = append(out, k)
		}
	}
	return out
}

// printer writes a statement and gathers its parameters.
type printer struct {
	strings.Builder
	numbers map[*piece]int
	args    []*string
}

// print gives the text of a statement and the values of its parameters.
func (n *piece) print() (string, []*string) {
	p := &printer{numbers: map[*piece]int{}}
	p.node(n)
	return p.String(), p.args
}

func (p *printer) node(n *piece) {
	switch {
	case !n.alive():
	case n.as != nil:
		p.node(n.as)
	case n.param:
		if p.numbers[n] == 0 {
			p.args = append(p.args, n.value)
			p.numbers[n] = len(p.args)
		}
		p.WriteString("$" + strconv.Itoa(p.numbers[n]))
	case n.ordinal != nil:
		for i, k := range n.in.living() {
			if k == n.ordinal {
				p.WriteString(strconv.Itoa(i + 1))
			}
		}
	case n.list:
		kids := n.living()
		if len(kids) == 0 {
			return
		}
		p.WriteString(n.open)
		for i, k := range kids {
			if i > 0 {
				p.WriteString(n.sep)
			}
			p.node(k)
		}
		p.WriteString(n.close)
	default:
		for _, part := range n.parts {
			switch part := part.(type) {
			case string:
				p.WriteString(part)
			case *piece:
				p.node(part)
			default:
				panic(fmt.Sprintf("a %T in a piece", part))
			}
		}
	}
}
