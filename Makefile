# One command each: serve, test, check (all that CI runs), fix, bench. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run-time
DEV_STAMP := .venv/.dev
# Tests wait for disks more than for anything else: what they write lies in memory where the machine has 4 GB free for files there.
export PYTEST_DEBUG_TEMPROOT ?= $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')

# A module's tests go to one worker, so that what it starts is started once; in the order of tests/conftest.py.
SHARED := --dist loadfile --no-loadscope-reorder

.PHONY: help serve test check cover soak fix bench bench-scale bench-peers lock docs

help: ## What there is to run
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_STAMP)

serve: $(RUN_STAMP) ## Start the archive on http://127.0.0.1:8000, with the demo works where it is empty
	$(BIN)/fanarchive demo --if-empty
	$(BIN)/fanarchive serve

test: $(DEV_STAMP) ## All tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -q -n 2 $(SHARED)

check: $(DEV_STAMP) ## All that CI runs: format, lint, types, import rules, documents, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/fanarchive openapi --check
	$(BIN)/python -m pytest -q -n 3 $(SHARED)

cover: $(DEV_STAMP) ## The tests again, with the lines counted that they go over: takes half as long again
	$(BIN)/python -m pytest -q -n 3 $(SHARED) --cov --cov-report=term:skip-covered --cov-fail-under=85

soak: cover ## What takes long: lines gone over, properties by chance, made-up requests, several hosts, faults (as root, with libfaketime)
	FANARCHIVE_EXAMPLES=chance $(BIN)/python -m pytest -q -n 2 $(SHARED) -m hypothesis
	FANARCHIVE_FUZZ_EXAMPLES=150 $(BIN)/python -m pytest -q -n 0 --timeout 7200 tests/api/test_openapi_fuzz.py
	$(BIN)/python -m tests.soak.report
	FANARCHIVE_DUMP_EXAMPLES=300 $(BIN)/python -m pytest -q -n 0 --timeout 7200 tests/exports/test_folder_property.py
	$(BIN)/python -m tests.soak.hosts
	test -z "$$FANARCHIVE_SAMPLE_DATA" || $(BIN)/python -m tests.formats.report
	test -z "$$FANARCHIVE_SAMPLE_DATA" || $(BIN)/python -m tests.soak.duplicates
	$(BIN)/python -m tests.soak.point_in_time
	$(BIN)/python -m tests.faults.killing --database sqlite --workers 2 --kills 100
	$(BIN)/python -m tests.faults.killing --database postgresql --workers 2 --kills 100
	$(BIN)/python -m tests.faults.importing --database sqlite
	$(BIN)/python -m tests.faults.importing --database postgresql
	unshare --mount $(BIN)/python -m tests.faults.filling --database sqlite --keep
	unshare --mount $(BIN)/python -m tests.faults.filling --database postgresql --keep
	unshare --net $(BIN)/python -m tests.faults.vanishing
	$(BIN)/python -m tests.faults.clocks --database sqlite
	$(BIN)/python -m tests.faults.clocks --database postgresql
	$(BIN)/python -m tests.faults.storming
	$(BIN)/python -m tests.faults.results

fix: $(DEV_STAMP) ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP) ## The benchmarks, as ratios
	$(BIN)/python -m benchmarks

bench-scale: $(DEV_STAMP) ## How reads, imports, memory grow up to a million works, on both databases (hours, 12 GB of disk)
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.scale --database postgresql

bench-peers: $(DEV_STAMP) ## The same works in a plain service, Datasette and calibre, where it is installed
	$(BIN)/python -m benchmarks.peers

docs: $(DEV_STAMP) ## Write docs/openapi.json, and the output in the guide where it no longer fits
	$(BIN)/fanarchive openapi
	$(BIN)/python -m tests.docs.write

# The extras stay in the pins: pip before 23.3 looks for a newer release of `name[extra]` where only `name` is pinned.
lock: $(DEV_STAMP) ## Pin the dependencies anew (needs uv)
	uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-header --no-annotate --extra postgres --group pyproject.toml:build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-header --no-annotate --extra postgres --extra oidc --group pyproject.toml:dev pyproject.toml -o requirements-dev.lock
