package odata

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxMessage bounds the text of a service that is passed on.
const maxMessage = 2000

// errorObject is every form of error body seen: OData's {"error":{"code","message"}}, Intune's and Web API's {"Message"} and
// {"message"}, and OAuth's {"error":"…","error_description":"…"}.
type errorObject struct {
	Error            json.RawMessage `json:"error"`
	ODataError       json.RawMessage `json:"odata.error"`
	Code             json.RawMessage `json:"code"`
	Message          json.RawMessage `json:"message"` // matched without case
	ExceptionMessage string          `json:"ExceptionMessage"`
	Title            string          `json:"title"` // RFC 9457
	Detail           string          `json:"detail"`
	Description      string          `json:"error_description"`
	InnerError       json.RawMessage `json:"innererror"`
	Details          []struct {
		Message string `json:"message"`
	} `json:"details"`
}

// errorFromObject reads the value of an error member: {"code":…,"message":…}. It may be followed by anything. Nil: it is none.
func errorFromObject(raw []byte) *Error {
	var o errorObject
	ok := json.NewDecoder(bytes.NewReader(raw)).Decode(&o) == nil
	e := &Error{Kind: KindServerError, Code: plainText(o.Code), Message: messageText(o.Message)}
	for _, d := range o.Details {
		if d.Message != "" && !strings.Contains(e.Message, d.Message) {
			e.Message = strings.TrimSpace(e.Message + "; " + d.Message)
		}
	}
	if !ok || (e.Code == "" && e.Message == "") {
		return nil
	}
	e.Message = scrub(e.Message)
	return e
}

// describeBody fills code and message from the body of a failed response.
func (e *Error) describeBody(header http.Header, body []byte) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte(bom)))
	for _, name := range [...]string{"Request-Id", "X-Ms-Request-Id", "X-Ms-Correlation-Request-Id", "X-Correlation-Id", "X-Request-Id", "Client-Request-Id"} {
		if v := header.Get(name); v != "" {
			e.RequestID = scrub(v)
			break
		}
	}
	var o errorObject
	if json.Unmarshal(body, &o) == nil {
		for _, inner := range [...]json.RawMessage{o.Error, o.ODataError} {
			if x := errorFromObject(inner); x != nil {
				e.Code, e.Message = x.Code, x.Message
				return
			}
		}
		e.Code = plainText(o.Code)
		if e.Code == "" {
			e.Code = plainText(o.Error)
		}
		e.Message = scrub(firstText(messageText(o.Message), o.Description, o.Detail, o.ExceptionMessage, o.Title))
		if e.Message != "" || e.Code != "" {
			return
		}
	}
	switch {
	case len(body) == 0:
		e.Message = http.StatusText(e.Status)
	case body[0] == '<':
		e.Message = scrub(markupText(body))
	default:
		e.Message = scrub(string(body))
	}
	if e.Message == "" {
		e.Message = http.StatusText(e.Status)
	}
}

func firstText(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// messageText reads a message: text, or OData 2's {"lang","value"}.
func messageText(raw json.RawMessage) string {
	var v struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(raw, &v) == nil && v.Value != "" {
		return v.Value
	}
	return plainText(raw)
}

// plainText reads a string or a number.
func plainText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

var (
	invisible = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)>|<!--.*?-->`)
	message   = regexp.MustCompile(`(?is)<(?:[a-z]+:)?message\b[^>]*>(.*?)</`)
	title     = regexp.MustCompile(`(?is)<title\b[^>]*>(.*?)</`)
	tags      = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks    = regexp.MustCompile(`\s+`)
	// Bearer tokens and JSON web tokens, should a service echo a request's headers.
	bearer = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}`)
	jwt    = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9._-]+`)
)

// markupText is what an XML or HTML page says: its message, its title, or all its text.
func markupText(body []byte) string {
	for _, re := range [...]*regexp.Regexp{message, title} {
		if m := re.FindSubmatch(body); m != nil {
			return string(tags.ReplaceAll(m[1], []byte(" ")))
		}
	}
	return string(tags.ReplaceAll(invisible.ReplaceAll(body, []byte(" ")), []byte(" ")))
}

// scrub makes text of a service fit for messages: one line of limited length, without tokens.
func scrub(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(blanks.ReplaceAllString(s, " "))
	s = bearer.ReplaceAllString(s, "$1 ***")
	s = jwt.ReplaceAllString(s, "***")
	if len(s) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}
