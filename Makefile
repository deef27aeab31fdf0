# Nightdesk. `make demo` needs Python 3.11 or newer and this make, nothing else: no root, no system package.
# `make check` and `make test` say which further tools they need; as root on Debian they install them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY     := .venv/bin/python
LOCK   := .venv/bin/uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes --no-annotate --no-header \
          --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.PHONY: help demo test check fuzz bench bench-capture sweep proofs lock clean environment environment-dev

help:            ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1	/p' Makefile

demo: environment ## the demonstration on this machine; STORY=1 plays the story by itself, FAULTS=1 the faults, BROKER=iotcore|mosquitto chooses the broker
	@exec $(PY) -m hall run $(if $(STORY),--story) $(if $(FAULTS),--faults) $(if $(BROKER),--broker $(BROKER))

# One -v undoes the -q of pyproject.toml: pytest's ordinary closing line is the last line of the run. Most tests wait for
# processes and clocks, so two workers halve the run.
test: environment-dev ## every test, with a real broker, PostgreSQL and browser
	@sh .ci/prepare test
	@$(PY) -m pytest -v -n 2 --dist worksteal $(ARGS)

check: environment-dev .ci/node_modules/.stamp ## lint, format, types, import walls, freshness of the generated contract
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m mypy .ci/environment.py .ci/forbidden.py
	@.venv/bin/lint-imports --no-cache
	@$(PY) -m contract.publish --check
	@node .ci/asyncapi.mjs contract/schemas/asyncapi.json
	@$(PY) .ci/forbidden.py

bench: environment-dev ## the measurements, side by side in one run
	@sh .ci/prepare test
	@exec $(PY) -m tests.bench $(ARGS)

bench-capture: environment-dev ## page capture against its targets; ARGS="--frames 500 --cluttered 2000"
	@exec $(PY) -m tests.bench.bench_capture $(ARGS)

fuzz: environment-dev ## nonsense for everything that reads bytes from outside, ten seconds each; ARGS="--seconds 600 --only NAME"
	@exec $(PY) -m tests.fuzz $(ARGS)

sweep: environment-dev ## the full counts of the fault sweeps; resumable, prints seeds and totals
	@sh .ci/prepare test
	@exec $(PY) -m tests.sweep $(ARGS)

proofs: environment-dev ## what must hold, at full length: guessing, doors, pickups, uploads, prints
	@exec $(PY) -m tests.proofs $(ARGS)

lock: environment-dev ## hashed requirements from pyproject.toml; UPGRADE=1 takes newer versions
	$(LOCK) -o requirements.txt
	$(LOCK) --extra gpio --constraint requirements.txt -o requirements-gpio.txt
	$(LOCK) --group dev --constraint requirements.txt -o requirements-dev.txt

clean:           ## everything that was made here, the demonstration's data included
	rm -rf .venv var .ci/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

environment:
	@"$(or $(PYTHON),python3.11)" .ci/environment.py requirements.txt

environment-dev:
	@"$(or $(PYTHON),python3.11)" .ci/environment.py requirements-dev.txt

.ci/node_modules/.stamp: .ci/package-lock.json
	@sh .ci/prepare check
	@npm ci --prefix .ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
