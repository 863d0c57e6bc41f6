// Package e2e tests the built program from outside: by its command line, over its
// port and by signals. It is a module of its own, so that the program does not
// depend on the tests' dependencies. The tests run on Unix, some of them on Linux
// only; make test installs the programs that they start.
package e2e
