# Everything a developer or an operator does here, by name. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3
UV ?= uv
ARGS ?=

# The first python of at least 3.11 on the PATH; `make PYTHON=...` names another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$p && break; done)

# Only what the locks name runs during an install: first the tools that build, then the packages,
# then the node itself, which is linked, not copied.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL_BUILD := $(PIP) install --require-hashes -r requirements-build.txt
INSTALL_LOCKED := $(PIP) install --require-hashes --no-build-isolation --use-pep517 -r
INSTALL_NODE := $(PIP) install --no-deps --no-build-isolation --editable .

STRUCTURE_TESTS := tests/test_architecture.py tests/test_style.py tests/test_repository.py
LOCK := $(UV) pip compile --group build --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-header --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-full soak run migrate openapi lock clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(VENV)/.runtime ## Install the node and what it runs on into .venv

demo: $(VENV)/.runtime ## Show the main job on made-up people (ARGS="--json", ARGS="--list FILE")
	@$(BIN)/rfl demo $(ARGS)

test: $(VENV)/.dev ## Run every test but the long runs
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m "not soak" $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types and the tests of structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src
	$(BIN)/pytest -q $(STRUCTURE_TESTS)

bench: $(VENV)/.bench ## Measure with small sizes (at most 15 minutes)
	$(BIN)/python -m benchmarks.run --small $(ARGS)

bench-full: $(VENV)/.bench ## Measure with the full sizes (long)
	$(BIN)/python -m benchmarks.run --full $(ARGS)

soak: $(VENV)/.dev ## Run the long runs and print their tables (SOAK_SEED=N, SOAK_KEEP, SOAK_PATIENCE)
	$(BIN)/pytest -q -s -m soak $(ARGS)

run: $(VENV)/.runtime ## Serve a node with the settings in RFL_*
	$(BIN)/rfl serve $(ARGS)

migrate: $(VENV)/.runtime ## Bring the database of RFL_* to the newest form
	$(BIN)/rfl db upgrade $(ARGS)

openapi: $(VENV)/.runtime ## Write openapi/rfl.json from the app
	mkdir -p openapi
	$(BIN)/rfl openapi > openapi/.rfl.json.new
	mv openapi/.rfl.json.new openapi/rfl.json

lock: ## Resolve the locked requirements anew (needs uv; ARGS=--upgrade takes newer releases)
	$(LOCK) pyproject.toml $(ARGS) --output-file requirements.txt
	$(LOCK) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) pyproject.toml --group dev --group bench --constraint requirements-dev.txt \
		--output-file requirements-bench.txt
	$(LOCK) --constraint requirements.txt --output-file requirements-build.txt

clean: ## Remove .venv, caches and built files
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests migrations benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian parts ensurepip from python3; there the machine's own pip puts one into the environment.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found on the PATH;" \
		"name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		$(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $@ install pip; } \
		|| { rm -rf $(VENV); echo "$(PYTHON) can make no environment: it needs pip" >&2; exit 1; }

$(VENV)/.runtime: requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages into $(VENV), once ..." >&2
	@$(INSTALL_BUILD)
	@$(INSTALL_LOCKED) requirements.txt
	@$(INSTALL_NODE)
	@touch $@

# The developer's lock holds the run-time one, so both stamps are good after it.
$(VENV)/.dev: requirements-dev.txt requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages and the developer's tools into $(VENV), once ..." >&2
	@$(INSTALL_BUILD)
	@$(INSTALL_LOCKED) requirements-dev.txt
	@$(INSTALL_NODE)
	@touch $(VENV)/.runtime $@

# The peers of the searches, hundreds of megabytes, come on top for `make bench` alone.
$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "Installing what the benchmarks measure beside into $(VENV), once ..." >&2
	@$(INSTALL_LOCKED) requirements-bench.txt
	@touch $@
