# What people type. Everything lives in .venv; both `make demo` and `make test` build it when it is not there.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin

.PHONY: demo test lint bench bench-real

demo: .venv/.installed
	$(BIN)/snakemake --cores $(CORES)
	@echo "The report is in metrics/report.html: open it in a browser."

test: .venv/.tested
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: .venv/.tested
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakefmt --check Snakefile workflow/rules

bench: .venv/.tested
	$(BIN)/python benchmarks/detection.py
	$(BIN)/python benchmarks/training.py

bench-real: .venv/.tested
	$(BIN)/python benchmarks/real_faces.py

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv

.venv/.installed: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[pipeline]'
	@touch $@

.venv/.tested: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[dev]'
	@touch .venv/.installed $@
