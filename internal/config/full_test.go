package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/odatagres/odatagres/internal/config"
)

const fullFile = "../../testdata/config/full.yaml"

func loadFull(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Loader{LookupEnv: testEnv}.Load(fullFile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// structOf finds the struct below lists, maps and pointers.
func structOf(t reflect.Type) (reflect.Type, bool) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct && t != reflect.TypeFor[config.Secret]()
}

func TestEveryKeyStandsCommentedInTheFullFile(t *testing.T) {
	t.Parallel()
	loadFull(t)
	data, err := os.ReadFile(fullFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	checked := checkCommented(t, doc.Content[0], reflect.TypeFor[config.Config](), "")
	if checked < 40 {
		t.Errorf("only %d keys were checked", checked)
	}
}

// checkCommented demands each field of the struct as a key with a comment.
func checkCommented(t *testing.T, n *yaml.Node, typ reflect.Type, path string) int {
	t.Helper()
	checked := 0
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			t.Errorf("%s.%s has no yaml key", typ, f.Name)
			continue
		}
		key, value, outer := find(n, name)
		at := strings.TrimPrefix(path+"."+name, ".")
		if key == nil {
			t.Errorf("%s is missing in %s", at, fullFile)
			continue
		}
		checked++
		if key.HeadComment == "" && key.LineComment == "" && (outer == nil || outer.HeadComment == "") {
			t.Errorf("%s has no comment in %s:%d", at, fullFile, key.Line)
		}
		if inner, ok := structOf(f.Type); ok {
			checked += checkCommented(t, element(value, f.Type), inner, at)
		}
	}
	return checked
}

// find gives a key and its value; the parser hangs the comment above a list's
// item on the mapping, which outer is for its first key.
func find(n *yaml.Node, name string) (key, value, outer *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			if i == 0 {
				outer = n
			}
			return n.Content[i], n.Content[i+1], outer
		}
	}
	return nil, nil, nil
}

// element is the first item of a list, or value of a map.
func element(n *yaml.Node, typ reflect.Type) *yaml.Node {
	switch typ.Kind() {
	case reflect.Slice:
		return n.Content[0]
	case reflect.Map:
		return n.Content[1]
	default:
		return n
	}
}

// TestTheFullFileShowsTheDefaults reads the file's values against those of a
// file that gives only what is required; the keys that differ are those whose
// comments say so.
func TestTheFullFileShowsTheDefaults(t *testing.T) {
	t.Parallel()
	full := loadFull(t)
	least, err := config.Loader{LookupEnv: testEnv}.Parse([]byte(`
database: warehouse
users: [{name: analyst, password: env:ANALYST_PASSWORD}]
services: [{schema: intune, url: https://fef.msua06.manage.microsoft.com/ReportingService/DataWarehouseFEService}]
`), fullFile)
	if err != nil {
		t.Fatal(err)
	}
	least.TLS.Cert, least.TLS.Key = full.TLS.Cert, full.TLS.Key
	least.Users[0].Services, least.Users[0].MemberOf = full.Users[0].Services, full.Users[0].MemberOf
	s, f := &least.Services[0], full.Services[0]
	s.Profile, s.Query, s.AllowOrigins, s.Columns = f.Profile, f.Query, f.AllowOrigins, f.Columns
	style := s.Auth.Style
	s.Auth = f.Auth
	s.Auth.Style = style
	if got, want := full.String(), least.String(); got != want {
		t.Errorf("full.yaml:\n%s\ndefaults:\n%s", got, want)
	}
	if got := full.Services[0].Columns["devices.imei"]; got.OnError != config.OnErrorFail || got.Unique {
		t.Errorf("the column's keys are not the defaults: %+v", got)
	}
}

// TestTheComposedGatewayIsConfigured reads the configuration that
// docker-compose.yml mounts.
func TestTheComposedGatewayIsConfigured(t *testing.T) {
	t.Parallel()
	c, err := config.Loader{LookupEnv: func(name string) (string, bool) { return "value of " + name, true }}.
		Load("../../testdata/compose/odatagres.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if c.TLS.Mode != config.TLSRequire || c.Services[0].Profile != config.ProfileIntune ||
		c.Users[0].Password.Reveal() != "value of ODATAGRES_PASSWORD" {
		t.Errorf("%s", c)
	}
}
