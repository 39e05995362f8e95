# Verger's commands. Needs Python 3.11 or newer with venv, git and make; everything else is installed into .venv from
# the lock files, each the first time a command needs it and again when that lock file changed.

PYTHON ?= python3
DATA ?= ../shared/data/labelled

VENV := .venv
DEMO := var/demo.db
RUN := $(VENV)/bin/python
KERNEL := $(sort $(wildcard models/kernel*.c models/kernel*.h))
COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(RUN) -m uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links $(LOCK_FLAGS)

# Contraction would round a * b + c once where NumPy rounds twice.
COMPILE_KERNEL = $(CC) -O3 -ffp-contract=off -fPIC -shared models/kernel.c -lm \
	-DSOURCES=$$(cat $(KERNEL) | $(RUN) -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())') \
	$$($(RUN) -c 'import sysconfig as s; print("-I" + s.get_path("include"), "-o models/_kernel" + s.get_config_var("EXT_SUFFIX"))')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help kernel serve demo test lint types fit fit-permissive evaluate quality transformer teacher bench postgresql openapi lock

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

kernel: $(RUN) ## Compile the optional kernel, which makes scoring faster; serve, test and bench try it too
	$(COMPILE_KERNEL)

serve: $(VENV)/service.stamp $(VENV)/kernel.stamp ## Start the service; HOST=… and PORT=… say where
	$(RUN) -m service serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

demo: $(VENV)/service.stamp $(VENV)/kernel.stamp ## Fill a fresh store, var/demo.db, with two invented weeks, and serve it; HOST and PORT as above
	@test ! -e $(DEMO).lock || $(RUN) -c 'import fcntl; fcntl.flock(open("$(DEMO).lock"), fcntl.LOCK_EX | fcntl.LOCK_NB)' \
		2>/dev/null || { echo "A demo is running on $(DEMO): stop it first" >&2; exit 1; }
	rm -f $(DEMO) $(addprefix $(DEMO),-wal -shm .lock .erased.jsonl)
	VERGER_STORE=$(DEMO) $(if $(PORT),VERGER_PORT=$(PORT)) $(RUN) -m service demo
	VERGER_STORE=$(DEMO) $(RUN) -m service serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

test: $(VENV)/dev.stamp $(VENV)/kernel.stamp ## Run the tests; ARGS are passed to pytest
	$(RUN) -m pytest $(ARGS)

lint: $(VENV)/dev.stamp ## Check style, formatting and the Dockerfile
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(VENV)/bin/hadolint Dockerfile

types: $(VENV)/dev.stamp ## Check types
	$(RUN) -m mypy

fit: $(VENV)/training.stamp ## Fit a bundle from the labelled comments in DATA
	$(RUN) -m training fit --data $(DATA) $(ARGS)

fit-permissive: $(VENV)/training.stamp ## Fit a bundle from permissively licensed sets only
	$(RUN) -m training fit --data $(DATA) --licences permissive --out var/permissive $(ARGS)

evaluate: $(VENV)/training.stamp ## Print the quality table of the shipped bundle, the permissive one and other engines
	$(RUN) -m training evaluate --data $(DATA) --bundle models/default $(wildcard var/permissive) $(ARGS)
	$(RUN) -m bench.wording --data $(DATA)

quality: $(VENV)/training.stamp $(VENV)/transformer.stamp ## Write the figures of docs/quality.md, measured on DATA
	$(RUN) -m training quality --data $(DATA) $(ARGS)

transformer: $(VENV)/transformer.stamp ## Install the encoder, for the second tier and for texts that no teacher vector is cached of

teacher: $(VENV)/transformer.stamp $(VENV)/training.stamp ## Encode the texts in DATA that the cached teacher vectors lack
	$(RUN) -m training teacher --data $(DATA) $(ARGS)

postgresql: $(VENV)/postgresql.stamp ## Install the driver for a store on PostgreSQL

bench: $(VENV)/service.stamp $(VENV)/training.stamp $(VENV)/transformer.stamp $(VENV)/kernel.stamp ## Measure speed beside other engines and write docs/benchmarks.md
	$(RUN) -m bench $(ARGS)

openapi: $(VENV)/service.stamp ## Write docs/openapi.json from the app
	$(RUN) -m service openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json

lock: $(VENV)/dev.stamp ## Rewrite requirements/ from pyproject.toml; LOCK_FLAGS=--upgrade takes newer releases
	$(COMPILE) --extra service --extra postgresql --extra training --extra report --extra transformer --extra dev --output-file requirements/dev.txt
	$(COMPILE) --extra service --constraints requirements/dev.txt --output-file requirements/service.txt
	$(COMPILE) --extra postgresql --constraints requirements/dev.txt --output-file requirements/postgresql.txt
	$(COMPILE) --extra training --extra report --constraints requirements/dev.txt --output-file requirements/training.txt
	$(COMPILE) --extra transformer --constraints requirements/dev.txt --output-file requirements/transformer.txt

$(RUN):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Verger needs Python 3.11 or newer; name one with PYTHON=")'
	$(PYTHON) -m venv $(VENV)

# A lock file names every package there is to install, so pip resolves nothing, builds nothing, and checks every hash.
$(VENV)/%.stamp: requirements/%.txt | $(RUN)
	@echo "Installing requirements/$*.txt into $(VENV)"
	$(RUN) -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps --only-binary :all: -r $<
	@touch $@

# Nothing needs the kernel: without a compiler, or Python's headers, scoring stays in NumPy.
$(VENV)/kernel.stamp: $(KERNEL) | $(RUN)
	@$(COMPILE_KERNEL) 2>/dev/null || echo "No kernel was compiled; scoring stays in NumPy"
	@touch $@
