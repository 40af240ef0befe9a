// Package faulttest runs the command against services that fail and lie, and against hostile clients: an answer is right or
// an error with the SQLSTATE that its cause has, never short or wrong, and everybody else is served on.
//
// It is tests alone; the sample services run in the test's process, so that faults can be switched. Files in reading order:
// service_test.go (services, questions, honest answers), faults_test.go (each fault of the sample service, through each
// profile), start_test.go (faults of metadata and tokens), hostile_test.go (clients).
package faulttest
