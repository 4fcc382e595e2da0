# One command each. Needs Python 3.11 or newer and make; everything else is installed into .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
FUZZ ?= 330
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
POSTGRES ?= postgres://postgres@127.0.0.1:5432/postgres
REDIS ?= redis://127.0.0.1:6379/0

.DEFAULT_GOAL := help
.PHONY: help setup run test test-services test-browser test-sdks fuzz fuzz-sqlite fuzz-postgresql soak bench lint format lock clean

help:
	@echo 'make run            start it on http://127.0.0.1:$(PORT) (PORT, FLUENZR_VAR, DATABASE_URL)'
	@echo 'make setup          install the packages and make the database, without starting'
	@echo 'make test           all the tests that need no server'
	@echo 'make test-services  the same tests on PostgreSQL, those that need Redis, and those that start processes'
	@echo 'make test-browser   the tests in Chromium'
	@echo 'make test-sdks      the Python and JavaScript clients, against a running server; needs Node and npm'
	@echo 'make fuzz           the API over its own description, on SQLite and PostgreSQL (FUZZ=examples an operation)'
	@echo 'make soak           workers killed again and again while they send, on both databases'
	@echo 'make bench          how fast it is, beside a yardstick; writes docs/performance.md'
	@echo 'make lint           style, types, architecture, migrations, deployment checks'
	@echo 'make format         write the code the way lint wants it'
	@echo 'make lock           resolve the dependencies anew'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo 'Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python3.11'; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(BIN)/python
	@echo 'Installing the packages, once …'
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo 'Installing the packages for development, once …'
	@$(PIP) -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.run
	@$(BIN)/python manage.py migrate --verbosity 0

run: $(VENV)/.run
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto -m 'not services and not browser and not processes'

test-services: $(VENV)/.dev
	@$(BIN)/python tests/support/servers.py $(POSTGRES) $(REDIS)
	$(BIN)/python -m pytest -n 3 -m 'processes and not services'
	DATABASE_URL=$(POSTGRES) TEST_REDIS_URL=$(REDIS) $(BIN)/python -m pytest -n auto --database-only $(PAGES) -m 'not browser and not once'

test-browser: $(VENV)/.dev
	@command -v chromium >/dev/null || { echo 'Chromium is missing: install the package "chromium"'; exit 1; }
	$(BIN)/python -m pytest -n auto --dist loadfile -m browser

# Each client's own tests, those against a server, and its package: built, installed from the file, used.
test-sdks: $(VENV)/.dev
	@command -v npm >/dev/null || { echo 'Node and npm are missing: install the packages "nodejs" and "npm"'; exit 1; }
	$(BIN)/python tests/support/running.py make -C sdks/python PYTHON=$(abspath $(BIN)/python)
	$(BIN)/python tests/support/running.py make -C sdks/javascript

fuzz: fuzz-sqlite fuzz-postgresql

fuzz-sqlite: $(VENV)/.dev
	$(BIN)/python tests/fuzz/run.py $(FUZZ)

fuzz-postgresql: $(VENV)/.dev
	@$(BIN)/python tests/support/servers.py $(POSTGRES)
	$(BIN)/python tests/fuzz/run.py $(FUZZ) $(POSTGRES)

soak: $(VENV)/.dev
	@$(BIN)/python tests/support/servers.py $(POSTGRES)
	$(BIN)/python tests/campaigns/kill/run.py
	$(BIN)/python tests/campaigns/kill/run.py --database $(POSTGRES)

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	FLUENZR_PUBLIC_URL=https://crm.example.org FLUENZR_ALLOWED_HOSTS=crm.example.org \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

# Versions and hashes only: no file of ours says where the packages came from.
COMPILE := $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options
lock: $(VENV)/.dev
	$(COMPILE) --upgrade --output-file requirements.lock pyproject.toml
	$(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
