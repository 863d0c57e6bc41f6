package iris_test

import (
	"net/http"
	"os"
	"regexp"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// The constants are those of net/http by the same names, and none is missing.
func TestStatusConstants(t *testing.T) {
	source, err := os.ReadFile("status.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, m := range regexp.MustCompile(`(?m)^\t((?:Status|Method)\w+)\s+= http\.(\w+)$`).FindAllStringSubmatch(string(source), -1) {
		equal(t, "http's name of "+m[1], m[2], m[1])
		if m[1][0] == 'S' {
			named++
		}
	}
	known := 0
	for code := range 1000 {
		equal(t, "StatusText", iris.StatusText(code), http.StatusText(code))
		if http.StatusText(code) != "" {
			known++
		}
	}
	equal(t, "named status codes", named, known)
}
