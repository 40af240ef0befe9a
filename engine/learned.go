package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// learnedFor is how long a refusal is believed: services are mended and upgraded.
const learnedFor = 24 * time.Hour

// refusal is something that a service refused or got wrong, so that it is not asked again for a while.
type refusal struct {
	Why   string    `json:"why"`
	Until time.Time `json:"until"`
}

// learned is what the process found out about services at run time: conditions by service, set, property and operator;
// options by service, set and name. It is kept in the state directory and safe for concurrent use.
type learned struct {
	path  string
	clock func() time.Time

	mu       sync.Mutex
	version  uint64
	refusals map[string]refusal
}

func loadLearned(path string, clock func() time.Time) *learned {
	l := &learned{path: path, clock: clock, refusals: map[string]refusal{}}
	if path == "" {
		return l
	}
	if data, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(data, &l.refusals); err != nil {
			l.refusals = map[string]refusal{}
		}
	}
	return l
}

func conditionKey(service, set, property, op string) string {
	return service + "\x00" + set + "\x00" + property + "\x00" + op
}

func optionKey(service, set, option string) string { return service + "\x00" + set + "\x00" + option }

// why returns the reason of a refusal that still holds.
func (l *learned) why(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.refusals[key]
	if !ok || l.clock().After(r.Until) {
		return "", false
	}
	return r.Why, true
}

// learn keeps refusals and writes them to the state directory.
func (l *learned) learn(keys []string, what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock().UTC()
	for _, k := range keys {
		l.refusals[k] = refusal{Why: fmt.Sprintf("%s (%s)", what, now.Format(time.DateTime)), Until: now.Add(learnedFor)}
	}
	for k, r := range l.refusals {
		if now.After(r.Until) {
			delete(l.refusals, k)
		}
	}
	l.version++
	data, err := json.MarshalIndent(l.refusals, "", " ")
	if err != nil {
		return fmt.Errorf("learned capabilities: %w", err)
	}
	return writeState(l.path, data)
}
