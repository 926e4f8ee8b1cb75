# One help line each; `make` alone prints them.
PYTHON ?= python3.11
BIN := .venv/bin
WEIGHTS := all-minilm-l6-v2 smollm2-135m
DATA ?= data/public
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start many processes, and each would compile again all that it imports: two thirds of what a start costs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check soak bench eval screenshots browser clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed  ## virtual environment, packages, weights and knowledge
	@$(BIN)/assistant models pull $(WEIGHTS)
	@$(BIN)/assistant ingest

# What is imported compiles then; most of it never is.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e '.[dev]'
	@touch $@

run: .venv/installed  ## serve on http://127.0.0.1:8080, first key printed
	@$(BIN)/assistant models pull $(WEIGHTS)
	@$(BIN)/assistant serve

test:  ## every check: style, types, imports, tests
	@$(MAKE) --no-print-directory -j 2 .venv/installed browser
	@$(MAKE) --no-print-directory -j 2 setup check
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder  # Three on two cores: tests also wait.

check: .venv/installed
	$(BIN)/ruff check assistant tests benchmarks docs/*.py
	$(BIN)/ruff format --check assistant tests benchmarks docs/*.py
	$(BIN)/mypy
	$(BIN)/lint-imports

browser:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "no chromium: the page tests will say they did not run; install Debian's chromium package"

soak: setup  ## the long campaigns: 32 users for 10 minutes, kills, many texts, the harness; SOAK_MINUTES, LM_EVAL
	$(BIN)/pytest -m soak -s

bench: setup  ## speed beside raw llama.cpp and stock NeMo, guards beside simple ways; DATA=folder of public sets
	$(BIN)/python -m benchmarks.line
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.guards $(DATA)
	$(BIN)/python -m benchmarks.written
	$(BIN)/python -m benchmarks.twins
	$(BIN)/python -m benchmarks.mixed_up
	$(BIN)/python -m benchmarks.near

eval: setup  ## two small models and two plain ways compared on the cases of the three verticals: a report
	$(BIN)/assistant models pull gemma-3-270m
	@# One case at a time leaves the core idle that a service keeps for its checks.
	ASSISTANT_MODEL_THREADS=$$(getconf _NPROCESSORS_ONLN) $(BIN)/assistant eval feedback marketing medical --models smollm2-135m,gemma-3-270m,best-passage,first-words

screenshots: setup browser  ## the pictures of docs/reviewer.md, taken from the running console
	$(BIN)/python -m docs.screenshots

clean:
	rm -rf .venv data
