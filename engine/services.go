package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

// ServiceOptions is one OData service.
type ServiceOptions struct {
	Schema  string
	Client  odata.Config // Profile is taken from Profile below
	Profile *profile.Profile
	Names   catalog.NameMode
	Columns map[string]catalog.ColumnOverride
	// Source, where it is set, is what the sets are read from in place of the client, which then only reads the metadata. It is for
	// benchmarks, which compare engines and not services.
	Source odata.Source
}

// metadataPause is the longest pause between attempts to read metadata.
const metadataPause = 5 * time.Minute

// service is a service at run time.
type service struct {
	opts   ServiceOptions
	client *odata.Client

	mu     sync.Mutex
	model  *edm.Model
	raw    []byte // the document of model
	etag   string
	reason string // why model is nil
	rows   map[string]float64
}

// services keeps the metadata of all services, what was learned about them, and the catalog made of it.
type services struct {
	list     []*service
	byName   map[string]*service
	dir      string // state directory, "" for none
	log      zerolog.Logger
	database string
	users    []catalog.User
	system   catalog.System
	numbers  *catalog.Numbering
	learned  *learned
	clock    func() time.Time
	every    time.Duration // between readings of metadata
	retry    time.Duration // after the first failure

	mu    sync.Mutex
	built *built
}

// built is a catalog with the views that users have of it.
type built struct {
	snap *catalog.Snapshot
	mu   sync.Mutex
	user map[string]*catalog.Snapshot
}

func (b *built) forUser(name string) *catalog.Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.user[name]
	if !ok {
		v = b.snap.ForUser(name)
		b.user[name] = v
	}
	return v
}

func newServices(o Options, system catalog.System) (*services, error) {
	s := &services{
		byName: map[string]*service{}, dir: o.StateDir, log: o.Logger, database: o.Database, system: system, clock: o.clock(),
		every: o.MetadataEvery, retry: o.MetadataRetry,
	}
	for _, u := range o.Users {
		s.users = append(s.users, catalog.User{Name: u.Name, AllServices: u.Services == nil, Services: u.Services, MemberOf: u.MemberOf})
	}
	s.numbers = s.loadNumbers()
	s.learned = loadLearned(s.path("learned.json"), s.clock, s.log)
	for _, so := range o.Services {
		so.Client.Profile = so.Profile
		so.Client.Name = so.Schema
		client, err := odata.NewClient(so.Client)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", so.Schema, err)
		}
		sv := &service{opts: so, client: client, reason: "its metadata has not been read yet", rows: map[string]float64{}}
		s.fromDisk(sv)
		s.learned.of(so.Schema, client.Root())
		s.list = append(s.list, sv)
		s.byName[so.Schema] = sv
	}
	return s, s.rebuild()
}

func (s *services) path(name string) string {
	if s.dir == "" {
		return ""
	}
	return filepath.Join(s.dir, name)
}

func (s *services) loadNumbers() *catalog.Numbering {
	path := s.path("attnums.json")
	if path == "" {
		return catalog.NewNumbering()
	}
	data, err := os.ReadFile(path)
	if err == nil {
		n, err2 := catalog.LoadNumbering(data)
		if err2 == nil {
			return n
		}
		err = err2
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn().Err(err).Str("file", path).Msg("attribute numbers are numbered anew")
	}
	return catalog.NewNumbering()
}

// cached is the form of the metadata cache.
type cached struct {
	Root string `json:"root"` // of the service that it came from
	ETag string `json:"etag"`
	XML  []byte `json:"xml"`
}

func (s *services) fromDisk(sv *service) {
	path := s.path("metadata-" + sv.opts.Schema + ".json")
	if path == "" {
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	var c cached
	if err := json.Unmarshal(data, &c); err != nil || c.Root != sv.client.Root() {
		return
	}
	model, err := edm.Parse(c.XML)
	if err != nil {
		s.log.Warn().Err(err).Str("service", sv.opts.Schema).Msg("cached metadata cannot be read")
		return
	}
	sv.model, sv.raw, sv.etag, sv.reason = model, c.XML, c.ETag, ""
}

// writeState replaces a file of the state directory.
func writeState(path string, data []byte) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // renamed away in the good case
	if _, err := tmp.Write(data); err != nil {
		return errors.Join(fmt.Errorf("state file: %w", err), tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	return nil
}

// refresh reads the metadata of one service and rebuilds the catalog if it changed.
func (s *services) refresh(ctx context.Context, sv *service) error {
	m, err := sv.client.Metadata(ctx)
	if err != nil {
		sv.mu.Lock()
		known := sv.model != nil
		if !known {
			sv.reason = err.Error()
		}
		sv.mu.Unlock()
		if !known {
			if err2 := s.rebuild(); err2 != nil {
				return errors.Join(err, err2)
			}
		}
		return err
	}
	sv.mu.Lock()
	same := sv.model != nil && bytes.Equal(sv.raw, m.Raw)
	if !same {
		sv.model, sv.raw, sv.etag, sv.reason = m.Model, m.Raw, m.ETag, ""
	}
	sv.mu.Unlock()
	if same {
		return nil
	}
	data, err := json.Marshal(cached{Root: sv.client.Root(), ETag: m.ETag, XML: m.Raw})
	if err == nil {
		err = writeState(s.path("metadata-"+sv.opts.Schema+".json"), data)
	}
	if err != nil {
		s.log.Warn().Err(err).Str("service", sv.opts.Schema).Msg("metadata is not cached")
	}
	return s.rebuild()
}

// run keeps one service's metadata fresh until ctx ends.
func (s *services) run(ctx context.Context, sv *service, first chan<- error) {
	pause := s.retry
	for {
		err := s.refresh(ctx, sv)
		if first != nil {
			first <- err
			first = nil
		}
		wait := s.every
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			s.log.Warn().Err(err).Str("service", sv.opts.Schema).Msg("metadata cannot be read")
			wait = pause
			pause = min(pause*2, metadataPause)
		} else {
			pause = s.retry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// rebuild makes a new catalog of what is known.
func (s *services) rebuild() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := uint64(1)
	if s.built != nil {
		version = s.built.snap.Version + 1
	}
	opts := catalog.Options{Version: version, Database: s.database, Users: s.users, System: s.system, Attnums: s.numbers}
	for _, sv := range s.list {
		sv.mu.Lock()
		opts.Services = append(opts.Services, catalog.Service{
			Schema: sv.opts.Schema, Model: sv.model, Reason: sv.reason, Names: sv.opts.Names, Profile: sv.opts.Profile, Columns: sv.opts.Columns,
		})
		sv.mu.Unlock()
	}
	snap, err := catalog.Build(opts)
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	s.built = &built{snap: snap, user: map[string]*catalog.Snapshot{}}
	if data, changed, err := s.numbers.Save(); err == nil && changed {
		if err := writeState(s.path("attnums.json"), data); err != nil {
			s.log.Warn().Err(err).Msg("attribute numbers are not kept")
		}
	}
	return nil
}

// snapshot is the catalog as a user sees it.
func (s *services) snapshot(user string) *catalog.Snapshot {
	s.mu.Lock()
	b := s.built
	s.mu.Unlock()
	return b.forUser(user)
}

// missing lists the user's services whose metadata is not known, with the reason.
func (s *services) missing(user string) [][2]string {
	var out [][2]string
	snap := s.snapshot(user)
	for schema, reason := range snap.Missing {
		out = append(out, [2]string{schema, reason})
	}
	slices.SortFunc(out, func(a, b [2]string) int {
		if a[0] < b[0] {
			return -1
		}
		return 1
	})
	return out
}

// close ends the clients.
func (s *services) close() error {
	var errs []error
	for _, sv := range s.list {
		errs = append(errs, sv.client.Close())
	}
	return errors.Join(errs...)
}
