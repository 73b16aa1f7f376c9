# Two commands do everything on a machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PEOPLE ?= 50000
UV     := $(BIN)/uv pip install --quiet --python $(BIN)/python
UPGRADE ?=

.PHONY: install install-test install-spark oracles demo test test-all check serve bench docs lock wheel clean

install: $(VENV)/.base  ## what it takes to run, in .venv
install-test: $(VENV)/.test  ## and what it takes to test

$(BIN)/uv: locks/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; name yours: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt

$(VENV)/.base: locks/base.txt locks/build.txt pyproject.toml $(BIN)/uv
	$(UV) --require-hashes -r locks/base.txt -r locks/build.txt
	$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: locks/test.txt $(VENV)/.base
	$(UV) --require-hashes -r locks/test.txt
	@touch $@

install-spark: install-test  ## linking on Spark, which wants Java 17
	$(UV) --require-hashes -r locks/spark.txt

oracles: $(BIN)/uv  ## what tests of the gate hold its answers against, in an environment of its own
	$(PYTHON) -m venv .oracles
	$(BIN)/uv pip install --quiet --python .oracles/bin/python --require-hashes -r locks/oracles.txt

demo: install  ## build the county, run every agreement, print where to look
	$(BIN)/sharewell demo county --people $(PEOPLE)

test: install-test check  ## everything that must hold before a commit
	$(BIN)/pytest -n 2 --dist loadgroup -m "not long"

test-all: install-test check  ## with the long runs: thousands of random plans
	$(BIN)/pytest -n 2 --dist loadgroup

check: install-test  ## style, types and the shape of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve:  ## look at the demo's reports on http://localhost:8000
	@test -d county/.sharewell/releases || { echo "Nothing to serve yet: run make demo first."; exit 1; }
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory county/.sharewell/releases

bench: install-test  ## every benchmark, side by side with its peer
	@set -e; for module in $$(grep -l __main__ benchmarks/*.py); do \
	  $(BIN)/python -m benchmarks.$$(basename $$module .py) --json; done

docs: install-test  ## write the reference pages again from the code
	$(BIN)/python -m docs.make

lock: install  ## resolve the locks again, keeping what fits; UPGRADE=--upgrade takes the newest
	@set -e; compile() { $(BIN)/uv pip compile --quiet "$$@" $(UPGRADE) --python-version 3.11 --universal \
	  --no-emit-index-url --no-header --generate-hashes; }; \
	compile pyproject.toml --extra test -o locks/test.txt; \
	compile pyproject.toml -c locks/test.txt -o locks/base.txt; \
	compile pyproject.toml --extra spark -c locks/test.txt -o locks/spark.txt; \
	compile benchmarks/oracles.in -o locks/oracles.txt; \
	sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | compile - -c locks/test.txt -o locks/build.txt

wheel: install  ## a wheel in dist/, with the agreements and contracts inside
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .

clean:  ## take away what was made here
	rm -rf $(VENV) county build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
