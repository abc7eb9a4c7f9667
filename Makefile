# Two commands do all the set-up on a fresh Debian 12 machine: `make demo [ONCE=1]` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
SUDO := $(shell [ "$$(id -u)" -eq 0 ] || echo sudo --preserve-env=BASE_IMAGE,ONCE,LANG,PYTHONDONTWRITEBYTECODE)
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help demo test test-long lint types structure unit hospital mutation packages-run packages-test clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: packages-run .venv/.installed ## Run the main job on real containers, then keep serving (ONCE=1: exit)
	@$(SUDO) $(PYTHON) -m sandbox demo $(if $(ONCE),--once)

test: packages-test .venv/.installed lint types structure hospital ## Everything but the long matrices
	$(SUDO) $(PYTHON) -m pytest -n 2 -m "not slow"

test-long: test ## The long matrices as well: every crash point on every flow
	$(SUDO) $(PYTHON) -m pytest -n 2 -m slow

mutation: .mutation/.installed ## How many faults put into grader and loader no test finds: hours, not part of make test
	nice -n 10 .mutation/bin/mutmut run --max-children 1 $(MUTANTS)
	.mutation/bin/mutmut results

lint: .venv/.installed
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

types: .venv/.installed
	.venv/bin/mypy

structure: .venv/.installed
	PYTHONPATH=.:images/his .venv/bin/lint-imports

hospital: .venv/.installed ## Start the engine if there is none, build base, image and golden dataset
	@$(SUDO) $(PYTHON) -m sandbox demo --prepare

packages-run:
	@images/host/install.sh run

packages-test:
	@images/host/install.sh test

# Hash-locked: pip refuses any file whose hash is not in the lock.
.venv/.installed: requirements.lock
	@images/host/install.sh run
	@echo "Preparing the Python environment / 正在准备 Python 环境"
	@/usr/bin/python3 -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.mutation/.installed: requirements.lock tests/mutation.lock
	@images/host/install.sh run
	@/usr/bin/python3 -m venv .mutation
	@.mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
		-r tests/mutation.lock
	@touch $@

clean: ## Stop what this checkout started and remove its containers, state and environment
	@[ ! -x $(PYTHON) ] || $(SUDO) $(PYTHON) -m sandbox clean --yes
	@$(SUDO) rm -rf .venv .state .mutation mutants
