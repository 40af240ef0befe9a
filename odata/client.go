package odata

import (
	"context"

	"github.com/odatagres/odatagres/odata/edm"
)

// ServiceEntry is one entry of a service document.
type ServiceEntry struct {
	Name string
	Kind string // EntitySet unless the document says otherwise
	URL  string
}

// Metadata is what a service says of its model.
type Metadata struct {
	Model *edm.Model
	Raw   []byte // the document, for a cache on disk
	ETag  string
}

// Meta reads a service's metadata. *Client is one.
type Meta interface {
	Metadata(ctx context.Context) (*Metadata, error)
	ServiceDocument(ctx context.Context) ([]ServiceEntry, error)
}
