# The real cluster: Kubernetes, a registry, volumes, Storm and Stormhooks on this
# machine, as root. Everything that is built or downloaded is kept outside the
# checkout, in STORMHOOKS_CACHE (~/.cache/stormhooks).
STORMHOOKS_CACHE ?= $(HOME)/.cache/stormhooks
export STORMHOOKS_CACHE
# STORM_HOME_3 is the home of a Storm on this machine, which stories share instead of that of
# the cluster; STORM_JAVA is a Java for it.
export STORM_HOME_3 STORM_JAVA
CLUSTER_PROGRAM := $(STORMHOOKS_CACHE)/programs/cluster

# The shell's own error does not help a person without Go.
.PHONY: cluster-program
cluster-program:
	@command -v $(GO) >/dev/null || { echo "$(GO) is not on the PATH. Install Go 1.26." >&2; exit 1; }
	@[ -x $(CLUSTER_PROGRAM) ] || echo "The harness itself is built first: 2 minutes …"
	@cd e2e/cluster && $(GO) build -o $(CLUSTER_PROGRAM) ./cmd/cluster

##@ A real cluster on this machine

.PHONY: demo
demo: cluster-program ## run the guide's first topology in a real Storm; CLUSTER=kind uses Docker, CLUSTER=current your kubectl context
	@$(CLUSTER_PROGRAM) demo --cluster=$(or $(CLUSTER),own) --image='$(if $(filter command% environment%,$(origin IMAGE)),$(IMAGE))' --storm-image='$(STORM_IMAGE)'

.PHONY: demo-down
demo-down: cluster-program ## remove everything that make demo created
	@$(CLUSTER_PROGRAM) demo-down --cluster=$(or $(CLUSTER),own)

.PHONY: cluster-up
cluster-up: cluster-program ## start the cluster, or bring it to the checkout's state
	@$(CLUSTER_PROGRAM) up

.PHONY: cluster-down
cluster-down: cluster-program ## remove the cluster; the cache stays
	@$(CLUSTER_PROGRAM) down

.PHONY: recording
recording: cluster-up ## record the picture of the README on the real cluster, into docs/pictures
	@cd e2e/cluster && $(GO) run ./cmd/recording

.PHONY: e2e
e2e: cluster-up ## run every story on the real cluster; one story: STORY=guide-copy
	@cd e2e/cluster && STORMHOOKS_STORIES='$(or $(STORY),all)' $(GO) test -count=1 -v -timeout 80m -parallel $(or $(STORIES_AT_ONCE),3) ./stories

.PHONY: e2e-core
e2e-core: cluster-up ## run the stories that make test runs
	@cd e2e/cluster && STORMHOOKS_STORIES=core $(GO) test -count=1 -v -timeout 40m -parallel $(or $(STORIES_AT_ONCE),5) ./stories

.PHONY: plans
plans: cluster-up ## compare what kubectl storm plan says of 65 changes with what happens
	@cd e2e/cluster && STORMHOOKS_PLANS=1 $(GO) test -count=1 -v -timeout 60m -parallel 6 -run TestPlans ./stories

.PHONY: chaos
chaos: cluster-up ## change topologies while everything fails: CHAOS=15m TOPOLOGIES=8 SEED=1
	@cd e2e/cluster && STORMHOOKS_CHAOS=$(or $(CHAOS),15m) TOPOLOGIES=$(TOPOLOGIES) SEED=$(SEED) $(GO) test -count=1 -v -timeout 60m -run TestChaos ./stories

.PHONY: load
load: cluster-up ## apply many topologies at once, then wait: TOPOLOGIES=300 REST=10m; a table: TOPOLOGIES=1,10,100 RESULTS=e2e/bench/RESULTS.md
	@cd e2e/cluster && STORMHOOKS_LOAD='$(or $(TOPOLOGIES),300)' REST=$(or $(REST),10m) RESULTS=$(abspath $(RESULTS)) $(GO) test -count=1 -v -timeout 100m -run TestLoad ./stories
