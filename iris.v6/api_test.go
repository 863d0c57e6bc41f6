package iris_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "accept the exported surface: rewrite testdata/api")

// TestAPI compares the exported surface of every package with testdata/api. Most names
// there are v6's: a program written for v6 no longer compiles if they change.
func TestAPI(t *testing.T) {
	golden := make(map[string]string) // by file name
	err := filepath.WalkDir(".", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); name == "testdata" || name == "internal" || name != "." && strings.ContainsAny(name[:1], "._") {
			return filepath.SkipDir
		}
		if api := surface(t, dir); api != "" {
			golden[strings.ReplaceAll(filepath.ToSlash(filepath.Join("iris.v6", dir)), "/", "_")+".txt"] = api
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("testdata", "api")
	if *update {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, api := range golden {
		file := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(file, []byte(api), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		if string(want) != api {
			t.Errorf("%s: the exported surface has changed: accept it with -update, and look at the difference in git", name)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "files in testdata/api", len(files), len(golden))
}

// surface returns what the package in that directory exports, "" if there is none.
func surface(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var declarations []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name == "main" || !ast.FileExports(file) {
			continue
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				d.Body = nil
				if d.Recv != nil && !ast.IsExported(receiver(d)) {
					continue
				}
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
			}
			var out bytes.Buffer
			if err := (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}).Fprint(&out, fset, d); err != nil {
				t.Fatal(err)
			}
			declarations = append(declarations, blankLines.ReplaceAllString(out.String(), "\n"))
		}
	}
	if len(declarations) == 0 {
		return ""
	}
	slices.Sort(declarations)
	return strings.Join(declarations, "\n") + "\n"
}

var blankLines = regexp.MustCompile(`\n\s*\n`)

// receiver returns the name of the type that a method is of.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	if pointer, ok := typ.(*ast.StarExpr); ok {
		typ = pointer.X
	}
	name, _ := typ.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}
