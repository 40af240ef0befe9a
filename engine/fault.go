package engine

import (
	"context"
	"errors"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/odata"
)

// faultCode is the SQLSTATE of a kind of OData fault. Class 08 does not occur: drivers take it for their own connection
// being broken.
type faultCode struct {
	kind odata.Kind
	code pgerr.Code
	hint string
}

// faultCodes is the one table from OData faults to SQLSTATEs; a test proves that it has every kind.
func faultCodes() []faultCode {
	return []faultCode{
		{odata.KindConnect, pgerr.FDWUnableToEstablishConnection, "Check that the service's URL is right and reachable from the gateway."},
		{odata.KindToken, pgerr.FDWUnableToEstablishConnection, "Check the service's token_url, client_id and client_secret."},
		{odata.KindAuth, pgerr.InsufficientPrivilege, "The service did not accept the gateway's credentials."},
		{odata.KindForbidden, pgerr.InsufficientPrivilege, "The gateway's application lacks a permission for this data."},
		{odata.KindNotFound, pgerr.FDWTableNotFound, "The entity set may have been removed since the metadata was read."},
		{odata.KindBadRequest, pgerr.FDWError, ""},
		{odata.KindServerError, pgerr.FDWError, ""},
		{odata.KindThrottled, pgerr.InsufficientResources, "Try again later, or reduce the number of parallel requests to the service."},
		{odata.KindTimeout, pgerr.FDWError, "The service did not answer in time; see the service's timeouts in the configuration."},
		{odata.KindMalformed, pgerr.IOError, ""},
		{odata.KindTruncated, pgerr.IOError, ""},
		{odata.KindValue, pgerr.IOError, "The column can be given another type, or on_error null, in the configuration."},
		{odata.KindLimit, pgerr.ProgramLimitExceeded, ""},
		{odata.KindDisk, pgerr.IOError, ""},
		{odata.KindDiskFull, pgerr.DiskFull, ""},
		{odata.KindLie, pgerr.SystemError, ""},
		{odata.KindForeignLink, pgerr.IOError, "Add the origin to the service's allow_origins if links may lead there."},
		{odata.KindEndlessLink, pgerr.IOError, ""},
		{odata.KindCanceled, pgerr.QueryCanceled, ""},
		{odata.KindClosed, pgerr.InternalError, ""},
	}
}

// Fault gives an error of a service its SQLSTATE. Errors that have one already keep it.
func Fault(err error) error {
	if err == nil || pgerr.As(err) != nil {
		return err
	}
	if e := odata.AsError(err); e != nil {
		for _, f := range faultCodes() {
			if f.kind != e.Kind {
				continue
			}
			if e.Kind == odata.KindCanceled {
				return canceled(err)
			}
			out := pgerr.New(f.code, e.Error()).WithCause(err)
			if f.hint != "" {
				out = out.WithHint("%s", f.hint)
			}
			if e.URL != "" {
				out = out.WithDetail("Request: GET %s", e.URL)
			}
			return out
		}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return canceled(err)
	}
	return pgerr.Internal("%w", err)
}

// canceled is 57014; a cause that is coded already (a timeout, a shutdown) wins.
func canceled(err error) error {
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(err)
}

// coded makes sure that an error has an SQLSTATE.
func coded(ctx context.Context, err error) *pgerr.Error {
	if err == nil {
		return nil
	}
	if ctx != nil && ctx.Err() != nil {
		if cause := pgerr.As(context.Cause(ctx)); cause != nil {
			return cause
		}
		if e := pgerr.As(err); e == nil || e.Code == pgerr.InternalError {
			return pgerr.As(canceled(err))
		}
	}
	return pgerr.As(Fault(err))
}
