# `make` lists the targets: each line with ##.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

GO      ?= go
VERSION ?= v0.1.0
IMAGE   ?= stormhooks/stormhooks:$(VERSION)

# All targets build with the same flags, so that what programs, tests and linters share is
# compiled once. Without debug information that takes four fifths of the time.
export GOFLAGS     ?= -buildvcs=false -trimpath -gcflags=all=-dwarf=false
export CGO_ENABLED ?= 0

# Modules with tests. Heavy dependencies are in modules of their own. Their tests read
# files of the main module, which Go's test cache does not notice.
MODULES := . hooks/kubectl-storm e2e/manifests e2e/packages e2e/storms e2e/cluster .ci/tools

# The real cluster: cluster-up, cluster-down, demo, demo-down, e2e, e2e-core.
-include e2e/cluster/cluster.mk

STATIC = -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'

##@ Developing

.PHONY: help
help: ## print this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/stormhooks and bin/kubectl-storm, two static binaries
	CGO_ENABLED=0 $(GO) build $(STATIC) -o bin/stormhooks ./hooks/stormhooks
	cd hooks/kubectl-storm && CGO_ENABLED=0 $(GO) build $(STATIC) -o ../../bin/kubectl-storm .

.PHONY: unit
unit: ## run every test that needs no cluster, in two minutes
	$(GO) test ./...
	@for module in $(filter-out .,$(MODULES)); do (cd "$$module" && echo "module $$module" && $(GO) test -count=1 ./...); done

.PHONY: race
race: ## run the main module's tests with the race detector
	CGO_ENABLED=1 $(GO) test -race ./...

# SCHEDULES is the number of orders of events in the simulation. MUTANT_SCHEDULES is
# the number in which the simulation must notice each removed guard. SEED is the seed
# of the first schedule.
SCHEDULES        ?= 100000
SEED             ?= 1
MUTANT_SCHEDULES ?= 40000

# VERSIONS of Storm that make storms runs. 2.8.3 is the newest that is whole on Maven
# Central: 2.8.4 lacks its parent POM.
VERSIONS      ?= 2.0.0 2.2.1 2.4.0 2.5.0 2.6.4 2.7.1 2.8.1 2.8.3
VERSIONS_CORE ?= 2.4.0 2.8.1 2.8.3
# VERSIONS_TLS are run with TLS only: the newest on Maven Central whose own TLS works, and the
# one that the real cluster has, with the TLS of 2.8.7.
VERSIONS_TLS  ?= 2.7.1 2.8.1

# DEPTH of the search of small worlds, in moves. LOADS are numbers of topologies.
DEPTH ?= 4
LOADS ?= 100,1000,10000

.PHONY: sim
sim: ## check the musts in SCHEDULES orders of events, and in every order of small worlds
	$(GO) test ./e2e/sim -count=1 -v -run 'TestMusts|TestEveryOrder' -timeout 60m -schedules=$(SCHEDULES) -seed=$(SEED) -depth=$(DEPTH) -full

.PHONY: sim-load
sim-load: ## measure what LOADS topologies on 20 clusters cost, in the simulation
	$(GO) test ./e2e/sim -count=1 -v -run TestLoad -timeout 60m -loads=$(LOADS)

.PHONY: sim-core
sim-core: ## run a tenth of sim, as CI does
	$(GO) test ./e2e/sim -count=1 -v -run TestMusts -timeout 60m -schedules=$$(( $(SCHEDULES) / 10 )) -seed=$(SEED)

.PHONY: mutants
mutants: ## remove each guard in turn, and write the table of what notices it
	MUTANTS=$(MUTANT_SCHEDULES) $(GO) test ./e2e/sim -count=1 -v -run TestMutants -timeout 120m

.PHONY: settings
settings: ## list the settings that each Storm declares; STORM=PATH is a clone of Storm with its tags
	@$(GO) -C .ci/tools run ./settings -storm '$(abspath $(STORM))' > pkg/storm/testdata/declared.txt

.PHONY: storms
storms: ## run Nimbuses of VERSIONS, each through all steps; STORM_HOME_3=PATH adds one by hand
	@cd e2e/storms && STORMHOOKS_STORMS='$(VERSIONS)' $(if $(STORM_HOME_3),STORM_HOME_3='$(abspath $(STORM_HOME_3))') $(GO) test -count=1 -v -timeout 60m -run 'Test(Storms|Settings|Upgrade)$$' .

.PHONY: storms-dependencies
storms-dependencies: ## run Nimbuses of VERSIONS_TLS, or of STORM_HOME_3, with a topology of 40 dependencies, and kill them at each step
	@cd e2e/storms && STORMHOOKS_STORMS_DEPENDENCIES='$(VERSIONS_TLS)' $(if $(STORM_HOME_3),STORM_HOME_3='$(abspath $(STORM_HOME_3))') $(GO) test -count=1 -v -timeout 60m -run TestDependencies .

.PHONY: storms-thousands
storms-thousands: ## run 1,000 topologies, or TOPOLOGIES, on a Nimbus without supervisors, and count what it is asked
	@cd e2e/storms && STORMHOOKS_STORMS=2.8.1 STORMHOOKS_THOUSANDS=$(or $(TOPOLOGIES),1000) $(GO) test -count=1 -v -timeout 180m -run TestThousands .

.PHONY: storms-tls
storms-tls: ## run Nimbuses of VERSIONS_TLS with TLS only, each through all steps, and with wrong certificates
	@cd e2e/storms && STORMHOOKS_STORMS_TLS='$(VERSIONS_TLS)' $(if $(STORM_HOME_3),STORM_HOME_3='$(abspath $(STORM_HOME_3))') $(GO) test -count=1 -v -timeout 60m -run TestTLS .

.PHONY: storms-core
storms-core: ## run the three versions that Java 17 is enough for
	@$(MAKE) --no-print-directory storms VERSIONS='$(VERSIONS_CORE)'

# FUZZTIME is how long each target is fuzzed.
FUZZTIME ?= 10m

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

.PHONY: golden
golden: export UPDATE = 1
golden: unit ## rewrite every golden file; read the diff, and say in the commit why it moved

# What Stormhooks costs, compared with the alternatives. e2e/bench/RESULTS.md notes the
# load of the machine for each figure.
.PHONY: bench
bench: ## measure without a cluster, into e2e/bench/RESULTS.md; one figure: FIGURE=sync
	$(GO) run ./e2e/bench $(FIGURE)

.PHONY: bench-cluster
bench-cluster: cluster-up ## measure on the real cluster; one figure: FIGURE=ready
	cd e2e/cluster && $(GO) run ./bench $(FIGURE)

.PHONY: lint
lint: ## run gofmt, go vet and staticcheck
	@.ci/lint $(MODULES)

.PHONY: golangci
golangci: ## run golangci-lint with .golangci.yml; the first run builds it for minutes
	@.ci/golangci

.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities in the code that the program calls
	@.ci/vulncheck

.PHONY: reproducible
reproducible: ## build the commit in two folders, and compare the bytes
	@.ci/reproducible

.PHONY: sbom
sbom: build ## write bin/stormhooks.cdx.json and bin/licences.md: the modules of the program
	@$(GO) -C .ci/tools build -o $(CURDIR)/bin/supply ./supply
	@bin/supply sbom bin/stormhooks > bin/stormhooks.cdx.json
	@bin/supply licences bin/stormhooks > bin/licences.md
	@ls -l bin/stormhooks.cdx.json bin/licences.md

.PHONY: generate
generate: ## generate deepcopy, CRDs and (with thrift-compiler 0.17) the Thrift client
	@.ci/generate

.PHONY: verify
verify: lint golangci ## run lint and golangci, and check that generated files are up to date
	@.ci/verify

.PHONY: image
image: ## build the image with docker
	docker build --build-arg VERSION=$(VERSION) -t $(IMAGE) .

.PHONY: image-push
image-push: ## build the image for amd64 and arm64, and push it as IMAGE
	docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=$(VERSION) -t $(IMAGE) --push .

.PHONY: release
release: ## make the files of a release in bin/release: VERSION=v0.1.0 IMAGE=registry.example.com/stormhooks
	@cd e2e/cluster && $(GO) run ./cmd/release -version '$(VERSION)' -image '$(if $(filter command% environment%,$(origin IMAGE)),$(IMAGE),stormhooks/stormhooks)'

.PHONY: clean
clean: ## remove bin/; the cache STORMHOOKS_CACHE stays
	rm -rf bin

##@ What CI runs

# Without root, Java, Maven or a cluster.
.PHONY: ci-light
ci-light: ## run what needs no root and no Java: unit, lint, and a short simulation
	@$(MAKE) --no-print-directory unit lint
	@$(GO) test ./e2e/sim -count=1 -run TestMusts -timeout 30m -schedules=2000 -seed=$(SEED)

.PHONY: test
test: unit sim-core verify e2e-core ## run unit, sim-core, verify and e2e-core
