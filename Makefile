# make run: everything, from nothing to http://localhost:8000. PORT=9000 make run takes another port.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: help setup run build migrate test check format proof clean

PORT ?= 8000
export PORT
VENV := .venv
PYTHON := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
unexport VIRTUAL_ENV PYTHONHOME

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

# The newest Python that runs and can make an environment: one that is only named on the path does not count.
$(PYTHON):
	@for python in python3.13 python3.12 python3.11; do \
		if $$python -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Using $$($$python --version)"; rm -rf $(VENV); $$python -m venv $(VENV) && exit 0; \
		fi; \
	done; \
	echo "Chat needs Python 3.11, 3.12 or 3.13 with venv: install python3.13 and python3.13-venv, then try again." >&2; \
	exit 1

# What is installed belongs to these requirements, whatever their dates say.
setup: $(PYTHON) ## the environment, with what requirements.txt names
	@wanted=$$($(PYTHON) -c 'import hashlib, sys; print(hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())'); \
	if [ "$$(cat $(VENV)/requirements.installed 2>/dev/null || true)" != "$$wanted" ]; then \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt; \
		echo "$$wanted" > $(VENV)/requirements.installed; \
	fi

build: setup ## the pages, when what they are made of has changed
	@$(PYTHON) -m chat_app build --if-needed

migrate: setup ## the database, to the newest tables
	@$(PYTHON) -m chat_app migrate

run: build ## the service
	@exec $(PYTHON) -m chat_app serve

test: build ## the tests; those that lack Chromium, nginx, PostgreSQL or Redis are named and left out (in CI: a failure)
	@$(PYTHON) -m pytest $(TESTS)

check: setup ## format, lint, types, and who imports whom
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m pyright
	@$(PYTHON) -m pytest -q tests/test_floors.py

format: setup ## lay the code out
	@$(PYTHON) -m ruff check --fix-only .
	@$(PYTHON) -m ruff format .

proof: build ## the full-size figures and faults, about half an hour
	@$(PYTHON) -m bench.proof

clean: ## remove what was built; data and environment stay
	@rm -rf .web .states .pytest_cache .ruff_cache .hypothesis
