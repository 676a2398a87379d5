# Slipway's two commands are "make demo" and "make test".
# "make check" before a commit; "make bench" and "make fuzz" take their time.

GO      ?= go
DEMO    ?= build/demo
FUZZTIME ?= 10m
FUZZPKGS ?= ./...

.PHONY: all build/slipway demo shots test platforms format lint race check bench bench-scale fuzz clean

all: build/slipway

build/slipway:
	$(GO) build -trimpath -o $@ ./cmd/slipway

# Ships Skiff 1.0, 1.1 and 1.2 from tags into $(DEMO). Interrupted, it resumes.
demo: build/slipway
	build/slipway demo --dir $(DEMO)

# The pictures of docs/console.md: the console ships the demo's next release.
shots: demo
	sh docs/shots/shots.sh build/slipway $(DEMO) docs/img

test:
	$(GO) vet ./...
	$(GO) test -timeout 40m ./...

# What nobody here runs must still compile: tests too, and docs/shots, a module
# of its own, which ./... does not reach.
platforms:
	@set -e; for p in windows/amd64 darwin/arm64 freebsd/amd64; do \
	  echo "vet for $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) vet ./...; done
	cd docs/shots && $(GO) vet . && $(GO) test .

format:
	@test -z "$$(gofmt -l cmd tui release repack signing updates cache testdata docs/shots | tee /dev/stderr)"

lint:
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

race:
	$(GO) test -race -short -timeout 40m ./...

check: format test platforms lint race

# Ours against bsdiff, go-bsdiff, zstd, xdelta3 and xz, on pairs from registries.
bench:
	$(GO) test ./updates/... -run '^$$' -bench . -benchtime 1x -timeout 4h

# 98 locales, 6 platforms, 4 priors in miniature; one large binary in 100 locales.
bench-scale:
	SLIPWAY_SCALE=1 $(GO) test ./updates -run '^TestScale' -v -timeout 4h

# Each fuzz target of FUZZPKGS for FUZZTIME; the corpora are checked in.
fuzz:
	@set -e; for pkg in $$($(GO) list $(FUZZPKGS)); do \
	  list=$$($(GO) test -list '^Fuzz' $$pkg); \
	  for target in $$(echo "$$list" | grep '^Fuzz'); do \
	    GO="$(GO)" .ci/fuzz $$pkg $$target $(FUZZTIME); \
	  done; done

clean:
	rm -rf build
