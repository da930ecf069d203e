# What those who change mien type: included by the Makefile at the top, and run from there.
SOURCES := $(shell find src/mien -type f -not -name '*.pyc')

.PHONY: test check lint reference docs bench bench-real bench-eight bench-coverage bench-switches bench-probes bench-live bench-attacks

test: .venv/.tested .venv/.remotes .venv/.live
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: lint # while writing: without the tests that are marked slow
	$(BIN)/python -m pytest -q -n auto --dist loadgroup -m "not slow"

lint: .venv/.tested
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakefmt --check Snakefile workflow/rules

# docs/settings.md, docs/commands.md and docs/tables.md, from the code; a test fails when they are old
reference: .venv/.tested
	PYTHONPATH=src:tests $(BIN)/python -m reference

# the site, in site/; a link that leads nowhere ends it
PAGES := README.md CHANGELOG.md LICENSE CITATION.cff docs examples metrics/README.md tests/README.md benchmarks/README.md
docs: .venv/.docs
	@rm -rf build/pages && mkdir -p build/pages
	git ls-files --cached --others --exclude-standard -- $(PAGES) | tar -c -T - | tar -x -C build/pages
	$(BIN)/properdocs build --quiet --clean --config-file docs/site.yml
	@echo "The site begins at site/index.html."

bench: .venv/.tested
	$(BIN)/python benchmarks/detection.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/wiring.py
	$(BIN)/python benchmarks/frames.py
	$(BIN)/python benchmarks/photos.py
	$(BIN)/python benchmarks/voting_page.py

bench-real: .venv/.tested
	$(BIN)/python benchmarks/real_faces.py

bench-eight: .venv/.tested
	$(BIN)/python benchmarks/eight_variants.py

# ATTACK: a part of the names of those to try
bench-attacks: .venv/.tested
	$(BIN)/python benchmarks/attacks.py '$(ATTACK)'

bench-switches: .venv/.tested
	$(BIN)/python benchmarks/switches.py

bench-probes: .venv/.tested
	$(BIN)/python benchmarks/probes.py

# FER: the Python of an environment with the package fer, see benchmarks/live_speed.py
bench-live: .venv/.tested
	$(BIN)/python benchmarks/live_speed.py $(if $(FER),--fer $(FER))
	$(BIN)/python benchmarks/live_soak.py

bench-coverage: .venv/.tested
	$(BIN)/python benchmarks/coverage.py

# what tests of `dvc push` need and mien does not: dvc for S3 and SSH, and an S3 server; so it is apart
.venv/.remotes: .venv/bin/uv constraints.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/remotes
	$(BIN)/uv pip install --python .venv/remotes/bin/python -c constraints.txt 'dvc[s3,ssh]' 'moto[s3]' flask flask-cors
	@touch $@

# as whoever only runs a model installs mien; the tests of that are apart from what trains
.venv/.live: .venv/bin/uv pyproject.toml constraints.txt $(SOURCES)
	@rm -rf build
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/live
	$(BIN)/uv pip install --python .venv/live/bin/python -c constraints.txt '.[live]'
	@rm -rf build
	@touch $@

.venv/.docs: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[docs]'
	@touch $@

.venv/.tested: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[dev]'
	@touch .venv/.installed $@
