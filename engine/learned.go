package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// learnedFor is how long a refusal or a spelling is believed: services are mended and upgraded.
const learnedFor = 24 * time.Hour

// refusal is something that a service refused or got wrong, so that it is not asked again for a while.
type refusal struct {
	Why   string    `json:"why"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}

// spelling is how a service was found to take a property's name.
type spelling struct {
	Name  string    `json:"name"`
	Until time.Time `json:"until"`
}

// learned is what the process found out about services at run time: conditions by service, set, property, operator and type; options by
// service, set and name; spellings by service and property. It is kept in the state directory and safe for concurrent use.
type learned struct {
	path  string
	clock func() time.Time
	log   zerolog.Logger

	mu   sync.Mutex
	data learnedData
}

type learnedData struct {
	Roots     map[string]string   `json:"roots"` // of the services, to notice that a name now stands for another one
	Refusals  map[string]refusal  `json:"refusals"`
	Spellings map[string]spelling `json:"spellings"`
}

func loadLearned(path string, clock func() time.Time, log zerolog.Logger) *learned {
	l := &learned{path: path, clock: clock, log: log}
	if path != "" {
		data, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(data, &l.data)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn().Err(err).Str("file", path).Msg("learned capabilities are learned anew")
			l.data = learnedData{}
		}
	}
	if l.data.Roots == nil {
		l.data.Roots = map[string]string{}
	}
	if l.data.Refusals == nil {
		l.data.Refusals = map[string]refusal{}
	}
	if l.data.Spellings == nil {
		l.data.Spellings = map[string]spelling{}
	}
	return l
}

// of tells which service a name stands for; what was learned of another one is forgotten.
func (l *learned) of(service, root string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.data.Roots[service] != root {
		other := func(key string) bool { return strings.HasPrefix(key, service+keySeparator) }
		maps.DeleteFunc(l.data.Refusals, func(k string, _ refusal) bool { return other(k) })
		maps.DeleteFunc(l.data.Spellings, func(k string, _ spelling) bool { return other(k) })
	}
	l.data.Roots[service] = root
}

const keySeparator = "\x00"

func conditionKey(service, set, property, op, typ string) string {
	return strings.Join([]string{service, set, property, op, typ}, keySeparator)
}

func optionKey(service, set, option string) string {
	return strings.Join([]string{service, set, option}, keySeparator)
}

func spellingKey(service, property string) string { return service + keySeparator + property }

// why returns the reason of a refusal that still holds.
func (l *learned) why(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.data.Refusals[key]
	if !ok || l.clock().After(r.Until) {
		return "", false
	}
	return fmt.Sprintf("%s (%s)", r.Why, r.At.Format(time.DateTime)), true
}

// learn keeps refusals and writes them to the state directory.
func (l *learned) learn(keys []string, why string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock().UTC()
	for _, k := range keys {
		l.data.Refusals[k] = refusal{Why: why, At: now, Until: now.Add(learnedFor)}
	}
	return l.save(now)
}

// hasSpellings reports that any spelling was learned.
func (l *learned) hasSpellings() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.data.Spellings) > 0
}

// spelling is how a service was found to take a property's name.
func (l *learned) spelling(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.data.Spellings[key]
	if !ok || l.clock().After(s.Until) {
		return "", false
	}
	return s.Name, true
}

// learnSpelling keeps spellings by spellingKey.
func (l *learned) learnSpelling(names map[string]string) {
	if len(names) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock().UTC()
	for k, name := range names {
		l.data.Spellings[k] = spelling{Name: name, Until: now.Add(learnedFor)}
	}
	if err := l.save(now); err != nil {
		l.log.Warn().Err(err).Msg("learned spellings are not kept")
	}
}

// save drops what is too old and writes the rest. The lock is held.
func (l *learned) save(now time.Time) error {
	for k, r := range l.data.Refusals {
		if now.After(r.Until) {
			delete(l.data.Refusals, k)
		}
	}
	for k, s := range l.data.Spellings {
		if now.After(s.Until) {
			delete(l.data.Spellings, k)
		}
	}
	data, err := json.MarshalIndent(l.data, "", " ")
	if err != nil {
		return fmt.Errorf("learned capabilities: %w", err)
	}
	return writeState(l.path, data)
}

// learnedRow is a refusal that holds, taken apart.
type learnedRow struct {
	service, set, property, operation string // property is empty for an option
	refusal
}

// rows lists the refusals that hold, in order.
func (l *learned) rows() []learnedRow {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []learnedRow
	for k, r := range l.data.Refusals {
		parts := strings.Split(k, keySeparator)
		if l.clock().After(r.Until) {
			continue
		}
		switch len(parts) {
		case 3:
			out = append(out, learnedRow{service: parts[0], set: parts[1], operation: parts[2], refusal: r})
		case 5:
			out = append(out, learnedRow{service: parts[0], set: parts[1], property: parts[2], operation: parts[3], refusal: r})
		}
	}
	slices.SortFunc(out, func(a, b learnedRow) int {
		return strings.Compare(optionKey(a.service, a.set, a.property+" "+a.operation), optionKey(b.service, b.set, b.property+" "+b.operation))
	})
	return out
}
