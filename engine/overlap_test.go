package engine_test

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// meeting holds requests back until so many different sets are asked for at the same time.
type meeting struct {
	mu   sync.Mutex
	want int
	sets map[string]bool
	all  chan struct{}
}

func (m *meeting) reset(want int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.want, m.sets, m.all = want, map[string]bool{}, make(chan struct{})
}

// enter returns what ends when all have come.
func (m *meeting) enter(set string) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.sets[set] {
		m.sets[set] = true
		if len(m.sets) == m.want {
			close(m.all)
		}
	}
	return m.all
}

// TestIndependentInputsAreFetchedAtOnce: the service answers nobody until it is asked for all inputs.
func TestIndependentInputsAreFetchedAtOnce(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{})
	var m meeting
	m.reset(1)
	url := front(t, sim, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			set := path.Base(r.URL.Path)
			if !strings.HasPrefix(set, "$") && !strings.HasPrefix(set, "DataWarehouse") {
				select {
				case <-m.enter(set):
				case <-time.After(20 * time.Second):
					http.Error(w, "the others are not asked for", http.StatusBadRequest)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	})
	g := serve(t, engine.Options{
		Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("intune", url, profile.Intune())},
	}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	for _, q := range []struct {
		sql  string
		sets int
	}{
		{`select count(*) from devices d join "devicePropertyHistories" h using ("deviceKey")`, 2},
		{`select count(*) from devices d left join "devicePropertyHistories" h using ("deviceKey")`, 2},
		{`select count(*) from devices d full join "devicePropertyHistories" h using ("deviceKey")`, 2},
		{`select count(*) from devices d where exists (select from "devicePropertyHistories" h where h."deviceKey" = d."deviceKey")`, 2},
		{`select count(*) from devices d join "devicePropertyHistories" h using ("deviceKey") join dates x on x."dateKey" = h."dateKey"`, 3},
		{`select count(*) from (select "deviceKey" from devices union all select "deviceKey" from "devicePropertyHistories") u`, 2},
		{`select count(*) from (select "deviceKey" from devices union select "deviceKey" from "devicePropertyHistories") u`, 2},
		{`select count(*) from (select "deviceKey" from devices intersect select "deviceKey" from "devicePropertyHistories") u`, 2},
		{`select count(*) from (select "deviceKey" from devices except all select "deviceKey" from "devicePropertyHistories") u`, 2},
		{`select count(*) from (select * from devices order by "deviceName" offset 1) d join (select "deviceKey", count(*) from "devicePropertyHistories" group by 1) h using ("deviceKey")`, 2},
	} {
		m.reset(q.sets)
		must(t, c, q.sql)
	}
}
