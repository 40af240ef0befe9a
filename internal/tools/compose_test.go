package tools_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// passwords are the variables that docker-compose.yml takes from the environment.
func passwords() map[string]string {
	return map[string]string{
		"ODATAGRES_PASSWORD": "one", "WAREHOUSE_SECRET": "two", "GRAFANA_PASSWORD": "three",
	}
}

func loadCompose(ctx context.Context, env map[string]string) (*types.Project, error) {
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")}, cli.WithEnv(list))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(ctx)
}

func mustLoadCompose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t.Context(), passwords())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeHasTheThreeServices(t *testing.T) {
	t.Parallel()
	project := mustLoadCompose(t)
	names := project.ServiceNames()
	slices.Sort(names)
	if want := []string{"gateway", "grafana", "warehouse"}; !slices.Equal(names, want) {
		t.Fatalf("services %v, not %v", names, want)
	}
	for name, want := range map[string]string{
		"gateway":   "serve --config /etc/odatagres/odatagres.yaml",
		"warehouse": "simulate --profile=intune --listen=0.0.0.0:8080 --devices=2000 --days=30 --client-id=sample --client-secret=env:WAREHOUSE_SECRET",
		"grafana":   "",
	} {
		if got := strings.Join(project.Services[name].Command, " "); got != want {
			t.Errorf("%s runs %q, not %q", name, got, want)
		}
	}
	for _, name := range []string{"gateway", "warehouse"} {
		s := project.Services[name]
		if s.Image != "odatagres" || s.Build == nil || s.Build.Context != project.WorkingDir {
			t.Errorf("%s is not the image built of this tree", name)
		}
	}
	if got := project.Services["gateway"].DependsOn["warehouse"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("the gateway waits for %q", got)
	}
	if got := project.Services["grafana"].DependsOn["gateway"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("Grafana waits for %q", got)
	}
}

func TestComposePublishesOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	published := map[string][]string{}
	for name, service := range mustLoadCompose(t).Services {
		if service.NetworkMode != "" {
			t.Errorf("%s has the network mode %s", name, service.NetworkMode)
		}
		for _, p := range service.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %d on %q", name, p.Target, p.HostIP)
			}
			published[name] = append(published[name], p.Published)
		}
	}
	if len(published) != 2 || !slices.Equal(published["gateway"], []string{"5433"}) || !slices.Equal(published["grafana"], []string{"3000"}) {
		t.Errorf("published are %v", published)
	}
}

func TestComposeTakesPasswordsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	for name := range passwords() {
		env := passwords()
		delete(env, name)
		if _, err := loadCompose(t.Context(), env); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	given := passwords()
	seen := 0
	for service, s := range mustLoadCompose(t).Services {
		for name, value := range s.Environment {
			if !regexp.MustCompile(`PASSWORD|SECRET`).MatchString(name) {
				continue
			}
			seen++
			// Grafana's own name differs from ours.
			ours := strings.Replace(name, "GF_SECURITY_ADMIN", "GRAFANA", 1)
			if value == nil || *value != given[ours] {
				t.Errorf("%s: %s is not the environment's %s", service, name, ours)
			}
		}
	}
	if seen != 5 {
		t.Errorf("%d passwords are given to services, not 5", seen)
	}
}

func TestComposeMountsWhatExists(t *testing.T) {
	t.Parallel()
	binds := 0
	for name, service := range mustLoadCompose(t).Services {
		for _, v := range service.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			binds++
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s may write to %s", name, v.Source)
			}
		}
	}
	if binds != 2 {
		t.Errorf("%d folders or files of the project are mounted, not 2", binds)
	}
}

// TestTheGatewayGetsTheSecretsItReads compares the gateway's configuration with
// its environment. That the configuration is valid is tested beside its reader.
func TestTheGatewayGetsTheSecretsItReads(t *testing.T) {
	t.Parallel()
	environment := mustLoadCompose(t).Services["gateway"].Environment
	names := regexp.MustCompile(`env:([A-Z_]+)`).FindAllStringSubmatch(read(t, "testdata/compose/odatagres.yaml"), -1)
	if len(names) == 0 {
		t.Fatal("the configuration reads no secret")
	}
	for _, m := range names {
		if _, ok := environment[m[1]]; !ok {
			t.Errorf("%s is not given to the gateway", m[1])
		}
	}
}

func TestTheImageIsUnprivilegedAndWatched(t *testing.T) {
	t.Parallel()
	text := read(t, "Dockerfile")
	_, final, ok := strings.Cut(text, "\nFROM debian:")
	if !ok {
		t.Fatal("the image is not made in two stages, the last of glibc's Debian")
	}
	if !regexp.MustCompile(`(?m)^USER [1-9][0-9]*$`).MatchString(final) {
		t.Error("the image runs as root")
	}
	if !strings.Contains(final, "HEALTHCHECK") {
		t.Error("the image has no health check")
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.mod"))
	if version == nil || !strings.Contains(text, "FROM golang:"+version[1]+"-") {
		t.Errorf("the image is not built with go.mod's Go %v", version)
	}
}

// TestTheImageIsBuiltOfEveryPackage keeps .dockerignore, which names what is sent
// to the build, in step with the folders that have code.
func TestTheImageIsBuiltOfEveryPackage(t *testing.T) {
	t.Parallel()
	sent := strings.Split(read(t, ".dockerignore"), "\n")
	for path := range listPackages(t) {
		top, _, _ := strings.Cut(path, "/")
		if !slices.Contains(sent, "!"+top) {
			t.Errorf(".dockerignore does not send %s, which has the package %s", top, path)
		}
	}
}

// dashboard is the part of Grafana's JSON model that the tests read.
type dashboard struct {
	UID    string `json:"uid"`
	Panels []struct {
		Title      string               `json:"title"`
		Datasource struct{ UID string } `json:"datasource"`
		Targets    []struct {
			Datasource struct{ UID string } `json:"datasource"`
			RawSQL     string               `json:"rawSql"`
			Format     string               `json:"format"`
		} `json:"targets"`
	} `json:"panels"`
}

func TestTheDashboardAsksTheGateway(t *testing.T) {
	t.Parallel()
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "testdata/compose/grafana/dashboards/compliance.json")), &d); err != nil {
		t.Fatal(err)
	}
	var sources struct {
		Datasources []struct {
			UID, URL, User string
			JSONData       struct {
				Database string `yaml:"database"`
				SSLMode  string `yaml:"sslmode"`
			} `yaml:"jsonData"`
			Secure struct{ Password string } `yaml:"secureJsonData"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "testdata/compose/grafana/datasources/odatagres.yaml")), &sources); err != nil {
		t.Fatal(err)
	}
	source := sources.Datasources[0]
	if source.URL != "gateway:5433" || source.JSONData.Database != "warehouse" || source.JSONData.SSLMode != "require" ||
		source.Secure.Password != "$ODATAGRES_PASSWORD" {
		t.Errorf("the data source is %+v", source)
	}

	macro := regexp.MustCompile(`\$__\w+`)
	byTitle := map[string]string{}
	for _, p := range d.Panels {
		if len(p.Targets) != 1 || p.Datasource.UID != source.UID || p.Targets[0].Datasource.UID != source.UID {
			t.Errorf("%s does not ask the data source once", p.Title)
			continue
		}
		sql := p.Targets[0].RawSQL
		byTitle[p.Title] = sql
		for _, m := range macro.FindAllString(sql, -1) {
			if m != "$__timeFrom" && m != "$__timeTo" {
				t.Errorf("%s uses %s", p.Title, m)
			}
		}
	}
	for title, wants := range map[string][]string{
		"Compliance now":     {`"complianceStates"`},
		"Compliance per day": {`"dateKey" between`, "$__timeFrom()", "$__timeTo()"},
		"OS versions":        {`"osVersion"`, `"dateKey" between`},
		"Stale devices":      {`"lastSyncDateTime"`, "$__timeTo()"},
	} {
		for _, want := range wants {
			if !strings.Contains(byTitle[title], want) {
				t.Errorf("the panel %q does not use %s: %s", title, want, byTitle[title])
			}
		}
	}
	if len(byTitle) != 4 {
		t.Errorf("there are %d panels", len(byTitle))
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
