package simulator

import (
	"fmt"
	"net/http"
)

// apiError is a refusal: an HTTP status with a code and a message.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "BadRequest", fmt.Sprintf(format, args...)}
}

func notImplemented(format string, args ...any) error {
	return &apiError{http.StatusNotImplemented, "NotImplemented", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &apiError{http.StatusNotFound, "ResourceNotFound", fmt.Sprintf(format, args...)}
}

const codeUnsupportedVersion = "UnsupportedApiVersion"

// body prints the error as the service would: Intune has a form of its own,
// except for a wrong api-version, which its front end answers in OData's form.
func (e *apiError) body(intuneForm bool, url string) []byte {
	if !intuneForm || e.code == codeUnsupportedVersion {
		b := append([]byte(`{"error":{"code":`), appendString(nil, e.code, false)...)
		b = append(append(b, `,"message":`...), appendString(nil, e.message, false)...)
		return append(b, "}}"...)
	}
	const operation, activity = "00000000-0000-0000-0000-000000000000", "7d4c8ab3-4f0f-4c9a-9f0c-2f4d1f8f6f01"
	message := fmt.Sprintf("%s - Operation ID (for customer support): %s - Activity ID: %s - Url: %s", e.message, operation, activity, url)
	b := append([]byte("{\r\n  \"_version\": 3,\r\n  \"Message\": "), appendString(nil, message, false)...)
	return append(b, ",\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \"RetryAfter\": null,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{}\"\r\n}"...)
}
