# `make` lists what can be made. A line with ## is shown in that list.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

GO      ?= go
VERSION ?= v0.1.0
IMAGE   ?= stormhooks/stormhooks:$(VERSION)

# Modules with tests. What is heavy stands in a module of its own. Their tests
# read files of the main module, of which Go's test cache takes no notice.
MODULES := . hooks/kubectl-storm e2e/manifests e2e/packages e2e/cluster .ci/tools

# The real cluster: cluster-up, cluster-down, demo, demo-down, e2e, e2e-core.
-include e2e/cluster/cluster.mk

STATIC = -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'

##@ Developing

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## bin/stormhooks and bin/kubectl-storm, each one static binary
	CGO_ENABLED=0 $(GO) build $(STATIC) -o bin/stormhooks ./hooks/stormhooks
	cd hooks/kubectl-storm && CGO_ENABLED=0 $(GO) build $(STATIC) -o ../../bin/kubectl-storm .

.PHONY: unit
unit: ## every test that needs no cluster, in under a minute
	$(GO) test ./...
	@for module in $(filter-out .,$(MODULES)); do (cd "$$module" && echo "module $$module" && $(GO) test -count=1 ./...); done

.PHONY: race
race: ## the main module's tests under the race detector
	$(GO) test -race ./...

# The packages whose tests know -update: those with golden files.
GOLDEN = $$(grep -rlE 'flag.Bool\("update"|e2e/testkit"' --include='*_test.go' --exclude-dir=kubectl-storm pkg hooks docs e2e/sim | xargs -n1 dirname | sort -u | sed 's|^|./|')

# SCHEDULES of the simulation; MUTANT_SCHEDULES are its normal run, in which each
# guard that is taken out must be noticed. SEED is that of the first schedule.
SCHEDULES        ?= 100000
SEED             ?= 1
MUTANT_SCHEDULES ?= 20000

# DEPTH of the search of small worlds, in moves. LOADS are numbers of topologies.
DEPTH ?= 4
LOADS ?= 100,1000,10000

.PHONY: sim
sim: ## the musts in SCHEDULES orders of events, and in every order of small worlds
	$(GO) test ./e2e/sim -count=1 -v -run 'TestMusts|TestEveryOrder' -timeout 60m -schedules=$(SCHEDULES) -seed=$(SEED) -depth=$(DEPTH) -full

.PHONY: sim-load
sim-load: ## what LOADS topologies cost on 20 clusters, in the simulation
	$(GO) test ./e2e/sim -count=1 -v -run TestLoad -timeout 60m -loads=$(LOADS)

.PHONY: sim-core
sim-core: ## a tenth of sim: what CI runs
	$(GO) test ./e2e/sim -count=1 -v -run TestMusts -timeout 60m -schedules=$$(( $(SCHEDULES) / 10 )) -seed=$(SEED)

.PHONY: mutants
mutants: ## the simulation without each guard in turn: which schedule notices; writes the table
	MUTANTS=$(MUTANT_SCHEDULES) $(GO) test ./e2e/sim -count=1 -v -run TestMutants -timeout 120m

# FUZZTIME is how long each target is fuzzed.
FUZZTIME ?= 10m

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

.PHONY: golden
golden: ## every golden file anew; look at the diff, and say in the commit why it moved
	$(GO) test $(GOLDEN) -update
	cd e2e/manifests && $(GO) test -run TestTheDocumentsShow . -update # what the documents show of kubectl get
	cd hooks/kubectl-storm && $(GO) test . -update

# What it costs, beside what one would do otherwise. Figures that need a quiet
# machine say so in e2e/bench/RESULTS.md by the load that they note.
.PHONY: bench
bench: ## figures without a cluster, into e2e/bench/RESULTS.md; one of them: FIGURE=sync
	$(GO) run ./e2e/bench $(FIGURE)

.PHONY: bench-cluster
bench-cluster: cluster-up ## the same on the real cluster; one of them: FIGURE=ready
	cd e2e/cluster && $(GO) run ./bench $(FIGURE)

.PHONY: lint
lint: ## gofmt, go vet and staticcheck
	@.ci/lint $(MODULES)

.PHONY: golangci
golangci: ## golangci-lint, by .golangci.yml; the first time it is built, for minutes
	@.ci/golangci

.PHONY: vulncheck
vulncheck: ## known holes in what the program calls, where the database can be reached
	@.ci/vulncheck

.PHONY: reproducible
reproducible: ## two builds of what is committed, in two folders: the same bytes
	@.ci/reproducible

.PHONY: sbom
sbom: build ## bin/stormhooks.cdx.json and bin/licences.md: what the program is made of
	@$(GO) -C .ci/tools build -o $(CURDIR)/bin/supply ./supply
	@bin/supply sbom bin/stormhooks > bin/stormhooks.cdx.json
	@bin/supply licences bin/stormhooks > bin/licences.md
	@ls -l bin/stormhooks.cdx.json bin/licences.md

.PHONY: generate
generate: ## deepcopy, CRDs and (with thrift-compiler 0.17) the Thrift client
	@.ci/generate

.PHONY: verify
verify: lint golangci ## lint, golangci, and that what is generated is fresh
	@.ci/verify

.PHONY: image
image: ## the image of the Dockerfile, by docker
	docker build --build-arg VERSION=$(VERSION) -t $(IMAGE) .

.PHONY: image-push
image-push: ## the image for amd64 and arm64, pushed to where IMAGE says
	docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=$(VERSION) -t $(IMAGE) --push .

.PHONY: clean
clean: ## bin/ and nothing else; the cache is outside: STORMHOOKS_CACHE
	rm -rf bin

##@ What CI runs

.PHONY: test
test: unit sim-core verify e2e-core ## unit, a tenth of sim, verify, and the core of the real cluster's stories
