# Tongxin. `make demo` and `make test` each work as the first and only command on a machine with Python 3.11 and make.
#   make demo [PORT=8080]   the town on this machine, no account needed
#   make test [JOBS=0]      all tests; JOBS is the number of worker processes: 0 for none, two more than the cores by default
#   make quick X=alerts     the tests of one feature and the contracts, in less than a minute, on a copy of the tree
#   make check              all checks for a commit: format, lint, types, imports, tests
#   make venv               only the runtime packages, for a production machine
#   make lint fmt bench faults lock clean

PORT ?= 8080
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Some thirty processes share what is compiled, whatever the caller says of that.
RUN := PYTHONDONTWRITEBYTECODE= $(PY) -m tests.cpu_time
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help demo test quick check lint lint-format lint-code lint-types lint-imports fmt bench faults lock clean venv

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.run-stamp
	$(PY) -m bot demo --port $(PORT)

test: $(VENV)/.dev-stamp
	$(RUN) -n $(JOBS)

quick: $(VENV)/.dev-stamp
	PYTHONDONTWRITEBYTECODE= $(PY) -m tests.quick "$(X)" -n $(JOBS)

check: lint test

# Four targets, so that `make -k lint` shows the findings of each.
lint: lint-format lint-code lint-types lint-imports

lint-format: $(VENV)/.dev-stamp
	$(VENV)/bin/ruff format --check --output-format concise .

lint-code: $(VENV)/.dev-stamp
	$(VENV)/bin/ruff check --output-format concise .

lint-types: $(VENV)/.dev-stamp
	$(PY) -m mypy

lint-imports: $(VENV)/.dev-stamp
	$(VENV)/bin/lint-imports

fmt: $(VENV)/.dev-stamp
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(VENV)/.dev-stamp
	$(PY) -m benchmarks $(BENCH)

faults: $(VENV)/.dev-stamp
	$(RUN) tests/faults --faults-size full -n $(JOBS) --durations 12
	$(RUN) tests/e2e --channels two --engines sqlite -n $(JOBS)

# uv has its own environment, because only this target needs it. LOCK=--upgrade takes newer versions.
LOCK_WITH = .venv-lock/bin/uv pip compile --quiet $(LOCK) --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

lock: | .venv-lock/bin/uv
	cd requirements && ../$(LOCK_WITH) -o run.txt run.in
	cd requirements && ../$(LOCK_WITH) -o dev.txt dev.in

.venv-lock/bin/uv:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check install --quiet uv==$(UV_VERSION)

venv: $(VENV)/.run-stamp

# A stamp is written only after its install succeeded, so an interrupted install runs again.
$(VENV)/.run-stamp: requirements/run.txt
	@$(call make-venv)
	@echo "Installing the runtime packages into $(VENV) (once)."
	@$(PIP) -r requirements/run.txt
	@touch $@

$(VENV)/.dev-stamp: requirements/dev.txt
	@$(call make-venv)
	@echo "Installing the test packages into $(VENV) (once)."
	@$(PIP) -r requirements/dev.txt
	@touch $(VENV)/.run-stamp $@

define make-venv
if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed, and neither python3.11 nor python3 was found." >&2; exit 1; \
	elif ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "Python 3.11 or newer is needed; $(PYTHON) is older or does not start." \
			"Name another one: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	elif ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "$(PYTHON) has no ensurepip, so it cannot make a virtual environment." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	elif ! "$(PYTHON)" -m venv --clear $(VENV); then \
		echo "$(PYTHON) could not make the virtual environment $(VENV): see the error above." >&2; exit 1; \
	fi; \
fi
endef

clean:
	rm -rf $(VENV) .venv-lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
