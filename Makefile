# Two commands: `make sweep` sets everything up and runs the main job,
# `make test` passes the tests. Both say what they install; once it is there
# they work offline. docs/set-up.md says more.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The versions of all that is installed; LOCK=/dev/null takes the newest of everything.
LOCK ?= .ci/lock.txt

.PHONY: sweep test proofs tutorials models lint functions reference docs samples benchmarks layout-signoff lock fresh clean

sweep: $(VENV)/.installed
	$(BIN)/anaspike sweep-vdd --from 0.55 --to 0.75

# On every core, four at most: a test file stays with one process, and so do its fixtures.
test: lint models
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# What takes minutes and need not be shown again by every test run (marker `proof`).
proofs: models $(VENV)/.installed-notebook
	$(BIN)/pytest -m proof

# Execute the tutorials and write what they show into them; ONLY="1 3" does those alone.
tutorials: $(VENV)/.installed-notebook
	$(BIN)/python docs/tutorials/execute.py $(ONLY)

# The processes' models that tests ask for, into the user's data folder.
models: $(VENV)/.installed-dev
	$(BIN)/anaspike pdk install sky130
	$(BIN)/anaspike pdk install gf180mcu

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Write the public functions anew after a change of the commands' options.
functions: $(VENV)/.installed-dev
	$(BIN)/python .ci/functions.py

# Regenerate what is committed: decks, the generic28 table, reference results;
# ONLY="xor energy" does those flows alone.
reference: $(VENV)/.installed-dev
	$(BIN)/python results/reference/regenerate.py $(ONLY)

# The documentation as a site in site/, every link checked. Pages open from the folder; for the search,
# serve it: python -m http.server -d site
docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The outputs that pages show, printed anew; ONLY="first-steps" those of one page.
samples: $(VENV)/.installed
	$(BIN)/python docs/samples.py $(ONLY)

# ONLY="charge_model campaign" measures those alone.
benchmarks: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(ONLY)

# The community's rule check of the committed layouts, beside our own; it says where to get the
# program and the deck, which do not come with anaspike.
layout-signoff: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.layout_signoff netlists/layouts/*.gds netlists/layouts/*/*.gds

# Renew the lock: the newest version of each tool and library.
lock:
	.ci/lock "$(PYTHON)" .ci/lock.txt

# `make sweep` and `make test` in a bare Debian 12 and 13, for whoever changes the set-up
# (needs root and debootstrap; takes half an hour and 3 GB for a while).
RELEASES ?= bookworm trixie
fresh:
	.ci/fresh $(RELEASES)

$(VENV)/.installed: pyproject.toml .ci/setup $(LOCK)
	.ci/setup "$(PYTHON)" "$(VENV)" "." "$(LOCK)"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	.ci/setup "$(PYTHON)" "$(VENV)" ".[dev]" "$(LOCK)"
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	.ci/setup "$(PYTHON)" "$(VENV)" ".[docs]" "$(LOCK)"
	@touch $@

$(VENV)/.installed-notebook: $(VENV)/.installed-dev
	.ci/setup "$(PYTHON)" "$(VENV)" ".[dev,notebook]" "$(LOCK)"
	@touch $@

clean:
	rm -rf $(VENV) site results/runs
