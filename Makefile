# Every target works on a fresh clone with Python 3.11 or newer; nothing else needs to be installed.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUNBUFFERED := 1

.PHONY: help setup demo serve test lint typecheck contracts bench evaluate clean

help:
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.venv/base: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		(echo "Python 3.11 or newer is needed; say which with 'make PYTHON=python3.12 demo'." && exit 1)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned dependencies into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch .venv/base

.venv/dev: .venv/base
	@echo "Installing what development needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv/dev

setup: .venv/dev ## everything for development, in .venv

demo: .venv/base ## decompose the example specification for every subsystem
	@$(BIN)/python manage.py seed_demo

serve: .venv/base ## pages, API and task queue on http://127.0.0.1:8000
	@$(BIN)/python manage.py serve

PURE = language documents analyst quality# rooms that know no database: once is enough

test: .venv/dev ## the test suite, on SQLite and on PostgreSQL
	@echo "== SQLite"
	@$(BIN)/python -m pytest -n auto
	@echo "== PostgreSQL"
	@$(BIN)/python tests/with_postgres.py $(BIN)/python -m pytest -n auto $(PURE:%=--ignore=tests/runs/%)

lint: .venv/dev ## ruff, format and code rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

typecheck: .venv/dev ## mypy --strict
	@$(BIN)/mypy .

contracts: .venv/dev ## which room may import which
	@$(BIN)/lint-imports

bench: .venv/dev ## the figures of docs/figures.md; with DATA=folder also those on real specifications
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/large_text.py
	@$(BIN)/python benchmarks/ledger.py
	@$(BIN)/python benchmarks/gateway.py
	@$(BIN)/python benchmarks/gateway.py --database postgresql
	@$(BIN)/python benchmarks/run_overhead.py
	@$(BIN)/python benchmarks/estimate.py
	@$(BIN)/python benchmarks/anomalies.py
	@$(BIN)/python benchmarks/exports.py
	@$(BIN)/python benchmarks/faults.py
	@$(BIN)/python benchmarks/reports.py --runs 10000
	@$(BIN)/python benchmarks/pages.py --runs 10000
	@test -z "$(DATA)" || $(BIN)/python benchmarks/decompose_specs.py --data $(DATA)
	@test -z "$(DATA)" || $(BIN)/python benchmarks/page_breaks.py --data $(DATA)

evaluate: .venv/base ## accuracy on labelled documents, in DATA=folder
	@test -n "$(DATA)" || (echo "Say where the labelled documents are: make evaluate DATA=folder" && exit 1)
	@$(BIN)/python manage.py evaluate --data $(DATA)

clean: ## remove what the other targets made, except the database
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
