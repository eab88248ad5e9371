# Every target prepares what it needs: `make demo` and `make test` work on a machine that never saw the project.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
HEAVY := $(VENV)/.heavy
DEMO_PDF := build/celsius-2022-05-31.pdf
WORKERS ?= 2

.PHONY: help setup system-libs chinese heavy demo test test-all lint bench samples clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 12

setup: system-libs $(STAMP)  ## system libraries, .venv and all dependencies (repeatable)

system-libs:
	@tools/system-libs.sh

$(STAMP): pyproject.toml constraints.txt tools/setup.sh tools/find-python.sh | system-libs
	tools/setup.sh
	@touch $@

chinese:  ## the typeface of reports in Chinese (Noto Sans CJK, 57 MB)
	@tools/system-libs.sh chinese

heavy: setup $(HEAVY)  ## what the slow tests and the benchmarks need beyond the set-up

$(HEAVY): pyproject.toml constraints.txt tools/heavy.sh tools/system-libs.sh | $(STAMP)
	tools/heavy.sh
	@touch $@

demo: setup  ## the verdict on Celsius as known by 2022-05-31, in the terminal and as a PDF
	@mkdir -p $(dir $(DEMO_PDF))
	$(BIN)/ddcheck profiles/celsius.json --known-by 2022-05-31 --pdf $(DEMO_PDF)
	@ls -l $(DEMO_PDF) 2>/dev/null || echo "No PDF: the system libraries named above are missing."

lint: setup  ## format, lint, types, floors, rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if $(BIN)/ddcheck rules lint --help >/dev/null 2>&1; then echo "ddcheck rules lint"; $(BIN)/ddcheck rules lint; fi

test: lint  ## everything a change must pass
	$(BIN)/pytest -q -n $(WORKERS) -m "not slow"

test-all: lint heavy  ## the same with the slow tests
	$(BIN)/pytest -q -n $(WORKERS)

bench: heavy  ## every measurement, short; FULL=1 up to a million records, which takes long
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/report.py
	$(BIN)/python benchmarks/rules.py $(if $(FULL),--full)
	$(BIN)/python benchmarks/columns.py $(if $(FULL),--full)
	$(BIN)/python benchmarks/ingest.py --profiles $(if $(FULL),10000,1000)

samples: setup chinese  ## the sample reports: six platforms in three languages, a summary, a comparison
	tools/samples.sh

clean:  ## remove what the targets made, .venv included
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
