# What people type. Everything lives in .venv, which each target builds when it is not there.
PYTHON ?= python3
CORES ?= all
REMOTE ?= # where `make pull` pulls from, if not a folder: s3, ssh, gs, azure
BIN := .venv/bin

.PHONY: install demo vote pull

install: .venv/.installed

demo: .venv/.installed
	$(BIN)/snakemake --cores $(CORES)
	@echo "The report is in metrics/report.html: open it in a browser."

vote: .venv/.installed
	PYTHONPATH=src $(BIN)/mien vote

pull: .venv/.installed
	$(if $(REMOTE),$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt 'dvc[$(REMOTE)]')
	$(BIN)/dvc pull
	$(BIN)/snakemake --dry-run

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv

.venv/.installed: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[pipeline]'
	@touch $@

-include tests/develop.mk # test, lint, bench: for those who change mien
