package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Loader reads configurations. Its zero value uses the process's environment and
// the real files.
type Loader struct {
	// LookupEnv finds the value of an environment variable.
	LookupEnv func(name string) (string, bool)
	// ReadFile reads a file named by a secret.
	ReadFile func(path string) ([]byte, error)
}

// Load reads and checks a file. The error is a *Faults with everything that is
// wrong, unless the file itself cannot be read.
func Load(path string) (*Config, error) { return Loader{}.Load(path) }

// Parse reads and checks the text of a file. The path is used in messages, and
// relative paths are resolved against its folder.
func Parse(data []byte, path string) (*Config, error) { return Loader{}.Parse(data, path) }

// Load reads and checks a file.
func (l Loader) Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return l.Parse(data, path)
}

// Parse reads and checks the text of a file.
func (l Loader) Parse(data []byte, path string) (*Config, error) {
	faults := newFaultList()
	c := &Config{}
	c.setDefaults()
	if root := readDocument(data, faults); root != nil {
		faults.at("", 1)
		d := decoder{loader: l, dir: filepath.Dir(path), faults: faults}
		d.decode(root, reflect.ValueOf(c).Elem(), "", "")
		c.deriveDefaults()
		resolvePaths(reflect.ValueOf(c).Elem(), filepath.Dir(path))
		c.validate(faults)
	}
	if err := faults.err(path); err != nil {
		return nil, err
	}
	return c, nil
}

// Validate checks a configuration that was made by hand, and brings it into the
// form that Load gives: the query of a service's URL in Query.
func (c *Config) Validate() error {
	faults := newFaultList()
	c.validate(faults)
	return faults.err("")
}

// readDocument finds the one document of the text; nil if there is none, which
// is then a fault.
func readDocument(data []byte, faults *faultList) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		faults.addLine(1, "", "the file is empty")
		return nil
	case err != nil:
		addSyntaxFault(err, data, faults)
		return nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == nullTag {
		faults.addLine(1, "", "the file is empty")
		return nil
	}
	if root.Kind != yaml.MappingNode {
		faults.addLine(root.Line, "", "must be keys with values")
		return nil
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		addSyntaxFault(err, data, faults)
	default:
		faults.addLine(second.Line, "", "a second document begins here; the configuration is one document")
	}
	return root
}

var (
	syntaxLine   = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	syntaxAnchor = regexp.MustCompile(`anchor '([^']*)'`)
)

// addSyntaxFault reports what the YAML parser says. It quotes anchors, and
// `password: *hunter2` makes an anchor of a password: the name is left out, and
// used to find the line, which the parser does not give with it.
func addSyntaxFault(err error, data []byte, faults *faultList) {
	line, message := 0, err.Error()
	if m := syntaxLine.FindStringSubmatch(message); m != nil {
		message = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	if m := syntaxAnchor.FindStringSubmatch(message); m != nil && line == 0 {
		if before, _, ok := bytes.Cut(data, []byte("*"+m[1])); ok {
			line = bytes.Count(before, []byte("\n")) + 1
		}
	}
	faults.addLine(line, "", "not YAML: %s", syntaxAnchor.ReplaceAllString(message, "anchor"))
}

func (l Loader) lookupEnv(name string) (string, bool) {
	if l.LookupEnv != nil {
		return l.LookupEnv(name)
	}
	return os.LookupEnv(name)
}

func (l Loader) readFile(path string) ([]byte, error) {
	if l.ReadFile != nil {
		return l.ReadFile(path)
	}
	return os.ReadFile(path)
}

// deriveDefaults sets the defaults that follow from other values.
func (c *Config) deriveDefaults() {
	if c.Limits.SpillDir == "" {
		c.Limits.SpillDir = filepath.Join(c.StateDir, "spill")
	}
}

// resolvePaths makes relative paths relative to the file's folder: those of the
// fields that say that they are paths.
func resolvePaths(v reflect.Value, dir string) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case f.Kind() == reflect.Struct:
			resolvePaths(f, dir)
		case hasOption(v.Type().Field(i).Tag.Get("config"), optionPath) && f.String() != "" && !filepath.IsAbs(f.String()):
			f.SetString(filepath.Join(dir, f.String()))
		}
	}
}
