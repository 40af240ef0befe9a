# What a person types. Each target looks for what it needs first; `make test` and
# `make lint` are what .ci/run calls.

SHELL := /bin/bash
GO ?= go
SCRIPTS := internal/tools/scripts

.PHONY: demo build test lint bench fuzz fmt

# The sample warehouse and the gateway, ready for psql: make demo ARGS='--devices 500'
demo: build
	@exec bin/odatagres demo $(ARGS)

build:
	@$(SCRIPTS)/setup build
	@[ -x bin/odatagres ] || echo 'building bin/odatagres; the first time takes some minutes, for the SQL parser in C' >&2
	@$(GO) build -o bin/odatagres ./cmd/odatagres

test:
	@$(SCRIPTS)/setup test
	@$(SCRIPTS)/test

lint:
	@$(SCRIPTS)/stage lint 5 $(SCRIPTS)/lint

bench:
	@$(SCRIPTS)/setup test
	@$(SCRIPTS)/bench

# FUZZTIME is per target; GENERATE statements are compared with PostgreSQL besides.
fuzz:
	@$(SCRIPTS)/setup build
	@FUZZTIME=$${FUZZTIME:-5m} GENERATE=$${GENERATE:-100000} $(SCRIPTS)/fuzz

fmt: bin/golangci-lint
	@bin/golangci-lint fmt ./...

# Pinned in internal/tools/go.mod; built once and kept in bin.
bin/golangci-lint: internal/tools/go.mod internal/tools/go.sum
	@echo 'building golangci-lint; it takes some minutes once' >&2
	@$(SCRIPTS)/setup build
	@cd internal/tools && $(GO) build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

bin/gofumpt: internal/tools/go.mod internal/tools/go.sum
	@cd internal/tools && $(GO) build -o ../../$@ mvdan.cc/gofumpt
	@touch $@
