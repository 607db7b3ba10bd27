# The two commands: `make run` and `make test`. They need Python 3.11, 3.12 or 3.13 with pip and venv, nothing else.

PORT ?= 8000
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test lint bench clean

help:
	@echo "make run    start the site with the demo networks at http://127.0.0.1:$(PORT)/  (PORT=8001 for another port)"
	@echo "make test   run every test  (ARGS='-k search' for some)"
	@echo "make lint   check format, style, imports and types"
	@echo "make bench  measure what must be fast"
	@echo "make clean  remove the virtual environment and caches; var/ with your data stays"

run: $(STAMP)
	@exec $(BIN)/python manage.py up --demo --port $(PORT) $(ARGS)

test: $(STAMP)
	@exec $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	SECRET_KEY=lint ENV_FILE=/dev/null $(BIN)/mypy

bench: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@exec $(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis test-results
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# Built again only when what it is built from changed, or when it was moved. The first Python that really runs wins:
# a version manager's shim may be on PATH and still fail.
$(STAMP): pyproject.toml constraints.txt
	@set -e; python=; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; \
	  then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 with pip and venv is needed (on Debian: apt-get install python3 python3-venv)," >&2; \
	  echo "and none was found. If it has another name: make PYTHON=/path/to/python3.13 run" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version) ..."; \
	$$python -m venv --clear $(VENV); \
	printf 'Installing, which takes a minute or two the first time '; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]' \
	  >$(VENV)/install.log 2>&1 & pid=$$!; \
	trap 'kill $$pid 2>/dev/null; exit 1' INT TERM; \
	while kill -0 $$pid 2>/dev/null; do printf .; sleep 1; done; echo; \
	wait $$pid || { tail -n 20 $(VENV)/install.log >&2; exit 1; }
	@touch $@
