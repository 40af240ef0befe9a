package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a sample service. Its methods are safe for concurrent use.
type Server struct {
	opts  Options
	world *world
	data  map[string]*dataset
	state atomic.Pointer[behaviour]
	log   requestLog
	auth  *authority

	mu        sync.Mutex // guards what follows and serializes changes of state
	variants  []string
	faults    []string
	listeners []net.Listener
	servers   []*http.Server
	serving   sync.WaitGroup
	done      chan struct{}
	closeOnce sync.Once
	closeErr  error
}

// New makes a service. Names of models, profiles, variants and faults are
// checked; the error lists the known ones.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, auth: newAuthority(o), done: make(chan struct{}), variants: o.Variants, faults: o.Faults}
	switch o.Model {
	case modelTypes:
		s.data = typesData(o)
	case modelOwn:
		s.data = ownData(o.Sets)
	default:
		models, fixed, err := intuneModels(traits{})
		if err != nil {
			return nil, err
		}
		s.world = newWorld(o)
		if s.world.lookups, err = s.world.makeLookups(models["beta"], fixed); err != nil {
			return nil, err
		}
		s.world.complianceKeys = s.world.lookups["complianceStates"].keys
		s.world.categoryKeys() // fills the cache before anybody reads it concurrently
		s.data = s.world.datasets()
	}
	b, err := s.newBehaviour(o.Variants, o.Faults)
	if err != nil {
		return nil, err
	}
	s.state.Store(b)
	return s, nil
}

// SetVariants replaces the variants in force; requests under way keep the old ones.
func (s *Server) SetVariants(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.newBehaviour(names, s.faults)
	if err != nil {
		return err
	}
	s.variants = names
	s.state.Store(b)
	return nil
}

// SetFaults replaces the faults in force and forgets how often they fired.
func (s *Server) SetFaults(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.newBehaviour(s.variants, names)
	if err != nil {
		return err
	}
	s.faults = names
	s.state.Store(b)
	return nil
}

// Start listens on the given address, on a second port of the same host as
// the service's second host, and on a third as a host that is none of the
// service's. It returns when they listen; serving ends with ctx or Close.
func (s *Server) Start(ctx context.Context, listen string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listeners) > 0 {
		return errors.New("the sample service has been started already")
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("address of the sample service: %w", err)
	}
	var lc net.ListenConfig
	for i, addr := range []string{listen, net.JoinHostPort(host, "0"), net.JoinHostPort(host, "0")} {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			for _, open := range s.listeners {
				_ = open.Close()
			}
			s.listeners = nil
			return fmt.Errorf("sample service: %w", err)
		}
		s.listeners = append(s.listeners, l)
		handler := s.originHandler([]string{originMain, originSecond, originForeign}[i])
		s.servers = append(s.servers, &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, MaxHeaderBytes: 1 << 20})
	}
	for i, l := range s.listeners {
		s.serving.Go(func() { _ = s.servers[i].Serve(l) })
	}
	s.serving.Go(func() {
		select {
		case <-ctx.Done():
			s.shutdown()
		case <-s.done:
		}
	})
	return nil
}

// shutdown ends stalled answers and closes every connection.
func (s *Server) shutdown() {
	s.closeOnce.Do(func() {
		close(s.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		var errs []error
		for _, srv := range s.servers {
			errs = append(errs, srv.Close())
		}
		s.closeErr = errors.Join(errs...)
	})
}

// Close stops serving and waits until every goroutine has ended. It may be called again.
func (s *Server) Close() error {
	s.shutdown()
	s.serving.Wait()
	return s.closeErr
}

func (s *Server) origin(i int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i >= len(s.listeners) {
		return ""
	}
	return "http://" + s.listeners[i].Addr().String()
}

// URL is the service root, without a slash at the end; empty before Start.
func (s *Server) URL() string {
	o := s.origin(0)
	if o == "" {
		return ""
	}
	return o + s.roots()[0]
}

// TokenURL is the token endpoint (v2.0) of the sample tenant.
func (s *Server) TokenURL() string {
	o := s.origin(0)
	if o == "" {
		return ""
	}
	return o + "/" + sampleTenant + "/oauth2/v2.0/token"
}

// TokenURLv1 is the older token endpoint, which takes a resource instead of a scope.
func (s *Server) TokenURLv1() string {
	o := s.origin(0)
	if o == "" {
		return ""
	}
	return o + "/" + sampleTenant + "/oauth2/token"
}

// SecondOrigin is the scheme, host and port of the service's second host.
func (s *Server) SecondOrigin() string { return s.origin(1) }

// ForeignOrigin is the scheme, host and port of a host that is none of the
// service's; what it receives stands in [Server.Requests] with Origin "foreign".
func (s *Server) ForeignOrigin() string { return s.origin(2) }

// Credentials are the client id and secret that get a token with permission.
func (s *Server) Credentials() (id, secret string) { return s.opts.ClientID, s.opts.ClientSecret }

// roots are the paths under which the service answers.
func (s *Server) roots() []string {
	switch s.opts.Model {
	case modelTypes:
		return []string{"/OData/Types"}
	case modelOwn:
		return []string{"/OData/Own"}
	}
	return []string{
		"/ReportingService/DataWarehouseFEService",
		"/TrafficGateway/TrafficRoutingService/ReportingService/DataWarehouseFEService",
	}
}

// Handler serves the service on any listener. The second and the foreign host
// exist only after Start; before, links of the variant nextlink-second-host
// stay on the host of the request.
func (s *Server) Handler() http.Handler { return s.originHandler(originMain) }
