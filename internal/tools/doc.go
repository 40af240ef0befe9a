// Package tools holds what the project is checked with and nothing that runs in
// it. It is a module of its own, so that the linters' and compose's hundreds of
// dependencies are not the product's.
//
//   - go.mod pins the tools: golangci-lint and gofumpt
//   - scripts/setup finds or installs what demo and tests need
//   - scripts/lint, scripts/test, scripts/fuzz, scripts/bench are what make calls
//   - scripts/stage times a step against its budget
//   - imports_test.go says which package may import which, and checks the tree
//   - guard_test.go proves that the linter enforces the same table
//   - docs_test.go reads every doc.go beside its package's files
//   - compose_test.go checks docker-compose.yml, Dockerfile and the dashboard
package tools
