# Everything here works from nothing: Python 3.11+, make and a network. All that is fetched stays below
# .tools, .venv and node_modules.
.DEFAULT_GOAL := help
.PHONY: help setup demo walkthrough test check security fix simulate chaos nightly fanin bench \
	synth diff deploy lock local clean

# -I: only the interpreter itself, nothing that PYTHONHOME or PYTHONPATH points to.
PYTHON := $(shell for p in python3.13 python3.14 python3.12 python3.11 python3 /usr/bin/python3; do \
	env -u PYTHONHOME "$$p" -I -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo "$$p"; break; }; done)
RUN := .venv/bin/python
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export UV_CACHE_DIR := $(CURDIR)/.tools/uv-cache
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.tools/python
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/.tools/jsii
export npm_config_cache := $(CURDIR)/.tools/npm-cache
export PYTHONDONTWRITEBYTECODE := 1
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## bring uv, Python 3.13, Node and the CDK CLI into the checkout
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer with ensurepip found" \
		"on PATH; on Debian and Ubuntu, python3-venv brings it" >&2; exit 1; }
	@"$(PYTHON)" tools/setup.py

demo: setup ## deploy to the local cloud and watch real jobs run
	@$(RUN) -m demo

walkthrough: setup ## five hundred dead jobs, from the first look to the last retry (docs/operations.md)
	@$(RUN) -m demo.walkthrough

test: setup check ## all checks and tests, the local cloud's among them
	@$(RUN) tools/suite.py

check: setup ## formatting, lint, types, imports
	@ruff format --check -q .
	@ruff check -q .
	@mypy
	@lint-imports --no-logo

security: setup ## holes known in what is pinned, in the code and in the workflows (ONLY="code workflows")
	@$(RUN) tools/security.py $(ONLY)

fix: setup ## format, and fix what lint can
	@ruff check -q --fix . || true
	@ruff format -q .

simulate: setup ## the protocol under random faults (N=50000 schedules, or SEED=7 for one with its trace)
	@$(if $(SEED),SIMULATION_SEED=$(SEED)) SIMULATION_COUNT=$(or $(N),50000) \
		$(RUN) -m pytest -q tests/simulation/test_schedules.py

chaos: setup ## the local cloud with failing calls and dying processes (N=10000 jobs, P=0.02 a fault, SEED=7)
	@$(if $(SEED),CHAOS_SEED=$(SEED)) CHAOS_JOBS=$(or $(N),10000) CHAOS_PROBABILITY=$(or $(P),0.02) \
		$(RUN) -m pytest -q tests/chaos

nightly: setup ## the simulation and the state machines at full size: about 20 minutes
	@HYPOTHESIS_PROFILE=nightly $(RUN) -m pytest -q tests/property/machines tests/property/schedule tests/property/contract \
		--durations=5
	@SIMULATION_COUNT=50000 $(RUN) -m pytest -q tests/simulation/test_schedules.py
	@SIMULATION_COUNT=500 $(RUN) -m pytest -q tests/simulation/test_workflows.py
	@IMPORT_ROWS=1000000 $(RUN) -m pytest -q tests/functions/test_import_records_size.py

fanin: setup ## members of batches on the local cloud, counted beside jobs by themselves (N=10000 of each)
	@$(RUN) -m benchmarks.fan_in $(or $(N),10000)

bench: setup ## CPU, cold start and size beside Powertools' and Celery's, into docs/benchmarks.md (15 min)
	@test -x .tools/benchmarks/bin/python || uv venv -q --python .venv/bin/python .tools/benchmarks
	@uv pip sync -q --python .tools/benchmarks/bin/python --compile-bytecode --require-hashes \
		requirements/benchmarks.txt
	@$(RUN) -m benchmarks

synth: setup ## the CloudFormation of a stage, in cdk.out (STAGE=local)
	@WORKERLESS_STAGE=$(or $(STAGE),local) cdk synth --quiet

diff: setup ## what this checkout changes in a stage, compared with a commit (BASE=main STAGE=prod)
	@$(RUN) tools/stack_diff.py $(or $(BASE),main) $(or $(STAGE),prod)

deploy: setup ## all stacks of a stage to AWS (STAGE=dev; in continuous integration nobody is asked)
	@test -n "$(STAGE)" || { echo "make: say which: make deploy STAGE=dev" >&2; exit 2; }
	@WORKERLESS_STAGE=$(STAGE) cdk deploy --all --concurrency 8 --progress events \
		--require-approval $(if $(CI),never,broadening)

lock: setup ## pin every requirement file again, with hashes
	@for file in requirements/bootstrap requirements/node requirements/lambda requirements/dev \
		requirements/benchmarks requirements/container requirements/security \
		$(patsubst %/requirements.in,%/requirements,$(wildcard functions/*/requirements.in)); do \
		uv pip compile -q --generate-hashes --universal --python-version 3.13 \
			--custom-compile-command "make lock" -o $$file.txt $$file.in || exit 1; done
	@npm install --package-lock-only --silent

local: setup ## start the local cloud and deploy to it
	@workerless local up

clean: ## stop the local cloud and forget everything that was brought
	@test ! -e .local/state.json || env -u WORKERLESS_LOCAL_DIRECTORY .venv/bin/workerless local down \
		|| { echo "make: .local/state.json names a process that must end first" >&2; exit 1; }
	@rm -rf .tools .venv node_modules .local .build cdk.out
