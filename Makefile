# femna: make demo, make test. Everything goes into .venv and runs/; `make clean` removes the first.

VENV := .venv
BIN := $(VENV)/bin
MPIRUN := $(BIN)/mpirun -n 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The packages are installed again when the declared or pinned ones change; the environment is made anew when its Python
# no longer runs or PYTHON=... asks for another one. All else is a no-op: the install is editable.
IDENTITY := import sys; print("%d.%d:%s" % (*sys.version_info[:2], sys.base_prefix))
HAVE := $(shell $(BIN)/python -c '$(IDENTITY)' 2>/dev/null)
WANT := $(if $(PYTHON),$(shell "$$(PYTHON="$(PYTHON)" tools/find-python 2>/dev/null)" -c '$(IDENTITY)' 2>/dev/null))
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml constraints.txt | cksum | tr ' ' '-')
PYTHON_FITS := $(or $(WANT),$(HAVE),none yet)
ifneq ($(HAVE),$(PYTHON_FITS))
.PHONY: $(STAMP)
endif

.PHONY: help demo test test-faults bench bench-quick lint docs dist image clean

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

$(STAMP):
ifneq ($(HAVE),$(PYTHON_FITS))
	python=$$(PYTHON="$(PYTHON)" tools/find-python) && rm -rf $(VENV) && "$$python" -m venv $(VENV)
endif
	$(BIN)/python -m pip install --quiet --constraint constraints.txt setuptools
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[wheel,tomography,test,dev]'
	@rm -f $(VENV)/.installed-* && touch $@

.venv: $(STAMP)  ## the environment: Python, femna (editable) and its pinned packages

demo: $(STAMP)  ## run the demo case on two ranks, pictures in runs/demo/figures
	$(MPIRUN) $(BIN)/femna run demo -o runs/demo --force
	$(BIN)/femna render runs/demo

test: $(STAMP)  ## every test serially, and what ranks can change on two of them
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(MPIRUN) $(BIN)/python -m pytest

test-faults: $(STAMP)  ## what breaks a run on purpose; writes docs/verification/faults.md
	$(BIN)/python tools/fault_table.py

bench bench-quick: export OMP_NUM_THREADS := 1
bench: $(STAMP)  ## femna against 0.1.0 and other codes: hours on two idle cores; writes docs/performance.md
	$(BIN)/python -m benchmarks.bench full
	$(BIN)/python -m benchmarks.bench_page full

bench-quick: $(STAMP)  ## the same with one round of short cases, five minutes
	$(BIN)/python -m benchmarks.bench quick
	$(BIN)/python -m benchmarks.bench_page quick

lint: $(STAMP)  ## ruff (rules and format), mypy, shellcheck, the order of the rooms, known vulnerabilities
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/check_rooms.py
	$(BIN)/python tools/check_shell.py
	$(BIN)/python tools/audit_dependencies.py

image:  ## the container image, by docker, podman or buildah; BASE=..., see containers/README.md
	containers/build.sh

# What only docs and dist need is installed by them, pinned like all else
$(VENV)/.docs-%: | $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[wheel,test,dev,docs]'
	@rm -f $(VENV)/.docs-* && touch $@

$(VENV)/.dist-%: | $(STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[wheel,test,dev,dist]'
	@rm -f $(VENV)/.dist-* && touch $@

docs: $(STAMP) $(STAMP:$(VENV)/.installed-%=$(VENV)/.docs-%)  ## the documentation as a site, site/index.html: warnings and dead links are errors
	$(BIN)/python tools/site/build.py

dist: $(STAMP) $(STAMP:$(VENV)/.installed-%=$(VENV)/.dist-%)  ## wheel and sdist in dist/, looked at by twine
	rm -rf dist build/lib build/bdist.*
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m twine check --strict dist/*

clean:  ## remove the environment, the site, packages and the tools' caches; runs/ stays
	rm -rf $(VENV) *.egg-info build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
