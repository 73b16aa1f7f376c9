# Two commands do everything on a machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PEOPLE ?= 50000
SERVE  ?= 1

.PHONY: install install-test demo test test-all check serve bench docs lock clean

install: $(VENV)/.base
install-test: $(VENV)/.test

$(VENV)/bin/uv: locks/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt

$(VENV)/.base: locks/base.txt pyproject.toml $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/base.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.test: locks/test.txt $(VENV)/.base
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/test.txt
	@touch $@

demo: install  ## build the county, run every agreement, print where to look
	$(BIN)/sharewell demo county --people $(PEOPLE)

test: install-test check  ## everything that must hold before a commit, in under ten minutes
	$(BIN)/pytest -n 2 --dist loadgroup -m "not long"

test-all: install-test check  ## with the long runs: hours of random plans, rates over 200 seeds
	$(BIN)/pytest -n 2 --dist loadgroup

check: install-test  ## style, types and the shape of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve:  ## look at the demo's reports on http://localhost:8000 (pages of their own come with the web application)
	@test -d county/.sharewell/releases || (echo "Nothing to serve yet: run make demo first." && exit 1)
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory county/.sharewell/releases

bench: install-test  ## every benchmark, side by side with its peer
	for work in county link matching suppression agreement end_to_end; do $(BIN)/python -m benchmarks.$$work --json; done

docs: install-test  ## write the reference pages again from the tests and the code
	$(BIN)/python -m docs.make

lock: install  ## resolve the locks anew; they name no registry
	for part in base test; do extra=; [ $$part = test ] && extra="--extra test"; \
	$(BIN)/uv pip compile -q pyproject.toml $$extra --python-version 3.11 --universal \
	  --no-emit-index-url --no-header --generate-hashes -o locks/$$part.txt; done

clean:
	rm -rf $(VENV) county build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
