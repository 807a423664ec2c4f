# What one does with this repository. `make` lists the targets.

prefix       ?= /usr/local
LINT_VERSION := v2.15.0
LINT         := bin/golangci-lint-$(LINT_VERSION)
# The race detector needs a C compiler.
RACE         := $(if $(shell command -v "$$(go env CC)"),-race)
# Size of the benchmark's database: make bench PATRONS=100000
PATRONS      ?= 1000000
# Which mutations are tried, by what they change: make mutate MUTANTS=desk.reactivate
MUTANTS      ?=
# How long each fuzz target runs: make fuzz FUZZTIME=5m
FUZZTIME     ?= 10s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/patronctl
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/ ./cmd/patronctl

.PHONY: test
test: ## run every test, on PostgreSQL and PgBouncer (installed when missing)
	@.ci/install postgresql pgbouncer xmllint
	go test $(RACE) -timeout 60m ./...

.PHONY: fuzz
fuzz: ## look for input that breaks what reads and writes text (FUZZTIME=10s for each)
	@.ci/install postgresql
	@grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u | while read -r dir; do \
		for target in $$(go test -list '^Fuzz' "$$dir" | grep '^Fuzz'); do \
			echo "$$dir $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -parallel 2 "$$dir" || exit 1; \
		done; \
	done

.PHONY: mutate
mutate: ## change rules one at a time and list what no test notices (MUTANTS=pattern)
	@.ci/install postgresql
	go run ./cmd/patronctl/mutate '$(MUTANTS)'

.PHONY: nightly
nightly: mutate fuzz ## run what takes longer than continuous integration may

.PHONY: lint
lint: $(LINT) ## check style, import rules, formatting and modules
	go mod tidy -diff
	$(LINT) run ./...

$(LINT):
	GOBIN='$(CURDIR)/bin' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/golangci-lint $@

.PHONY: format
format: $(LINT) ## format the code as lint wants it
	$(LINT) fmt ./...

.PHONY: demo
demo: ## try it: install PostgreSQL when missing, start the demo, walk the five jobs
	@.ci/install postgresql
	@$(MAKE) --no-print-directory build
	@cmd/patronctl/testdata/demo.sh bin/patronctl

.PHONY: bench
bench: build ## measure beside psql, on a database of its own (PATRONS=1000000)
	@.ci/install postgresql
	PATRONCTL_BENCH_PATRONS=$(PATRONS) go test -run '^$$' -bench . -benchtime 1x -timeout 2h ./cmd/patronctl/bench

.PHONY: generate
generate: ## write completions, man pages and parts of the handbook anew
	go run ./cmd/patronctl-gen

.PHONY: install
install: build ## install under prefix (/usr/local), below DESTDIR
	install -D -m 755 bin/patronctl '$(DESTDIR)$(prefix)/bin/patronctl'
	install -D -m 644 completions/patronctl.bash '$(DESTDIR)$(prefix)/share/bash-completion/completions/patronctl'
	install -D -m 644 completions/_patronctl '$(DESTDIR)$(prefix)/share/zsh/site-functions/_patronctl'
	install -D -m 644 completions/patronctl.fish '$(DESTDIR)$(prefix)/share/fish/vendor_completions.d/patronctl.fish'
	install -d '$(DESTDIR)$(prefix)/share/man/man1' '$(DESTDIR)$(prefix)/share/man/man7'
	install -m 644 completions/man1/*.1 '$(DESTDIR)$(prefix)/share/man/man1/'
	install -m 644 completions/man7/*.7 '$(DESTDIR)$(prefix)/share/man/man7/'

.PHONY: clean
clean: ## remove what was built; the demo stays (bin/patronctl demo stop)
	rm -rf bin
