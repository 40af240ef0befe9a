package wire_test

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

type memoryStatement struct {
	source string // the whole query string, for positions
	text   string
	tokens []token
}

func (m *memoryStatement) Text() string { return m.text }

func (m *memoryStatement) endsTransaction() bool {
	switch m.tokens[0].text {
	case "commit", "end", "rollback", "abort":
		return true
	}
	return false
}

type token struct {
	kind byte // 'w' word, 'q' quoted identifier, 's' string, 'n' number, 'p' parameter, 'o' operator, 'e' end
	text string
	raw  string
	pos  int // 1-based
}

// parseSQL splits a query string at semicolons and checks that every statement begins with a word that is known.
func parseSQL(sql string) ([]backend.Statement, error) {
	list, err := splitSQL(sql)
	return list, inCharacters(sql, err)
}

// inCharacters turns the byte position of an error into one that counts characters.
func inCharacters(sql string, err error) error {
	e := pgerr.As(err)
	if e == nil || e.Position == 0 {
		return err
	}
	return e.WithPosition(utf8.RuneCountInString(sql[:min(e.Position-1, len(sql))]) + 1)
}

func splitSQL(sql string) ([]backend.Statement, error) {
	tokens, err := tokenize(sql)
	if err != nil {
		return nil, err
	}
	var list []backend.Statement
	for len(tokens) > 0 {
		n := 0
		for n < len(tokens) && (tokens[n].text != ";" || tokens[n].kind != 'o') {
			n++
		}
		if n > 0 {
			part := tokens[:n:n]
			end := len(sql)
			if n < len(tokens) {
				end = tokens[n].pos - 1
			}
			if !slices.Contains(firstWords(), part[0].text) || part[0].kind != 'w' {
				return nil, syntaxError(part[0])
			}
			list = append(list, &memoryStatement{source: sql, text: sql[part[0].pos-1 : end], tokens: part})
		}
		tokens = tokens[min(n+1, len(tokens)):]
	}
	return list, nil
}

func firstWords() []string {
	return strings.Fields("select values show set reset discard begin start commit end rollback abort savepoint release prepare execute " +
		"deallocate declare fetch move close copy")
}

func syntaxError(t token) error {
	if t.kind == 'e' {
		return pgerr.New(pgerr.SyntaxError, "syntax error at end of input").WithPosition(t.pos)
	}
	return pgerr.Newf(pgerr.SyntaxError, `syntax error at or near "%s"`, t.raw).WithPosition(t.pos)
}

func tokenize(sql string) ([]token, error) {
	var out []token
	add := func(kind byte, text string, from, to int) {
		out = append(out, token{kind: kind, text: text, raw: sql[from:to], pos: from + 1})
	}
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case strings.HasPrefix(sql[i:], "--"):
			for i < len(sql) && sql[i] != '\n' {
				i++
			}
		case strings.HasPrefix(sql[i:], "/*"):
			n := strings.Index(sql[i:], "*/")
			if n < 0 {
				return nil, pgerr.New(pgerr.SyntaxError, "unterminated /* comment").WithPosition(i + 1)
			}
			i += n + 2
		case c == '\'' || c == '"':
			j, text, closed := i+1, strings.Builder{}, false
			for ; j < len(sql); j++ {
				if sql[j] != c {
					text.WriteByte(sql[j])
				} else if j+1 < len(sql) && sql[j+1] == c {
					text.WriteByte(c)
					j++
				} else {
					closed = true
					break
				}
			}
			if !closed {
				return nil, pgerr.Newf(pgerr.SyntaxError, `unterminated quoted string at or near "%s"`, sql[i:]).WithPosition(i + 1)
			}
			kind := byte('s')
			if c == '"' {
				kind = 'q'
			}
			add(kind, text.String(), i, j+1)
			i = j + 1
		case isWord(c):
			j := i
			for j < len(sql) && (isWord(sql[j]) || isDigit(sql[j])) {
				j++
			}
			add('w', strings.ToLower(sql[i:j]), i, j)
			i = j
		case isDigit(c) || c == '.' && i+1 < len(sql) && isDigit(sql[i+1]):
			j := i
			for j < len(sql) && (isDigit(sql[j]) || sql[j] == '.') {
				j++
			}
			add('n', sql[i:j], i, j)
			i = j
		case c == '$':
			j := i + 1
			for j < len(sql) && isDigit(sql[j]) {
				j++
			}
			add('p', sql[i+1:j], i, j)
			i = j
		default:
			n := 1
			for _, op := range []string{"::", "||", "<>", "<=", ">=", "!="} {
				if strings.HasPrefix(sql[i:], op) {
					n = 2
				}
			}
			add('o', sql[i:i+n], i, i+n)
			i += n
		}
	}
	return out, nil
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cursor walks over the tokens of a statement.
type cursor struct {
	st *memoryStatement
	i  int
}

func (c *cursor) peek() token {
	if c.i < len(c.st.tokens) {
		return c.st.tokens[c.i]
	}
	last := c.st.tokens[len(c.st.tokens)-1]
	end := last.pos + len(last.raw)
	if end-1 < len(c.st.source) && c.st.source[end-1] == ';' {
		return token{kind: 'o', text: ";", raw: ";", pos: end}
	}
	return token{kind: 'e', pos: len(c.st.source) + 1}
}

func (c *cursor) next() token {
	t := c.peek()
	c.i++
	return t
}

// accept takes the words or operators if they come next.
func (c *cursor) accept(words ...string) bool {
	for n, w := range words {
		i := c.i + n
		if i >= len(c.st.tokens) || c.st.tokens[i].text != w || c.st.tokens[i].kind == 's' || c.st.tokens[i].kind == 'q' {
			return false
		}
	}
	c.i += len(words)
	return true
}

func (c *cursor) expect(word string) error {
	if !c.accept(word) {
		return syntaxError(c.peek())
	}
	return nil
}

func (c *cursor) name() (string, error) {
	t := c.next()
	if t.kind != 'w' && t.kind != 'q' {
		c.i--
		return "", syntaxError(t)
	}
	return t.text, nil
}

func (c *cursor) integer() (int64, bool) {
	negative := c.accept("-")
	t := c.peek()
	n, err := strconv.ParseInt(t.text, 10, 64)
	if t.kind != 'n' || err != nil {
		if negative {
			c.i--
		}
		return 0, false
	}
	c.i++
	if negative {
		n = -n
	}
	return n, true
}

func (c *cursor) end() error {
	if c.i < len(c.st.tokens) {
		return syntaxError(c.peek())
	}
	return nil
}
