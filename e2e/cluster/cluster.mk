# The real cluster: Kubernetes, a registry, volumes, Storm and Stormhooks on this
# machine, as root. What is built or downloaded is kept outside the checkout, in
# STORMHOOKS_CACHE (~/.cache/stormhooks).
STORMHOOKS_CACHE ?= $(HOME)/.cache/stormhooks
export STORMHOOKS_CACHE
CLUSTER_PROGRAM := $(STORMHOOKS_CACHE)/programs/cluster

# What a person without Go would be told by the shell is no help.
.PHONY: cluster-program
cluster-program:
	@command -v $(GO) >/dev/null || { echo "$(GO) is not on the PATH. Install Go 1.26." >&2; exit 1; }
	@[ -x $(CLUSTER_PROGRAM) ] || echo "The harness itself is built first: 2 minutes …"
	@cd e2e/cluster && $(GO) build -o $(CLUSTER_PROGRAM) ./cmd/cluster

##@ A real cluster on this machine

.PHONY: demo
demo: cluster-program ## the guide's first topology in a real Storm; CLUSTER=current uses your kubectl context
	@$(CLUSTER_PROGRAM) demo --cluster=$(or $(CLUSTER),own) --image='$(if $(filter command% environment%,$(origin IMAGE)),$(IMAGE))' --storm-image='$(STORM_IMAGE)'

.PHONY: demo-down
demo-down: cluster-program ## take away what make demo brought
	@$(CLUSTER_PROGRAM) demo-down --cluster=$(or $(CLUSTER),own)

.PHONY: cluster-up
cluster-up: cluster-program ## the cluster without the demo; again: brings it to the checkout's state
	@$(CLUSTER_PROGRAM) up

.PHONY: cluster-down
cluster-down: cluster-program ## take the cluster away; what was built stays
	@$(CLUSTER_PROGRAM) down

.PHONY: e2e
e2e: cluster-up ## every story on the real cluster; one of them: STORY=guide-copy
	@cd e2e/cluster && STORMHOOKS_STORIES='$(or $(STORY),all)' $(GO) test -count=1 -v -timeout 80m -parallel $(or $(STORIES_AT_ONCE),3) ./stories

.PHONY: e2e-core
e2e-core: cluster-up ## the stories that make test runs
	@cd e2e/cluster && STORMHOOKS_STORIES=core $(GO) test -count=1 -v -timeout 40m -parallel $(or $(STORIES_AT_ONCE),3) ./stories

.PHONY: chaos
chaos: cluster-up ## topologies that change while everything fails: CHAOS=15m TOPOLOGIES=8 SEED=1
	@cd e2e/cluster && STORMHOOKS_CHAOS=$(or $(CHAOS),15m) TOPOLOGIES=$(TOPOLOGIES) SEED=$(SEED) $(GO) test -count=1 -v -timeout 60m -run TestChaos ./stories

.PHONY: load
load: cluster-up ## many topologies at once, then left alone: TOPOLOGIES=300 REST=10m; a table of several: TOPOLOGIES=1,10,100 RESULTS=e2e/bench/RESULTS.md
	@cd e2e/cluster && STORMHOOKS_LOAD='$(or $(TOPOLOGIES),300)' REST=$(or $(REST),10m) RESULTS=$(abspath $(RESULTS)) $(GO) test -count=1 -v -timeout 100m -run TestLoad ./stories
