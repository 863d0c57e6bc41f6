//go:build unix

package e2e

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// files returns the repository's files with that ending, by their paths from here.
func files(t *testing.T, ending string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ending) {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// block returns the first block of a language that contains that text, README.md
// before other Markdown files.
func block(t *testing.T, language, contains string) string {
	t.Helper()
	texts := files(t, ".md")
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		for _, found := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllStringSubmatch(texts[file], -1) {
			if strings.Contains(found[1], contains) {
				return found[1]
			}
		}
	}
	t.Fatalf("no Markdown file has a block of %s with %q", language, contains)
	return ""
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns what can follow # in a link to a Markdown file.
func anchors(text string) map[string]bool {
	all := map[string]bool{"": true}
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all[strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-")] = true
	}
	return all
}

func TestMarkdownLinksLeadSomewhere(t *testing.T) {
	texts, links := files(t, ".md"), 0
	for file, text := range texts {
		for _, found := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			path, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(path, ":") {
				continue // another site
			}
			links++
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", file, err)
			} else if anchor != "" && !anchors(texts[target])[anchor] {
				t.Errorf("%s links to %s, which has no heading %q", file, target, anchor)
			}
		}
	}
	if links == 0 {
		t.Error("no link is found")
	}
}

func TestMarkdownNamesTestsThatExist(t *testing.T) {
	tests, names := map[string]bool{}, 0
	for _, code := range files(t, "_test.go") {
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(code, -1) {
			tests[found[1]] = true
		}
	}
	for file, text := range files(t, ".md") {
		for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(fence.ReplaceAllString(text, ""), -1) {
			if names++; !tests[name] {
				t.Errorf("%s names %s, which does not exist", file, name)
			}
		}
	}
	if names == 0 {
		t.Error("no test is named")
	}
}
