module github.com/odatagres/odatagres

go 1.26.8

require (
	github.com/cockroachdb/datadriven v1.0.3 // tests: cases as text files
	github.com/jackc/chunkreader/v2 v2.0.0 // tests: the reader that pgproto3 wants of a client
	github.com/jackc/pgproto3/v2 v2.3.3 // the messages of PostgreSQL's protocol
	github.com/jackc/pgx/v5 v5.12.0 // a client: the question that demo asks, the oracle, tests
	github.com/klauspost/compress v1.20.3 // gzip of pages: inflating takes as long as decoding by the standard library
	github.com/lib/pq v1.12.3 // tests: a second client
	github.com/pganalyze/pg_query_go/v5 v5.1.0 // PostgreSQL 15's own parser
	github.com/pierrec/lz4/v4 v4.1.33 // buffers of temporary files
	github.com/rs/zerolog v1.35.1 // the log, without allocation
	github.com/spf13/cobra v1.10.2 // commands and flags
	github.com/xdg-go/scram v1.4.0 // SCRAM-SHA-256, and verifiers as PostgreSQL stores them
	github.com/xdg-go/stringprep v1.0.4 // passwords as SCRAM prepares them
	go.uber.org/goleak v1.3.0 // tests: no goroutine is left behind
	go.yaml.in/yaml/v3 v3.0.6 // the configuration, with line numbers
	golang.org/x/oauth2 v0.37.0 // access tokens of services
	golang.org/x/text v0.43.0 // Unicode's normal forms, and encodings of metadata
	google.golang.org/protobuf v1.36.12 // the tree that the parser gives
)

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/jackc/pgio v1.0.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
