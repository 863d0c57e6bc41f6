// Package e2e tests the built program from outside: by its command line, over
// its port and by the signals that it gets. It is a module of its own, so that
// nobody but its tests needs what they need. The tests run on Unix, some of them
// on Linux only; make test installs the programs that they start. A second
// program, in ./app, has more handlers for TestLinearizable.
package e2e
