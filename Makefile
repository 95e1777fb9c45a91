# Two commands do everything on a machine that has Python 3.11 or newer and make:
#   make run    sets up, builds the published statements, says where the map lies
#   make test   sets up and runs every check
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
INPUT  ?= data/raw/published_statements.csv
OUT    ?= data/processed/published_statements

.PHONY: run test lint types tests setup lock gazetteer notebooks clean
.DEFAULT_GOAL := run

run: setup
	$(BIN)/python -m linemap build $(INPUT) --statements --out $(OUT)

test: setup lint types tests

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "linemap needs Python 3.11 or newer; say which with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

tests: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term

# Maintainers: after a change of the dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --extra test --extra lint --extra build --universal \
	  --generate-hashes --no-emit-index-url --python-version 3.11 --upgrade --quiet \
	  --custom-compile-command "make lock" -o requirements.lock

notebooks: setup
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
