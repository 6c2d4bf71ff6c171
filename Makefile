# Two commands: `make sweep` sets everything up and runs the main job,
# `make test` passes the tests. Both say what they install; once it is there
# they work offline.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: sweep test lint reference netlists benchmarks clean

sweep: $(VENV)/.installed
	$(BIN)/anaspike sweep-vdd --from 0.55 --to 0.75

test: $(VENV)/.installed-dev lint
	$(BIN)/anaspike pdk install sky130
	$(BIN)/anaspike pdk install gf180mcu
	$(BIN)/pytest

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
