package clienttest

import (
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/catalogtest"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
)

const database = "warehouse"

var postgresMade sync.Mutex

// besidePostgres starts a gateway over the warehouse, and gives PostgreSQL the same tables, empty, and the same user. Both
// addresses log in as that user.
func besidePostgres(t *testing.T) (gateway, postgres string) {
	t.Helper()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2")
	g := running.Serve(t, w.Intune())
	client, err := odata.NewClient(odata.Config{
		Name: "intune", Root: w.URL, Custom: []query.Option{{Name: "api-version", Value: "v1.0"}}, Auth: odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: w.TokenURL, ClientID: w.ClientID, ClientSecret: w.Secret,
			Scopes: []string{"https://api.manage.microsoft.com//.default"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	metadata, err := client.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := catalog.Build(catalog.Options{
		Version: 1, Database: database, System: system.Definitions(), Users: []catalog.User{{Name: running.User, AllServices: true}},
		Services: []catalog.Service{{Schema: "intune", Model: metadata.Model, Profile: profile.Intune()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g.URL, postgresWith(t, snapshot)
}

// postgresWith makes the database on the shared server, once.
func postgresWith(t *testing.T, s *catalog.Snapshot) string {
	t.Helper()
	postgresMade.Lock()
	defer postgresMade.Unlock()
	pg := oracle.Start(t)
	address := (&url.URL{Scheme: "postgres", User: url.User(running.User), Host: "127.0.0.1:" + strconv.Itoa(pg.Port()), Path: "/" + database, RawQuery: url.Values{
		"sslmode": {"disable"}, "options": {`-csearch_path="$user",\ intune,\ public`},
	}.Encode()}).String()
	address = strings.ReplaceAll(address, "+", "%20") // libpq knows no other blank
	there, err := pg.Query(t.Context(), "select from pg_database where datname = '"+database+"'")
	if err != nil {
		t.Fatal(err)
	}
	if len(there[0].Rows) > 0 {
		return address
	}
	if err := pg.CreateDatabase(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	c, err := pg.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := oracle.QueryOn(t.Context(), c.PgConn(), catalogtest.DDL(s)); err != nil {
		t.Fatal(err)
	}
	return address
}

// trimmed removes blanks at the ends of lines, which psql's column widths decide.
func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n"))
		b.WriteByte('\n')
	}
	return b.String()
}
