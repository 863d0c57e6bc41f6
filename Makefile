# The example, its library, and the tests of the built program.
MODULES := . iris.v6 .ci/e2e

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

# The number of runs of each benchmark, and the time for each fuzz target.
COUNT ?= 6
FUZZTIME ?= 30s

# The file that make build writes.
OUT ?= iris-sessions

# $(call need,PROGRAM,DEBIAN PACKAGE,BREW FORMULA) installs a program that is missing.
need = command -v $(1) >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing $(2) with apt-get, for $(1)"; apt-get -q update && apt-get -q install -y --no-install-recommends $(2); \
	elif [ -n "$(3)" ] && command -v brew >/dev/null; then \
		echo "installing $(3) with brew, for $(1)"; brew install $(3); \
	else \
		echo "$(1) is needed: install it, or run this as root on Debian or with brew on macOS"; exit 1; \
	fi; }

# $(call each,COMMANDS) runs commands in every module.
each = @set -e; for module in $(MODULES); do echo "== $$module"; (cd $$module; $(1)); done

.PHONY: help run test programs browser soak lint bench fuzz build vuln

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## serve on http://localhost:8080
	go run .

test: programs ## vet everything and test it with the race detector, except in a browser
	$(call each,go vet ./... && go test -race -shuffle=on -parallel 32 -skip '^TestBrowser' ./...)
	@command -v systemd-analyze >/dev/null || echo "There is no systemd-analyze here: the unit file was not checked."

# The programs that the tests start. Only Debian has systemd.
programs:
	@[ "$$(go env CGO_ENABLED)" = 1 ] || { \
		echo "The race detector needs a C compiler: apt-get install gcc libc6-dev, or xcode-select --install on macOS."; exit 1; }
	@$(call need,curl,curl,curl)
	@$(call need,nginx,nginx-light,nginx)
	@$(call need,redis-server,redis-server,redis)
	@command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] || exit 0; $(call need,systemd-analyze,systemd)
	@[ "$$(uname)" != Linux ] || { $(call need,strace,strace); }

browser: ## test in Chromium
	@$(call need,chromium,chromium,--cask chromium)
	cd .ci/e2e && go test -race -run '^TestBrowser' .

# Without the race detector: it slows the client so much that the test would measure the client.
soak: ## test load, sessions and requests at full length: 10 million requests, 10,000 connections
	cd .ci/e2e && go test -run '^Test(Load|Linearizable|RequestsAreRead|MachineCrash)' -soak -v -timeout 3h .

lint: ## check formatting, go.mod and Markdown links; run staticcheck, and go vet for every OS
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "gofmt -w would change:"; echo "$$unformatted"; exit 1; \
	fi
	$(call each,go mod tidy -diff && go run $(STATICCHECK) ./... && \
		for os in linux darwin windows freebsd; do GOOS=$$os go vet ./... || exit 1; done)
	cd .ci/e2e && go test -count=1 -run '^TestMarkdown' .

bench: ## run each benchmark COUNT=6 times, with output for benchstat
	@set -e; for module in $(MODULES); do \
		(cd $$module && go test -run '^$$' -bench . -benchmem -cpu 1,2 -count $(COUNT) ./...); \
	done

fuzz: ## run every fuzz target for FUZZTIME=30s
	$(call each,for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done)

build: ## build ./iris-sessions, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(OUT) .

vuln: ## look for known vulnerabilities; needs the network
	$(call each,go run $(GOVULNCHECK) ./...)
