package catalog

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Attnums keeps the numbers of tables' columns from one reading of the metadata to the next.
type Attnums interface {
	// Number gives the attribute numbers (from 1) of a table's columns, which it names in the service's order. A column that
	// it has seen keeps its number; numbers of columns that are gone are not given to others.
	Number(schema, table string, columns []string) []int16
}

// Numbering is the Attnums that lives in a file of the state directory. It is safe for concurrent use.
type Numbering struct {
	mu      sync.Mutex
	tables  map[string]map[string]int16 // schema NUL table, column
	changed bool
}

// NewNumbering returns one that has seen nothing.
func NewNumbering() *Numbering { return &Numbering{tables: make(map[string]map[string]int16)} }

// numberingFile is the file's form. Gone columns stay in it.
type numberingFile struct {
	Schemas map[string]map[string]map[string]int16 `json:"schemas"` // schema, table, column
}

// LoadNumbering reads what Save wrote.
func LoadNumbering(data []byte) (*Numbering, error) {
	var f numberingFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("attribute numbers: %w", err)
	}
	n := NewNumbering()
	for schema, tables := range f.Schemas {
		for table, cols := range tables {
			seen := make(map[int16]bool, len(cols))
			for c, num := range cols {
				if num < 1 || seen[num] {
					return nil, fmt.Errorf("attribute numbers: %s.%s has number %d for column %s, which is not one of its own",
						schema, table, num, c)
				}
				seen[num] = true
			}
			n.tables[schema+"\x00"+table] = cols
		}
	}
	return n, nil
}

// Save gives the file's content, and whether anything changed since the last Save.
func (n *Numbering) Save() (data []byte, changed bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := numberingFile{Schemas: make(map[string]map[string]map[string]int16)}
	for k, cols := range n.tables {
		schema, table := splitKey(k)
		if f.Schemas[schema] == nil {
			f.Schemas[schema] = make(map[string]map[string]int16)
		}
		f.Schemas[schema][table] = cols
	}
	data, err = json.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, false, fmt.Errorf("attribute numbers: %w", err)
	}
	changed, n.changed = n.changed, false
	return data, changed, nil
}

// Number implements Attnums.
func (n *Numbering) Number(schema, table string, columns []string) []int16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := schema + "\x00" + table
	seen := n.tables[k]
	if seen == nil {
		seen = make(map[string]int16, len(columns))
		n.tables[k] = seen
	}
	var last int16
	for _, num := range seen {
		last = max(last, num)
	}
	nums := make([]int16, len(columns))
	for i, c := range columns {
		num, ok := seen[c]
		if !ok {
			last++
			num = last
			seen[c] = num
			n.changed = true
		}
		nums[i] = num
	}
	return nums
}

func splitKey(k string) (string, string) {
	for i := range k {
		if k[i] == 0 {
			return k[:i], k[i+1:]
		}
	}
	return k, ""
}

func inOrder(columns int) []int16 {
	nums := make([]int16, columns)
	for i := range nums {
		nums[i] = int16(i + 1)
	}
	return nums
}
