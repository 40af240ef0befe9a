package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// User is somebody who may log in. Exactly one of Password and Verifier is set.
type User struct {
	Name, Password, Verifier string
	Services                 []string // schemas; nil: all
	MemberOf                 []string
}

// Limits bound what clients may make the engine use. 0 takes the default.
type Limits struct {
	QueryMemory    int64 // default 256 MiB
	ServerMemory   int64 // default 1 GiB
	StatementBytes int64 // default 1 MiB
	Statements     int   // prepared statements per session, default 10,000
	// SpillBytes is what all files of queries that need more than their memory may hold together: default 4 GiB, negative: no files.
	SpillBytes int64
	// SpillDir is where they are, without names; it must exist. "": the system's directory for temporary files.
	SpillDir string
	// MemoryWait is how long a query waits for other queries' memory before it fails, default 1 minute.
	MemoryWait       time.Duration
	StatementTimeout time.Duration
}

// Options is what an engine is made of.
type Options struct {
	Database string
	Users    []User
	Services []ServiceOptions // in the order of the configuration
	StateDir string           // "": nothing is kept
	Limits   Limits
	Logger   zerolog.Logger
	Version  string // of the product
	// Clock, where it is set, is what statements take for the present time.
	Clock func() time.Time
	// DisableRules names planner phases to leave out, for tests.
	DisableRules map[string]bool
	// MetadataEvery is how often metadata is read again, default 1 hour; MetadataRetry the first pause after a failure, default 2 s.
	MetadataEvery, MetadataRetry time.Duration
	// ListenPort is shown by inet_server_port and in pg_settings.
	ListenPort int
}

func (o *Options) clock() func() time.Time {
	if o.Clock != nil {
		return o.Clock
	}
	return time.Now
}

// ServerVersion is the version of PostgreSQL that clients are told: they choose their catalog queries by it.
const (
	ServerVersion    = "15.18"
	ServerVersionNum = "150018"
)

// Engine answers SQL. It implements backend.Backend and is safe for concurrent use.
type Engine struct {
	opts     Options
	services *services
	parser   *parser.Parser
	binder   *bind.Binder
	registry *builtin.Registry
	memory   *vector.Budget
	entrance *admission
	spill    *spill.Dir
	clock    func() time.Time
	started  time.Time
	users    map[string]User
	activity activity
	defaults map[string]string

	cancel context.CancelFunc
	work   sync.WaitGroup
	first  chan error
	once   sync.Once
}

// New makes an engine. It asks no service; Start does.
func New(o Options) (*Engine, error) {
	if o.Limits.QueryMemory <= 0 {
		o.Limits.QueryMemory = 256 << 20
	}
	if o.Limits.ServerMemory <= 0 {
		o.Limits.ServerMemory = 1 << 30
	}
	if o.Limits.StatementBytes <= 0 {
		o.Limits.StatementBytes = 1 << 20
	}
	if o.Limits.Statements <= 0 {
		o.Limits.Statements = 10_000
	}
	if o.Limits.SpillBytes == 0 {
		o.Limits.SpillBytes = 4 << 30
	}
	if o.Limits.MemoryWait <= 0 {
		o.Limits.MemoryWait = time.Minute
	}
	if o.MetadataEvery <= 0 {
		o.MetadataEvery = time.Hour
	}
	if o.MetadataRetry <= 0 {
		o.MetadataRetry = 2 * time.Second
	}
	if o.Version == "" {
		o.Version = "devel"
	}
	files := spill.NewDir(o.Limits.SpillDir, o.Limits.SpillBytes)
	o.Services = slices.Clone(o.Services)
	for i := range o.Services {
		l := &o.Services[i].Client.Limits
		l.SpoolDir, l.Disk = o.Limits.SpillDir, files
	}
	svc, err := newServices(o, system.Definitions())
	if err != nil {
		return nil, err
	}
	e := &Engine{
		opts: o, services: svc, parser: parser.New(parser.Options{StatementBytes: o.Limits.StatementBytes}), binder: &bind.Binder{},
		registry: builtin.Load(), memory: vector.NewBudget(nil, "server", o.Limits.ServerMemory), spill: files, clock: o.clock(),
		users: map[string]User{}, activity: activity{sessions: map[uint32]*Session{}},
	}
	e.entrance = &admission{most: o.Limits.MemoryWait}
	e.started = e.clock()
	for _, u := range o.Users {
		e.users[u.Name] = u
	}
	e.defaults = e.defaultSettings()
	return e, nil
}

// Start reads the metadata of all services in the background until ctx ends or Close is called, and bounds the process's memory by
// the server's budget.
func (e *Engine) Start(ctx context.Context) {
	debug.SetMemoryLimit(e.opts.Limits.ServerMemory + e.opts.Limits.ServerMemory/4 + 64<<20)
	ctx, e.cancel = context.WithCancel(ctx)
	e.first = make(chan error, len(e.services.list))
	for _, sv := range e.services.list {
		e.work.Add(1)
		go func() {
			defer e.work.Done()
			e.services.run(ctx, sv, e.first)
		}()
	}
}

// WaitMetadata waits until every service's metadata has been asked for once, and returns the faults met.
func (e *Engine) WaitMetadata(ctx context.Context) error {
	var errs []error
	for range e.services.list {
		select {
		case err := <-e.first:
			errs = append(errs, err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.Join(errs...)
}

// Memory is how much of the server's budget for queries is taken, and the most that ever was.
func (e *Engine) Memory() (used, peak int64) { return e.memory.Used(), e.memory.Peak() }

// Temporary is the bytes in temporary files and the number of files now, and the most bytes that there ever were.
func (e *Engine) Temporary() (used, peak int64, files int) {
	return e.spill.Used(), e.spill.Peak(), e.spill.Open()
}

// Close ends the background work, the parser's processes and the connections to services. Sessions must have ended.
func (e *Engine) Close() error {
	var err error
	e.once.Do(func() {
		if e.cancel != nil {
			e.cancel()
		}
		e.work.Wait()
		err = errors.Join(e.parser.Close(), e.services.close())
	})
	return err
}

// defaultSettings are the values with which sessions begin.
func (e *Engine) defaultSettings() map[string]string {
	d := ourDefaults()
	d["server_version"] = fmt.Sprintf("%s (odatagres %s)", ServerVersion, e.opts.Version)
	d["server_version_num"] = ServerVersionNum
	if e.opts.ListenPort > 0 {
		d["port"] = fmt.Sprint(e.opts.ListenPort)
	}
	path := []string{`"$user"`}
	for _, sv := range e.services.list {
		path = append(path, catalog.QuoteIdent(sv.opts.Schema))
	}
	d["search_path"] = strings.Join(append(path, "public"), ", ")
	if t := e.opts.Limits.StatementTimeout; t > 0 {
		d["statement_timeout"] = strconv.FormatInt(t.Milliseconds(), 10)
	}
	return d
}

// Credential implements backend.Backend.
func (e *Engine) Credential(user string) backend.Credential {
	u, ok := e.users[user]
	if !ok {
		return backend.Credential{}
	}
	return backend.Credential{Known: true, Password: u.Password, Verifier: u.Verifier}
}

// Connect implements backend.Backend.
func (e *Engine) Connect(ctx context.Context, c backend.Connection) (backend.Session, error) {
	if _, ok := e.users[c.User]; !ok {
		return nil, pgerr.Newf(pgerr.InvalidAuthorizationSpecification, "role %q does not exist", c.User).WithSeverity(pgerr.SeverityFatal)
	}
	if c.Database != e.opts.Database {
		return nil, pgerr.Newf(pgerr.InvalidCatalogName, "database %q does not exist", c.Database).WithSeverity(pgerr.SeverityFatal)
	}
	s := e.newSession(ctx, c)
	if err := s.startup(c.Parameters); err != nil {
		return nil, err
	}
	e.activity.add(s)
	for _, m := range e.services.missing(c.User) {
		s.notice(pgerr.Warning(pgerr.FDWUnableToEstablishConnection, "the tables of schema %q are not known: %s", m[0], m[1]))
	}
	return s, nil
}

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) } //nolint:gosec // SQL's random(), not a secret
