package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// scalar is a type of ours that is written as one YAML scalar.
type scalar interface {
	// parse sets the value from its text. The error says what the text must be.
	parse(text string) error
}

// Size is a number of bytes, written 64MiB.
type Size int64

// The units of a Size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

type sizeUnit struct {
	name string
	size Size
}

// sizeUnits lists the units from the largest, the order in which String tries
// them.
func sizeUnits() []sizeUnit {
	return []sizeUnit{{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1}}
}

var errSize = errors.New("must be a size such as 64MiB (units: B, KiB, MiB, GiB, TiB)")

// parse reads a whole number and a unit; without a unit it is bytes. KB, MB and
// the like are refused, because PostgreSQL reads them as 1024 and others as 1000.
func (s *Size) parse(text string) error {
	digits := strings.TrimRight(text, "BKMGTikmgtb ")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || number < 0 {
		return errSize
	}
	unit := strings.TrimSpace(text[len(digits):])
	if unit == "" {
		*s = Size(number)
		return nil
	}
	for _, u := range sizeUnits() {
		if u.name != unit {
			continue
		}
		if number > math.MaxInt64/int64(u.size) {
			return errors.New("is too large for a size")
		}
		*s = Size(number) * u.size
		return nil
	}
	return errSize
}

// String writes the size in the largest unit that divides it.
func (s Size) String() string {
	if s == 0 {
		return "0B"
	}
	for _, u := range sizeUnits() {
		if s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// MarshalText writes the size as the configuration does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Duration is a length of time, written 1m30s.
type Duration time.Duration

func (d *Duration) parse(text string) error {
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return errors.New("must be a duration such as 30s, 5m or 1h30m")
	}
	*d = Duration(v)
	return nil
}

// String writes the duration as the configuration does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the duration as the configuration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// TLSMode says whether clients use TLS.
type TLSMode string

// The values of TLSMode.
const (
	// TLSOff answers N to a request for TLS.
	TLSOff TLSMode = "off"
	// TLSAllow lets the client decide.
	TLSAllow TLSMode = "allow"
	// TLSRequire refuses clients without TLS.
	TLSRequire TLSMode = "require"
)

func (m *TLSMode) parse(text string) error { return oneOf(m, text, TLSOff, TLSAllow, TLSRequire) }

// LogLevel is the least severe level that is logged.
type LogLevel string

// The values of LogLevel.
const (
	LogTrace LogLevel = "trace"
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

func (l *LogLevel) parse(text string) error {
	return oneOf(l, text, LogTrace, LogDebug, LogInfo, LogWarn, LogError)
}

// LogFormat is the form of a log line.
type LogFormat string

// The values of LogFormat.
const (
	// LogJSON is one JSON object a line.
	LogJSON LogFormat = "json"
	// LogConsole is for people.
	LogConsole LogFormat = "console"
)

func (f *LogFormat) parse(text string) error { return oneOf(f, text, LogJSON, LogConsole) }

// Profile names what a service can be trusted to do.
type Profile string

// The values of Profile.
const (
	// ProfileIntune is the Microsoft Intune Data Warehouse.
	ProfileIntune Profile = "intune"
	// ProfileStandard means that the operator vouches for the text of OData 4.0.
	ProfileStandard Profile = "standard"
	// ProfileGeneric means that nothing is vouched for.
	ProfileGeneric Profile = "generic"
)

func (p *Profile) parse(text string) error {
	return oneOf(p, text, ProfileIntune, ProfileStandard, ProfileGeneric)
}

// NameStyle says how a service's names become SQL names.
type NameStyle string

// The values of NameStyle.
const (
	// NamesService keeps them as they are.
	NamesService NameStyle = "service"
	// NamesLower makes them lower case: devicename.
	NamesLower NameStyle = "lower"
	// NamesSnake separates their words: device_name.
	NamesSnake NameStyle = "snake"
)

func (n *NameStyle) parse(text string) error {
	return oneOf(n, text, NamesService, NamesLower, NamesSnake)
}

// AuthKind is a way to authorise requests.
type AuthKind string

// The values of AuthKind.
const (
	// AuthNone sends no credentials.
	AuthNone AuthKind = "none"
	// AuthClientCredentials sends a bearer token got by the OAuth 2.0 client
	// credentials grant.
	AuthClientCredentials AuthKind = "client_credentials"
)

func (k *AuthKind) parse(text string) error { return oneOf(k, text, AuthNone, AuthClientCredentials) }

// AuthStyle is where a token request carries the client's id and secret.
type AuthStyle string

// The values of AuthStyle.
const (
	// StyleInParams puts them into the form.
	StyleInParams AuthStyle = "in_params"
	// StyleInHeader puts them into the Authorization header.
	StyleInHeader AuthStyle = "in_header"
)

func (s *AuthStyle) parse(text string) error { return oneOf(s, text, StyleInParams, StyleInHeader) }

// oneOf sets an enumeration from its text.
func oneOf[T ~string](dst *T, text string, allowed ...T) error {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		if string(a) == text {
			*dst = a
			return nil
		}
		names[i] = string(a)
	}
	message := fmt.Sprintf("%q is not one of %s", text, strings.Join(names, ", "))
	if near, ok := nearest(text, names); ok {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	return errors.New(message)
}
