# Both modules: the example, and the library that it is built on.
MODULES := . iris.v6

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# How often each benchmark runs, and for how long each fuzz target.
COUNT ?= 6
FUZZTIME ?= 30s

# $(call need,PROGRAM,PACKAGE) installs Debian's package where the program is missing.
need = command -v $(1) >/dev/null || { apt-get update && apt-get install -y --no-install-recommends $(2); } || \
	{ echo "$(1) is needed: install it, or run this as root on Debian"; exit 1; }

.PHONY: help run test browser soak lint bench fuzz build

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## serve on http://localhost:8080
	go run .

test: ## vet and test everything but what needs a browser, with the race detector
	@$(call need,curl,curl)
	@$(call need,nginx,nginx-light)
	@$(call need,redis-server,redis-server)
	@$(call need,systemd-analyze,systemd)
	@set -e; for module in $(MODULES); do \
		echo "== $$module"; \
		(cd $$module && go vet ./... && go test -race -shuffle=on -parallel 32 -skip '^TestBrowser' ./...); \
	done

browser: ## test what browsers make of it, in Chromium
	@$(call need,chromium,chromium)
	go test -race -run '^TestBrowser' .

# Without the race detector, which would make the client what is measured.
soak: ## test faults at full length: 10 million requests, 10,000 connections, …
	go test -run '^TestFault' -soak -v -timeout 3h .

lint: ## check the formatting, go.mod and go.sum, and run staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "gofmt -w would change:"; echo "$$unformatted"; exit 1; \
	fi
	@set -e; for module in $(MODULES); do \
		echo "== $$module"; \
		(cd $$module && go mod tidy -diff && go run $(STATICCHECK) ./...); \
	done

bench: ## run the benchmarks, in the form that benchstat reads; COUNT=6 times each
	@set -e; for module in $(MODULES); do \
		(cd $$module && go test -run '^$$' -bench . -benchmem -cpu 1,2 -count $(COUNT) ./...); \
	done

fuzz: ## run every fuzz target for FUZZTIME=30s
	@set -e; for module in $(MODULES); do \
		cd $(CURDIR)/$$module; \
		for package in $$(go list ./...); do \
			for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
				echo "== $$package $$target"; \
				go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
			done; \
		done; \
	done

build: ## build ./iris-sessions
	go build -trimpath .
