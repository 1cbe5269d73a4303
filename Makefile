# One command for each thing; `make help` lists them. Needs Python 3.11 or newer and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
T ?= tests
BIND ?= 127.0.0.1:8000

.PHONY: help run demo test lint types bench screenshots

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("iam console: Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ".") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/.installed ## Set everything up and serve the console on 127.0.0.1:8000
	@$(BIN)/python manage.py start --bind $(BIND)

demo: $(VENV)/.installed ## The same with a sample organisation to look around in
	@$(BIN)/python manage.py start --bind $(BIND) --demo

test: $(VENV)/.installed-dev ## Run the tests (T=tests/engine for a part)
	$(BIN)/python -m pytest $(T) -n auto -q -m "not browser and not postgresql"

lint: $(VENV)/.installed-dev ## Style, import contract, types, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/mypy .

bench: $(VENV)/.installed-dev ## Measure speed and query counts
	$(BIN)/python -m bench

screenshots: $(VENV)/.installed-dev ## Pictures of every page into screenshots/
	$(BIN)/python -m pytest tests/e2e/screenshots.py -q -m browser --screenshots-of-pages
