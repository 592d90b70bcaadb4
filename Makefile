# Each target sets the course up in .venv first, where it is not yet; a second call installs nothing.
# Variables: LESSON=03 (one lesson), BENCH=padding (one benchmark), PYTHON=python3.12 (another Python),
# CPU=1 (CPU build of torch on Linux), JOBS=1 (one test or lesson at a time, on all cores), VENV=.venv-newest PINS=/dev/null
# (another folder, other versions), TORCH=2.13.0 (this torch in place of the pinned one). Where the folder wheels/ of
# `make bundle` lies beside this file, nothing comes from the network.

SHELL := bash
PYTHON ?= python3
VENV := .venv
PINS := constraints.txt
JOBS := 2
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
ONLINE := $(if $(CPU),$(shell grep -- '^--extra-index-url' binder/requirements.txt))
INDEX := $(if $(wildcard wheels),--no-index --find-links wheels,$(ONLINE))
EXTRAS := lab,dev,book
NBVAL := --nbval-lax
PYTEST = env -u MAKEFLAGS $(if $(filter-out 1,$(JOBS)),OMP_NUM_THREADS=1) PYTHONPATH=tests/no_network $(RUN) -m pytest tests notebooks $(NBVAL) -n $(JOBS) --dist loadscope
PINNED = sed 's/^torch==.*/$(if $(TORCH),torch==$(TORCH),&)/' $(1) > $(VENV)/pins.txt
PIP := $(RUN) -m pip install --disable-pip-version-check
# Of pip's lines: the packages of a megabyte or more, and when the installation begins
BRIEF := awk '/^ *(Downloading|Using cached) .*[0-9] [MG]B|^ *Processing .*torch-/ { gsub(/^ +|(https:|\.)?\/[^ ]*\/|-(cp|py)[0-9][^ ]*whl| \(from.*/, ""); print "  " $$0 } /^Installing collected/ { print "  Installing " NF - 3 " packages (a minute or two) ..." } { fflush() }'
# The wheels of a bundle are installed where they are those that were packed, to the last byte.
WANTED = $(if $(wildcard wheels),--require-hashes -r wheels/hashes.txt,-c $(VENV)/pins.txt -e '.[$(EXTRAS)]')
BENCHES := postprocess padding step precision masked_loss freezing strategies crossover difficulty learners

export HF_HUB_DISABLE_TELEMETRY = 1
export TOKENIZERS_PARALLELISM = false

.DEFAULT_GOAL := help
.PHONY: help course book test pytest test-deep test-browser pictures test-oldest rehearse-colab rehearse-binder lab build format doctor bench bundle constraints constraints-oldest clean

help: ## Show this list
	@echo "To study: make lab. It sets the course up the first time, then opens lesson 00 in your browser."
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(READY): requirements.txt $(PINS) pyproject.toml
	@$(PYTHON) -c "import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else 'This course needs Python 3.11 or newer; $(PYTHON) is %d.%d. Install one, or name it: make PYTHON=python3.12 ...' % v[:2])"
	@test ! -d wheels || $(PYTHON) -m tools.bundle --fits
	@test -w . || { echo "Nothing can be written to $(CURDIR). Copy the course to a folder of yours."; exit 1; }
	@$(RUN) -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting the course up in $(VENV): once, two to ten minutes. Looking for what fits ..."
	@$(call PINNED,$(PINS))
	@set -o pipefail; PYTHONUNBUFFERED=1 $(PIP) $(INDEX) $(WANTED) | $(BRIEF)
	@$(if $(wildcard wheels),$(PIP) --quiet --no-index --no-build-isolation --no-deps -e .)
	@mkdir -p $(VENV)/share/jupyter/lab/settings && cp binder/overrides.json $(VENV)/share/jupyter/lab/settings/
	@touch $@
	@echo "The course is set up. To study: make lab. All other commands: make help."

course: $(READY) ## Run every lesson (LESSON=03: one) and make the book of what they showed
	@failed=0; $(RUN) -m tools.build --run --jobs $(JOBS) $(LESSON) || failed=1; $(RUN) -m book && exit $$failed

book: $(READY) ## Make the book, _build/html/index.html, of the last run or of the stored outputs
	@$(RUN) -m book

test: $(READY) ## Run the tests and every notebook, with the network blocked
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@$(RUN) -m tools.build --check
	@$(PYTEST)

pytest: $(READY)
	@$(PYTEST)

test-deep: $(READY) ## Run lessons in other ways (COURSE_MIRROR=... for other encoders), 20 kills of each kind, 10,000 drawn inputs a test; hours
	@PYTHONPATH=tests/no_network COURSE_DEEP=1 COURSE_MIRROR="$(COURSE_MIRROR)" $(RUN) -m pytest tests/test_deep.py tests/test_faults.py
	@PYTHONPATH=tests/no_network COURSE_FUZZ=10000 $(RUN) -m pytest tests/test_fuzz.py tests/test_fuzz_files.py

test-browser: $(READY) ## Run the tests that look at pages in Chromium, the system's or Playwright's
	@$(PIP) --quiet $(INDEX) -c $(VENV)/pins.txt -e '.[browser]'
	@PYTHONPATH=tests/no_network $(RUN) -m pytest tests/test_browser_*.py

pictures: test-browser ## Take README's pictures of an exercise and of the lab, in Chromium
	@cp _build/browser/check.png _build/browser/lab.png docs/

test-oldest: ## Run the tests with the oldest versions that requirements.txt admits, in .venv-oldest
	@$(MAKE) --no-print-directory pytest VENV=.venv-oldest PINS=constraints-oldest.txt EXTRAS=lab,dev

rehearse-colab: $(READY) ## Run every lesson as in Colab, on Colab's versions (COLAB_PYTHON=python3.13)
	@$(MAKE) --no-print-directory .venv-colab/.filled VENV=.venv-colab PYTHON=$(or $(COLAB_PYTHON),$(PYTHON))
	@$(RUN) -m tools.rehearse colab .venv-colab $(LESSON)

.venv-colab/.filled: constraints-oldest.txt
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@sed -n 's/ *# Colab$$//p' $< > $(VENV)/has.txt
	@$(call PINNED,$(VENV)/has.txt)
	@echo "Making $(VENV), with what Colab has ..."
	@$(PIP) --quiet $(INDEX) -r $(VENV)/pins.txt
	@touch $@

rehearse-binder: $(READY) ## Build what Binder builds, run every lesson there on one core, in 2 GB (BINDER_PYTHON=...)
	@rm -rf _build/binder && $(PYTHON) -m venv _build/binder/repo2docker
	@_build/binder/repo2docker/bin/pip install --quiet jupyter-repo2docker==2026.4.0
	@sh binder/rehearse.sh _build/binder/repo2docker/bin/jupyter-repo2docker $(or $(BINDER_PYTHON),python3.12) _build/binder
	@$(RUN) -m tools.rehearse binder _build/binder $(LESSON)

lab: $(READY) ## Open JupyterLab on the first lesson
	@echo "JupyterLab opens in your browser. To stop it, press Ctrl+C here and answer y."
	@test -w "$$HOME" || export HOME="$(CURDIR)/_runs/home"; $(VENV)/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir="$(CURDIR)" notebooks/00_start_here.ipynb

build: $(READY) ## Make the notebooks and solutions from notebooks/source (LESSON=03: one)
	@$(RUN) -m tools.build $(if $(REPOSITORY),--repository $(REPOSITORY)) $(LESSON)

doctor: $(READY) ## Tell whether this machine has what the lessons need
	@$(RUN) -m helpers.course

format: $(READY) ## Format the code and mend what ruff can
	@$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

bench: $(READY) ## Measure what the claims rest on, an hour (BENCH=postprocess: one of them)
	$(if $(filter-out $(BENCHES),$(BENCH)),$(error There is no benchmark "$(BENCH)". There are: $(BENCHES)))
	@failed=0; for bench in $(or $(BENCH),$(BENCHES)); do COURSE_TRACK=$$(case $$bench in padding) echo full;; strategies) echo $(or $(COURSE_TRACK),tiny);; *) echo tiny;; esac) $(RUN) -m benchmarks $$bench || failed=1; done; exit $$failed

bundle: $(READY) ## Make one archive that installs and runs with no network (COURSE_MIRROR=...: with that data)
	@$(RUN) -m tools.bundle $(INDEX)

constraints: $(READY) ## Write constraints.txt from what .venv holds
	@set -o pipefail; $(RUN) -m pip freeze --exclude-editable | sed 's/+cpu$$//' > $(VENV)/frozen && mv $(VENV)/frozen constraints.txt

constraints-oldest: $(READY) ## Write constraints-oldest.txt from Colab's list of packages (COLAB=file)
	@$(PIP) --quiet --upgrade --target _build/uv uv==0.13.9
	@sh binder/oldest.sh _build/uv/bin/uv $(COLAB) > $(VENV)/frozen && mv $(VENV)/frozen constraints-oldest.txt

clean: ## Remove what the course wrote (not .venv)
	@rm -rf _build _runs .pytest_cache .ruff_cache .hypothesis
