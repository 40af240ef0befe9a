package wire

import (
	"bufio"
	"encoding/binary"
	"io"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// The codes of the startup packet (PostgreSQL's pqcomm.h). The packet is read here and not by the codec, which knows neither
// newer minor versions nor options.
const (
	cancelRequestCode = 1234<<16 | 5678
	sslRequestCode    = 1234<<16 | 5679
	gssRequestCode    = 1234<<16 | 5680
	protocolMajor     = 3
	protocolLatest    = 3 << 16
	optionPrefix      = "_pq_."
)

// startup is a startup packet: a request or the parameters of a session.
type startup struct {
	code uint32
	// cancelPID and cancelKey are CancelRequest's.
	cancelPID uint32
	cancelKey []byte
	// parameters in the order of the packet; a later one overrides an earlier one.
	parameters map[string]string
	// newer is set if the client asked for a newer minor version; unknown names its protocol options. Either gets NegotiateProtocolVersion.
	newer   bool
	unknown []string
}

// readStartup reads one packet. A *pgerr.Error is for the client; io.EOF means that it left without a byte.
func readStartup(in *bufio.Reader) (*startup, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:1]); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(in, head[1:]); err != nil {
		return nil, unexpected(err)
	}
	n := int64(binary.BigEndian.Uint32(head[:])) - 4
	if n < 4 || n > loginMessageBytes {
		return nil, fatal(pgerr.ProtocolViolation, "invalid length of startup packet")
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, unexpected(err)
	}
	return parseStartup(body)
}

func parseStartup(body []byte) (*startup, error) {
	s := &startup{code: binary.BigEndian.Uint32(body)}
	rest := body[4:]
	switch s.code {
	case sslRequestCode, gssRequestCode:
		if len(rest) != 0 {
			return nil, fatal(pgerr.ProtocolViolation, "invalid length of startup packet")
		}
		return s, nil
	case cancelRequestCode:
		// Keys of 4 to 256 bytes: 3.2 made them longer, and a client may send what another server gave it.
		if len(rest) < 8 || len(rest) > 4+256 {
			return nil, fatal(pgerr.ProtocolViolation, "invalid length of query cancel packet")
		}
		s.cancelPID, s.cancelKey = binary.BigEndian.Uint32(rest), rest[4:]
		return s, nil
	}
	major, minor := s.code>>16, s.code&0xffff
	if major != protocolMajor {
		return nil, fatal(pgerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", major, minor)
	}
	s.newer = minor > 0
	return s, s.readParameters(rest)
}

// readParameters reads pairs of strings and the terminator, which must be the last byte.
func (s *startup) readParameters(rest []byte) error {
	s.parameters = map[string]string{}
	badLayout := fatal(pgerr.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
	for {
		name, after, ok := cutString(rest)
		if !ok {
			return badLayout
		}
		if name == "" {
			if len(after) != 0 {
				return badLayout
			}
			return nil
		}
		value, after, ok := cutString(after)
		if !ok {
			return badLayout
		}
		rest = after
		if strings.HasPrefix(name, optionPrefix) {
			s.unknown = append(s.unknown, name)
			continue
		}
		s.parameters[name] = value
	}
}

func cutString(b []byte) (s string, rest []byte, ok bool) {
	for i, c := range b {
		if c == 0 {
			return string(b[:i]), b[i+1:], true
		}
	}
	return "", nil, false
}

// session takes user, database and options out of the parameters: what remains are settings, those of options last, as
// PostgreSQL applies them first and lets named parameters win.
func (s *startup) session() (user, database string, settings map[string]string, err error) {
	for _, v := range s.parameters {
		if e := checkText(v); e != nil {
			return "", "", nil, e.WithSeverity(pgerr.SeverityFatal)
		}
	}
	user, database = s.parameters["user"], s.parameters["database"]
	if user == "" {
		return "", "", nil, fatal(pgerr.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet")
	}
	if database == "" {
		database = user
	}
	if e := refuseReplication(s.parameters["replication"]); e != nil {
		return "", "", nil, e
	}
	settings = map[string]string{}
	if e := splitOptions(s.parameters["options"], settings); e != nil {
		return "", "", nil, e
	}
	for name, value := range s.parameters {
		switch name {
		case "user", "database", "options", "replication":
		default:
			settings[name] = value
		}
	}
	return user, database, settings, nil
}

// refuseReplication refuses a replication connection; drivers also send the parameter to say that they want none.
func refuseReplication(value string) *pgerr.Error {
	switch strings.ToLower(value) {
	case "", "false", "off", "no", "0", "f", "n", "of":
		return nil
	case "true", "on", "yes", "1", "t", "y", "database":
		return fatal(pgerr.FeatureNotSupported, "replication connections are not supported")
	}
	return fatal(pgerr.InvalidParameterValue, `invalid value for parameter "replication": %q`, value).
		WithHint(`Valid values are: "false", 0, "true", 1, "database".`)
}

// splitOptions reads the startup packet's options as PostgreSQL reads its command line: words parted by blanks, a backslash
// keeps the next character, -c name=value, -cname=value and --name=value (with dashes for underscores).
func splitOptions(options string, settings map[string]string) *pgerr.Error {
	words := splitWords(options)
	for i := 0; i < len(words); i++ {
		word, setting, dashes := words[i], "", false
		switch {
		case word == "-c":
			if i++; i == len(words) {
				return invalidArgument(word)
			}
			setting = words[i]
		case strings.HasPrefix(word, "--"):
			setting, dashes = word[2:], true
		case strings.HasPrefix(word, "-c"):
			setting = word[2:]
		default:
			return invalidArgument(word)
		}
		name, value, ok := strings.Cut(setting, "=")
		if !ok || name == "" {
			option := "-c " + setting
			if dashes {
				option = "--" + setting
			}
			return fatal(pgerr.SyntaxError, "%s requires a value", option)
		}
		settings[strings.ReplaceAll(name, "-", "_")] = value
	}
	return nil
}

func invalidArgument(word string) *pgerr.Error {
	return fatal(pgerr.SyntaxError, "invalid command-line argument for server process: %s", word).
		WithHint("Options are given as -c name=value or --name=value.")
}

func splitWords(s string) []string {
	var words []string
	var word strings.Builder
	inside := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			i++
			word.WriteByte(s[i])
			inside = true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			if inside {
				words = append(words, word.String())
				word.Reset()
				inside = false
			}
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	if inside {
		words = append(words, word.String())
	}
	return words
}

// negotiation is NegotiateProtocolVersion, which the codec does not have: the newest version that is spoken here, and the
// options that are not known.
func (s *startup) negotiation(dst []byte) []byte {
	if !s.newer && len(s.unknown) == 0 {
		return dst
	}
	n := 4 + 4 + 4
	for _, name := range s.unknown {
		n += len(name) + 1
	}
	dst = append(dst, 'v')
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	dst = binary.BigEndian.AppendUint32(dst, protocolLatest)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s.unknown)))
	for _, name := range s.unknown {
		dst = append(append(dst, name...), 0)
	}
	return dst
}
