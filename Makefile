# Everything sets itself up: a machine needs Python 3.11 or later, git and make.

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := UV_PYTHON_DOWNLOADS=never .tools/uv/bin/uv
RUN := .venv/bin/

.PHONY: help demo demo-warehouse test test-spark check lint types layers unused size format tools bench requirements dist audit clean

help:           ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/.ready            ## send three reports from a local Mixpanel to a local Slack (KEEP=1 stays)
	@$(RUN)python -m reporter.local.demo

demo-warehouse: .venv/.dev .tools/engines/.ready  ## send a report from a local PostgreSQL, beside Mixpanel's
	@$(RUN)python -m reporter.local.demo_warehouse

# One process more than there are cores: some tests wait for answers that do not come.
test: .venv/.dev tools        ## run all tests that can run here
	@$(RUN)pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile

test-spark: .venv/.dev tools  ## run the tests of warehouses on Spark itself (Java is needed; takes minutes)
	TEST_SPARK='local[2]' ENGINE_EXAMPLES=4 $(RUN)pytest --numprocesses 0 --timeout 1800 tests/sources/warehouse -k spark

check: lint types layers unused size    ## formatting, lint, types, import layers, unused code, and how large the code is

lint: .venv/.dev
	$(RUN)ruff format --check .
	$(RUN)ruff check .

types: .venv/.dev
	$(RUN)basedpyright

layers: .venv/.dev
	$(RUN)lint-imports

unused: .venv/.dev
	$(RUN)vulture

size: .venv/.dev
	$(RUN)python -m bench.code_size

format: .venv/.dev            ## format the code
	$(RUN)ruff check --fix .
	$(RUN)ruff format .

INSIGHTS ?= all
bench: .venv/.dev             ## print the benchmarks' figures (of the fan-out: python -m bench.fan_out; of a year: python -m bench.soak)
	$(RUN)python bench/cold_start.py
	$(RUN)python -m bench.insights $(INSIGHTS)
	$(RUN)python -m bench.export --events 1e5 --runs 1

REPORTER_EXTRAS ?= azure
requirements: .tools/uv       ## write requirements.txt from the lock
	$(UV) export --quiet --frozen --no-dev $(REPORTER_EXTRAS:%=--extra %) --no-emit-project --output-file requirements.txt

dist: .tools/uv                ## build the sdist, and from it the wheel
	rm -rf dist
	$(UV) build --quiet --python "$(PYTHON)" --out-dir dist

audit: .tools/uv               ## hold the lock against the known vulnerabilities
	$(UV) audit --frozen

clean:                        ## remove all that was set up
	rm -rf .venv .tools .demo dist tests/slack_types/node_modules

# What the tests hold the project against, as far as this machine can have it.
tools: .tools/official-client/.ready .tools/openapi-fuzz/.ready .tools/functions-doctor/.ready .tools/azure-worker/.ready \
  .tools/engines/.ready
	@if command -v npm >/dev/null; then \
	   $(MAKE) --no-print-directory tests/slack_types/node_modules/.ready .tools/azurite/.ready \
	     .tools/slack-emulator/.ready; \
	 else echo "npm is missing: the tests against Slack's own types, and on emulators, are skipped."; fi
	@if [ "$$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then $(MAKE) --no-print-directory .tools/debian/.ready; \
	 else echo "Not root, or debootstrap is missing: the container image's steps are not tried."; fi

.tools/official-client/.ready: tests/official_client/requirements.txt
.tools/openapi-fuzz/.ready: tests/openapi_fuzz/requirements.txt
.tools/functions-doctor/.ready: tests/functions_doctor/requirements.txt
.tools/official-client/.ready .tools/openapi-fuzz/.ready .tools/functions-doctor/.ready: .tools/%/.ready: | .tools/uv
	@echo "Setting up $* in an environment of its own …"
	@$(PYTHON) -m venv .tools/$*
	@.tools/$*/bin/pip install --quiet --disable-pip-version-check -r tests/$(subst -,_,$*)/requirements.txt
	@touch $@

# Microsoft's worker library says it needs Python 3.13; what is used of it runs on 3.11, too.
.tools/azure-worker/.ready: .venv/.dev tests/azure_worker/requirements.txt
	@echo "Setting up Microsoft's worker library …"
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check --upgrade --target .tools/azure-worker \
	  --no-deps --ignore-requires-python -r tests/azure_worker/requirements.txt
	@touch $@

tests/slack_types/node_modules/.ready: tests/slack_types/package-lock.json
	@echo "Setting up Slack's own types, to check against …"
	@cd tests/slack_types && npm ci --silent --no-audit --no-fund
	@touch $@

.tools/engines/.ready: .venv/.dev tests/sources/warehouse/requirements.txt
	@echo "Setting up the engines that warehouses are tested with …"
	@.tools/uv/bin/uv pip install --quiet --python .venv/bin/python --target .tools/engines \
	  -r tests/sources/warehouse/requirements.txt
	@touch $@

.tools/debian/.ready:
	@echo "Setting up a Debian with Python 3.13, where the image's steps and the tests run …"
	@rm -rf .tools/debian && mkdir -p .tools/debian
	@debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip trixie \
	  .tools/debian/root http://deb.debian.org/debian >.tools/debian/log
	@touch $@

.tools/azurite/.ready: tests/azurite_tools/package-lock.json
	@echo "Setting up Azurite, Microsoft's emulator of Azure Storage …"
	@mkdir -p .tools/azurite && cp tests/azurite_tools/package.json $< .tools/azurite/
	@cd .tools/azurite && npm ci --silent --no-audit --no-fund
	@touch $@

.tools/slack-emulator/.ready: tests/slack_emulator/package-lock.json
	@echo "Setting up an emulator of Slack …"
	@mkdir -p .tools/slack-emulator && cp tests/slack_emulator/package.json $< .tools/slack-emulator/
	@cd .tools/slack-emulator && npm ci --silent --no-audit --no-fund
	@touch $@

.venv/.ready: pyproject.toml uv.lock | .tools/uv
	@echo "Setting up .venv …"
	@$(UV) sync --quiet --frozen --no-dev --inexact --python "$(PYTHON)"
	@touch $@

.venv/.dev: pyproject.toml uv.lock | .tools/uv
	@echo "Setting up .venv with the tools of development …"
	@$(UV) sync --quiet --frozen --python "$(PYTHON)"
	@touch $@ .venv/.ready

.tools/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
